// TypeScript to JavaScript file by file.
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { typescriptFiles } from './files.mjs';

/** The modules of a folder, in place of what `outdir` held. */
export async function transpile(folder, outdir) {
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: typescriptFiles(folder),
    outdir,
    outbase: folder,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
}
