// Every example runs and prints what its reader is promised.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));

// The test runner asks for colours, which the patterns do not expect.
const OPTIONS = { encoding: 'utf8', timeout: 60_000, env: { ...process.env, FORCE_COLOR: '0' } } as const;

/** The last lines that each example prints. */
const PROMISES: Record<string, RegExp> = {
  'first-program.mjs':
    /\[ '1\.000000', '-2\.000000', '3\.000000' \]\n\{ tensors: 4, bytes: \d+, heapBytes: \d+ \}\n$/,
  'raw-kernels.mjs': /^200\n$/,
  'threads.mjs': /the same bits\n$/,
};

for (const name of readdirSync(folder).filter((file) => file.endsWith('.mjs'))) {
  test(name, () => {
    assert.ok(PROMISES[name], `${name} has no promise here`);
    assert.match(execFileSync(process.execPath, [folder + name], OPTIONS), PROMISES[name]);
  });
}

test.run();
