// Installs the peers into bench/node_modules on first use, and when there are others, so that `npm ci` at the root stays light.

import { execFileSync } from 'node:child_process';
import { existsSync, statSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** bench/ of the repository; this file runs from build/bench/peers. */
export const peersFolder = resolve(fileURLToPath(new URL('../../../bench', import.meta.url)));

export function installPeers(): void {
  const installed = join(peersFolder, 'node_modules');
  const done = join(installed, '.package-lock.json');
  const listed = join(peersFolder, 'package-lock.json');
  if (!existsSync(done) || statSync(done).mtimeMs < statSync(listed).mtimeMs) {
    console.error('Installing the peers into bench/node_modules …');
    // None of these packages needs its install script, and none may run one.
    const options = { cwd: peersFolder, stdio: 'inherit', shell: process.platform === 'win32' } as const;
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], options);
  }
  // Imports are resolved from the importing file, which is the transpiled one.
  const link = fileURLToPath(new URL('../node_modules', import.meta.url));
  if (!existsSync(link)) symlinkSync(installed, link, 'junction');
}
