// Elementwise operations and reductions as their user calls them: numbers as operands, mixed types, bad axes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  astype,
  DTypeError,
  div,
  mul,
  neg,
  ShapeError,
  scope,
  sub,
  sum,
  tensor,
  transpose,
  zeros,
} from '#src/index.js';
import { operations } from '#src/ops/table.js';
import { rejects } from '../support/check.js';

test('a number takes the dtype of the tensor beside it', () => {
  scope(() => {
    const x = tensor(new Float32Array([1, 2]));
    for (const y of [add(x, 1), sub(1, x), mul(0.5, x), div(x, 3)]) assert.is(y.dtype, 'f32');
    assert.equal(sub(1, x).toArray(), [0, -1]);
    assert.is(add(1, 2).item(), 3);
    const index = tensor([1], { dtype: 'i32' });
    assert.equal(add(index, 2).dtype, 'i32');
    rejects(() => add(index, 0.5), ArgumentError, /b must be an integer beside an i32 tensor, got 0.5/);
  });
});

test('mixed dtypes, shapes that do not broadcast, and what is no tensor', () => {
  scope(() => {
    const [x, pair, single, index] = [
      zeros([2, 3]),
      zeros([2]),
      zeros([2, 3], { dtype: 'f32' }),
      zeros([1], { dtype: 'i32' }),
    ];
    rejects(() => add(x, single), DTypeError, /add: operands must have one dtype, got f64 and f32/);
    rejects(
      () => mul(x, pair),
      ShapeError,
      /mul: shapes \[2, 3\] and \[2\] do not broadcast: extents 3 and 2 at axis -1/,
    );
    rejects(() => div(index, 1), DTypeError, /div: .*i32/);
    rejects(() => sub(x, undefined as never), ArgumentError, /sub: b must be a tensor, got undefined/);
    rejects(() => neg(1 as never), ArgumentError, /neg: x must be a tensor/);
    rejects(() => sum(x, { axis: 2 }), ArgumentError, /sum: axis must be an integer from -2 to 1, got 2/);
    rejects(() => sum(x, { axis: [0, -2] }), ArgumentError, /named twice/);
    rejects(() => transpose(x, [0]), ArgumentError, /each of the 2 axes once, got \[0\]/);
    rejects(() => transpose(x, [0, 0]), ArgumentError, /each of the 2 axes once/);
    rejects(() => astype(x, 'f16' as never), DTypeError, /f16/);
  });
});

test('negative axes count from the end; the sum of nothing is 0', () => {
  scope(() => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.equal(sum(x, { axis: -1 }).toArray(), [6, 15]);
    assert.equal(sum(x, { axis: -2, keepDims: true }).toArray(), [[5, 7, 9]]);
    assert.is(sum(x).item(), 21);
    assert.is(sum(zeros([0])).item(), 0);
    assert.equal(sum(zeros([0, 2]), { axis: 0 }).toArray(), [0, 0]);
    assert.equal(sum(tensor([1, 2]), { axis: [] }).toArray(), [1, 2]);
    assert.equal(transpose(x, [-1, 0]).toArray(), [
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    assert.is(transpose(tensor(3)).item(), 3);
  });
});

test('every row of the table has a name of its own', () => {
  const names = operations.map((op) => op.name);
  assert.is(new Set(names).size, names.length);
});

test.run();
