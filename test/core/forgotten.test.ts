// Tensors that nobody disposes are freed by the garbage collector: large ones and views all, of small ones all but the last few that were made. In a process
// of its own, which may ask for a collection.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { program } from '../support/program.js';

const COLLECT = `
const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const collect = async () => {
  for (let k = 0; k < 20; k++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};`;

/** Tensors and bytes before, with what \`make\` made in use, and after it was forgotten and collected. */
function counts(make: string): { tensors: number; bytes: number }[] {
  return program(`${COLLECT}
    const list = [memory()];
    let made = [];
    ${make}
    list.push(memory());
    made = undefined;
    await collect();
    list.push(memory());
    report(list);`);
}

test('small tensors that are forgotten are freed, but for a few', () => {
  const [before, during, after] = counts('for (let k = 0; k < 1000; k++) made.push(zeros([100]));');
  assert.is(during.tensors, before.tensors + 1000);
  assert.is(during.bytes, before.bytes + 800_000);
  assert.ok(after.tensors <= before.tensors + 32, `${after.tensors}`);
  assert.ok(after.bytes <= before.bytes + 32 * 800, `${after.bytes}`);
});

test('large tensors that are forgotten are all freed', () => {
  const [before, , after] = counts('for (let k = 0; k < 20; k++) made.push(zeros([10000]));');
  assert.equal(after.tensors, before.tensors);
  assert.equal(after.bytes, before.bytes);
});

test('what a scope returns is freed when it is forgotten', () => {
  const [before, , after] = counts(
    'for (let k = 0; k < 200; k++) made.push(scope(() => add(zeros([9000]), 1)));',
  );
  assert.equal(after.tensors, before.tensors);
});

test('small tensors in use stay, however many are made and disposed after them', () => {
  const values = program<number[]>(`${COLLECT}
    const kept = Array.from({ length: 100 }, (_, k) => tensor([k]));
    for (let k = 0; k < 1000; k++) add(kept[k % 100], 1).dispose();
    await collect();
    for (let k = 0; k < 100; k++) add(kept[k], 1);
    await collect();
    report(kept.map((x) => x.item()));`);
  assert.equal(
    values,
    Array.from({ length: 100 }, (_, k) => k),
  );
});

test.run();
