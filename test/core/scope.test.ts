// scope: what is kept, what is freed, when things throw, and that promises are refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, add, memory, mul, scope, type Tensor, tensor } from '#src/index.js';
import { rejects } from '../support/check.js';

const counts = () => [memory().tensors, memory().bytes];

test('everything but the result is freed', () => {
  const before = counts();
  const x = tensor([1, 2, 3]);
  const y = scope(() => add(mul(x, 2), 1));
  assert.equal(y.toArray(), [3, 5, 7]);
  assert.equal(counts(), [before[0] + 2, before[1] + 48]);
  x.dispose();
  y.dispose();
  assert.equal(counts(), before);
});

test('results may be nested in arrays, objects, maps, and hold anything else', () => {
  const before = counts();
  const made = scope(() => {
    const lost = tensor([0]);
    const cyclic: Record<string, unknown> = {
      a: [tensor([1])],
      n: null,
      f: () => lost,
      buffer: new Float64Array(2),
    };
    cyclic.self = cyclic;
    return { cyclic, map: new Map([['k', tensor([2])]]) };
  });
  assert.is(memory().tensors, before[0] + 2);
  const [a] = made.cyclic.a as Tensor[];
  assert.is(a.item(), 1);
  a.dispose();
  made.map.get('k')?.dispose();
  assert.equal(counts(), before);
});

test('an inner result belongs to the outer scope', () => {
  const before = counts();
  const sum = scope(() => {
    const inner = scope(() => mul(tensor([2]), 3));
    return add(inner, 1).item();
  });
  assert.is(sum, 7);
  assert.equal(counts(), before);
});

test('an error frees everything and passes through', () => {
  const before = counts();
  assert.throws(
    () =>
      scope(() => {
        tensor([1]);
        scope(() => tensor([2]));
        throw new Error('mine');
      }),
    /mine/,
  );
  assert.equal(counts(), before);
});

test('a promise is an error, and frees everything', () => {
  // @ts-expect-error a function that returns a promise is no argument of scope
  rejects(() => scope(async () => tensor([1])), ArgumentError, /scope: the function must be synchronous/);
  rejects(
    () => scope(() => ({ deep: [Promise.reject(new Error('quiet')), tensor([1])] })),
    ArgumentError,
    /synchronous/,
  );
});

test('a tensor disposed inside its scope, or made outside, is left alone', () => {
  const outside = tensor([4]);
  const before = counts();
  scope(() => {
    tensor([1]).dispose();
    return outside;
  });
  assert.equal(counts(), before);
  assert.is(outside.item(), 4);
  outside.dispose();
});

test('a loop of 100,000 scoped operations ends where it began', () => {
  const x = tensor([1, 2, 3, 4]);
  const before = memory();
  for (let i = 0; i < 100_000; i++) {
    scope(() => {
      add(mul(x, i), 1);
    });
  }
  assert.equal(memory(), before);
  x.dispose();
});

test.run();
