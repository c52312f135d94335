// Memory that ends in the middle of a call: nothing is left, and the next call is right.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import { grad, linalg, memory, OutOfMemoryError, scope, sum, type Tensor } from '#src/index.js';
import { failEvery, firstCall, none, withFailingAllocation } from '../support/faults.js';
import { calls, KINDS, operands } from './operands.js';

test('every function of linalg is called', () => {
  assert.equal([...new Set(calls.map(([name]) => name))].sort(), Object.keys(linalg).sort());
});

test('every function of linalg, with its k-th allocation failing, for every k', async () => {
  const o = operands(6);
  const failures: string[] = [];
  for (const [name, way, call] of calls) {
    const count = await failEvery(`${name} ${way}`, { run: () => call(o) }, failures);
    assert.ok(count > 0 || name === 'givens', `${name} ${way} asks the heap for nothing`);
  }
  none(failures, 1);
});

test('a gradient through a factorization, and a plan of it, with the k-th allocation failing', async () => {
  const { definite, b } = operands(4);
  const failures: string[] = [];
  for (const kind of KINDS) {
    const f = (a: Tensor, x: Tensor) => sum(linalg.factor(a, { kind }).solve(x));
    const run = () => grad(f, [0, 1])(definite, b);
    await failEvery(`gradient, ${kind}`, { run }, failures);
    await failEvery(`compiled gradient, ${kind}`, firstCall(grad(f, [0, 1]), [definite, b]), failures);
  }
  none(failures, 1);
});

test('the error of a row without scratch names the function', () =>
  scope(() => {
    const { a } = operands(4);
    const before = [memory().tensors, runtime().heap.used];
    let message = '';
    withFailingAllocation(2, () => {
      try {
        linalg.svdvals(a);
      } catch (error) {
        assert.instance(error, OutOfMemoryError);
        message = (error as Error).message;
      }
    });
    assert.match(message, /^svdvals: \d+ bytes do not fit/);
    assert.equal([memory().tensors, runtime().heap.used], before);
  }));

test.run();
