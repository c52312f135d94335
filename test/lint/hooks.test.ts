// The runner of `npm test` reports what a hook throws as a failure; uvu alone passes over it, and over the tests of the suite.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

interface Result {
  total: number;
  passed: number;
  errors: string;
}

/** What the runner's process says of a file of tests. */
function resultOf(text: string): Promise<Result> {
  // Below this repository, where the file finds uvu.
  mkdirSync('build', { recursive: true });
  const folder = mkdtempSync(resolve('build', 'hooks-'));
  writeFileSync(join(folder, 'file.mjs'), text);
  const child = fork('scripts/test-process.mjs', [folder], { silent: true });
  return new Promise<Result>((done, fail) => {
    child.on('error', fail);
    child.on('exit', (code) => fail(new Error(`the process ended with ${code}`)));
    child.on('message', (message) => {
      if (message === 'ready') child.send('file.mjs');
      else done(message as Result);
    });
  }).finally(() => {
    child.disconnect();
    rmSync(folder, { recursive: true });
  });
}

test('a file without a fault passes', async () => {
  const { total, passed, errors } = await resultOf(
    "import { test } from 'uvu'; test.before(() => {}); test('good', () => {}); test.run();",
  );
  assert.equal([total, passed, errors], [1, 1, '']);
});

for (const hook of ['before', 'before.each', 'after', 'after.each'])
  for (const body of [
    "() => { throw new Error('of the hook'); }",
    'async () => { await 1; throw new Error(); }',
  ])
    test(`a hook ${hook}(${body}) is a failure`, async () => {
      const { errors } = await resultOf(
        `import { test } from 'uvu'; test.${hook}(${body}); test('one', () => {}); test('two', () => {}); test.run();`,
      );
      assert.is.not(errors, '');
    });

test('a hook of a suite of its own', async () => {
  const { total, passed, errors } = await resultOf(
    "import { suite } from 'uvu'; const s = suite('own'); s.before(() => { throw new Error(); }); s('one', () => {}); s.run();",
  );
  assert.equal([total, passed], [1, 0]);
  assert.match(errors, /1 tests did not run: a hook has thrown/);
});

test.run();
