// Above 2 GiB an address is a negative number to WebAssembly's signed integers.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const program = fileURLToPath(new URL('../support/high-addresses.js', import.meta.url));

test('results have the same bits below and above 2 GiB', () => {
  const printed = execFileSync(process.execPath, [program], { encoding: 'utf8', timeout: 60_000 });
  assert.is(printed, 'the same bits\n');
});

test.run();
