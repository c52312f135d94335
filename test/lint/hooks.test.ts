// `npm test` fails where a hook throws, which uvu alone passes over.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** Runs files of tests in a folder of their own, where they find uvu. */
function run(files: Record<string, string>) {
  const folder = mkdtempSync(resolve('build', 'hooks-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return spawnSync(process.execPath, ['scripts/test.mjs', folder, '.mjs'], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const GOOD = "import { test } from 'uvu'; test('good', () => {}); test.run();";

test('files without a fault pass, and each counts', () => {
  const { status, stdout } = run({ 'a.mjs': GOOD, 'b.mjs': GOOD });
  assert.is(status, 0, stdout);
  assert.match(stdout, /Total: +2/);
  assert.match(stdout, /Passed: +2/);
});

for (const [what, hook] of [
  ['before', "test.before(() => { throw new Error('of the hook'); });"],
  ['before.each', "test.before.each(() => { throw new Error('of the hook'); });"],
  ['before, later', "test.before(async () => { await 1; throw new Error('of the hook'); });"],
  ['after', "test.after(() => { throw new Error('of the hook'); });"],
  ['after.each', "test.after.each(() => { throw new Error('of the hook'); });"],
] as const)
  test(`a hook ${what} that throws`, () => {
    const { status, stdout, stderr } = run({
      'a.mjs': `import { test } from 'uvu'; ${hook} test('one', () => {}); test('two', () => {}); test.run();`,
      'b.mjs': GOOD,
    });
    assert.is(status, 1, stdout);
    assert.match(stdout + stderr, /of the hook/);
  });

test('a hook of a suite of its own', () => {
  const { status, stdout } = run({
    'a.mjs':
      "import { suite } from 'uvu'; const s = suite('own'); s.before(() => { throw new Error(); }); s('one', () => {}); s.run();",
  });
  assert.is(status, 1, stdout);
  assert.match(stdout, /1 of 1 tests did not run, because a hook threw/);
});

test.run();
