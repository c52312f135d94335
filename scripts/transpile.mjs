// TypeScript to JavaScript file by file.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, version } from 'esbuild';
import { filesIn, typescriptFiles } from './files.mjs';

/** The modules of a folder in `outdir`, and nothing else but the files `beside`; only what has changed is written. */
export async function transpile(folder, outdir, beside = []) {
  const list = path.join(outdir, 'sources.json');
  const before = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : {};
  const now = {};
  const changed = typescriptFiles(folder).filter((file) => {
    const out = path.join(outdir, path.relative(folder, file)).replace(/\.ts$/, '.js');
    now[out] = createHash('sha256').update(version).update(readFileSync(file)).digest('hex');
    return before[out] !== now[out] || !existsSync(out);
  });
  rmSync(list, { force: true });
  for (const file of filesIn(outdir))
    if (!(file in now) && !beside.includes(path.relative(outdir, file))) rmSync(file);
  if (changed.length > 0)
    await build({
      entryPoints: changed,
      outdir,
      outbase: folder,
      format: 'esm',
      target: 'es2022',
      logLevel: 'error',
    });
  if (existsSync(outdir)) writeFileSync(list, JSON.stringify(now));
}
