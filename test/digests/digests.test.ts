// The bits of results, in the build without fused multiply-add, are those that are committed, and do not depend on the engine's Math.
// .ci/run compares them on other engines too.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { powerOfTwo } from '#src/core/scalars.js';
import { scope, tensor } from '#src/index.js';
import { digestOf } from './digest.js';
import { subjects } from './subjects.js';

const main = fileURLToPath(new URL('./main.js', import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });

test('at least 106 results, each with a digest', () => {
  const known = JSON.parse(
    readFileSync(new URL('../../../test/fixtures/digests.json', import.meta.url), 'utf8'),
  );
  assert.ok(subjects.length >= 106);
  assert.equal(Object.keys(known).sort(), subjects.map(([name]) => name).sort());
});

test('a digest sees the last bit, the dtype, the shape and the sign of 0, and no payload of a NaN', () => {
  const digest = (make: () => unknown) => scope(() => digestOf(make()));
  const x = [1, 2, 3];
  const base = digest(() => ({ x: tensor(x) }));
  assert.is(
    digest(() => ({ x: tensor([...x]) })),
    base,
  );
  for (const other of [
    () => ({ x: tensor([1, 2, 3 + 2 ** -51]) }),
    () => ({ x: tensor(x, { dtype: 'f32' }) }),
    () => ({ x: tensor(x, { shape: [3, 1] }) }),
    () => ({ y: tensor(x) }),
    () => ({ x: tensor(x), n: 1 }),
    () => ({ x: tensor([1, 2]) }),
  ])
    assert.is.not(digest(other), base);
  assert.is.not(digestOf(0), digestOf(-0));
  const nan = new Float64Array(new BigUint64Array([0xfff8000000000001n]).buffer)[0];
  assert.is(digestOf([nan]), digestOf([Number.NaN]));
});

test('the bits are those of the fixture', () => {
  const { status, stdout, stderr } = run();
  assert.is(status, 0, stdout + stderr);
});

test('the bits do not depend on functions of Math whose bits an engine chooses', () => {
  const { status, stdout, stderr } = run('--bent');
  assert.is(status, 0, stdout + stderr);
});

test('powers of two that are written as literals are exact in this engine', () => {
  for (let k = -1074; k <= 1023; k++) assert.is(2 ** k, powerOfTwo(k));
});

test.run();
