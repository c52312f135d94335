// What a build leaves for the next one: digests of what each step read, in build/stamps, and what takes long to make again.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesIn } from './files.mjs';

/** A digest of texts, and of the contents of files and folders below `root`; generated sources are made of the others. */
export function digestOf(root, paths, ...texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  for (const path of paths.map((name) => join(root, name))) {
    const list = existsSync(path) && statSync(path).isDirectory() ? filesIn(path) : [path];
    for (const file of list) {
      if (file.includes(join('src', 'generated'))) continue;
      hash.update(relative(root, file)).update(existsSync(file) ? readFileSync(file) : '');
    }
  }
  return hash.digest('hex');
}

/** Does `work`, unless it was done with this digest and `output` is still there. */
export async function unlessDone(root, name, digest, output, work) {
  const stamp = join(root, 'build', 'stamps', name);
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(join(root, 'build', 'stamps'), { recursive: true });
  writeFileSync(stamp, digest);
}

/** What `make` gives for this input, a text or bytes: a file in `folder` under the digest of the input, written at the first time. */
export async function keptBy(folder, input, make) {
  const file = join(folder, createHash('sha256').update(input).digest('hex'));
  if (!existsSync(file)) {
    const made = await make(input);
    mkdirSync(folder, { recursive: true });
    // Whole or not at all: a build may be stopped.
    writeFileSync(`${file}.new`, made);
    renameSync(`${file}.new`, file);
  }
  return readFileSync(file);
}
