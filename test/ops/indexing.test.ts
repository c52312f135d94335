// slice, take, triangles and diagonals against index arithmetic; their derivatives put things back where they came from.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  type Bound,
  DTypeError,
  diagonal,
  grad,
  mul,
  ShapeError,
  scope,
  slice,
  sum,
  type Tensor,
  take,
  tensor,
  tril,
  triu,
  zeros,
} from '#src/index.js';
import { applyAll } from '#src/ops/op.js';
import { scatterAddOp } from '#src/ops/take.js';
import { property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { at, isFunction, sample } from '../support/indices.js';

const dtypes = fc.constantFrom('f64', 'f32', 'i32' as const);
const extents = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(1));
const shapes = fc.array(extents, { minLength: 1, maxLength: 4 });
const matrices = fc.array(extents, { minLength: 2, maxLength: 4 });
const bound = fc.oneof(fc.integer({ min: -8, max: 8 }), fc.constantFrom(null, undefined, -1000, 2 ** 31));

/** Python's slice(begin, end, step).indices(n), walked. */
function positions(n: number, begin: Bound, end: Bound, step: number): number[] {
  const clip = (i: number) => Math.min(step > 0 ? n : n - 1, Math.max(step > 0 ? 0 : -1, i < 0 ? i + n : i));
  const from = clip(begin ?? (step > 0 ? 0 : 2 ** 40));
  const to = end === null || end === undefined ? (step > 0 ? n : -1) : clip(end);
  const list: number[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) list.push(i);
  return list;
}

test("slice is Python's x[begin:end:step] on every axis", () =>
  property(
    fc.record({
      shape: shapes,
      begin: fc.array(bound, { maxLength: 4 }),
      end: fc.array(bound, { maxLength: 4 }),
      step: fc.array(fc.constantFrom(1, 2, 3, -1, -2, -3, 2 ** 31, -(2 ** 31)), { maxLength: 4 }),
      dtype: dtypes,
    }),
    ({ shape, begin, end, step, dtype }) =>
      scope(() => {
        const x = sample(shape, dtype);
        const walked = shape.map((n, i) => positions(n, begin[i], end[i], step[i] ?? 1));
        const cut = <T>(list: readonly T[]) => list.slice(0, shape.length);
        const got = slice(x, cut(begin), cut(end), cut(step));
        isFunction(
          got,
          walked.map((list) => list.length),
          dtype,
          (index) =>
            at(
              x,
              index.map((i, axis) => walked[axis][i]),
            ),
        );
      }),
    300,
  ));

test('a number stands for the first axis; nothing named is a copy of all', () =>
  scope(() => {
    const x = tensor([1, 2, 3]);
    assert.equal(slice(x, 1).toArray(), [2, 3]);
    assert.equal(slice(x, 1, -1).toArray(), [2]);
    assert.equal(slice(x, null as never, null, -1).toArray(), [3, 2, 1]);
    const all = slice(x, []);
    assert.equal(all.toArray(), [1, 2, 3]);
    assert.is.not(all.address, x.address);
    assert.is(slice(tensor(5), []).item(), 5);
  }));

test('take: slices along any axis, indices of any shape', () =>
  property(
    fc.record({
      shape: shapes,
      axis: fc.nat(3),
      at: fc.array(fc.integer({ min: -6, max: 5 }), { maxLength: 12 }),
      wide: fc.boolean(),
      dtype: dtypes,
    }),
    ({ shape, axis, at: raw, wide, dtype }) =>
      scope(() => {
        const along = axis % shape.length;
        const n = shape[along];
        const list = raw.filter((i) => i < n && i >= -n);
        const x = sample(shape, dtype);
        const indices = tensor(list, { dtype: 'i32', shape: wide ? [1, list.length, 1] : [list.length] });
        const result = [...shape.slice(0, along), ...indices.shape, ...shape.slice(along + 1)];
        const place = along + (wide ? 1 : 0);
        isFunction(take(x, indices, along - shape.length), result, dtype, (index) => {
          const rest = index.slice(along + indices.ndim);
          return at(x, [...index.slice(0, along), (list[index[place]] + n) % n, ...rest]);
        });
      }),
  ));

test('take of one index as a scalar drops the axis; plain arrays do as well', () =>
  scope(() => {
    const x = sample([3, 4, 5]);
    assert.equal([...take(x, tensor(-1, { dtype: 'i32' }), 1).shape], [3, 5]);
    assert.equal(take(tensor([1, 2, 3]), [2, 0]).toArray(), [3, 1]);
  }));

test('scatterAdd adds in the order of the indices, in every dtype', () =>
  property(
    fc.record({
      list: fc.array(fc.integer({ min: -4, max: 3 }), { maxLength: 20 }),
      outer: fc.integer({ min: 1, max: 3 }),
      inner: fc.integer({ min: 1, max: 7 }),
      dtype: dtypes,
    }),
    ({ list, outer, inner, dtype }) =>
      scope(() => {
        const x = mul(sample([outer, list.length, inner], dtype), dtype === 'i32' ? 3 : 0.1);
        const indices = tensor(list, { dtype: 'i32' });
        const [got] = applyAll(scatterAddOp, [x, indices], { axis: 1, extent: 4 });
        const round = dtype === 'f32' ? Math.fround : (v: number) => v;
        isFunction(got, [outer, 4, inner], dtype, ([o, row, i]) =>
          list.reduce((total, to, k) => ((to + 4) % 4 === row ? round(total + at(x, [o, k, i])) : total), 0),
        );
      }),
  ));

test('tril, triu and diagonal: every diagonal, stacks of matrices', () =>
  property(
    fc.record({ shape: matrices, k: fc.integer({ min: -9, max: 9 }), dtype: dtypes }),
    ({ shape, k, dtype }) =>
      scope(() => {
        const x = sample(shape, dtype);
        isFunction(tril(x, k), shape, dtype, (index) =>
          index.at(-1)! <= index.at(-2)! + k ? at(x, index) : 0,
        );
        isFunction(triu(x, k), shape, dtype, (index) =>
          index.at(-1)! >= index.at(-2)! + k ? at(x, index) : 0,
        );
        const [m, n] = shape.slice(-2);
        const [row, column] = [Math.max(0, -k), Math.max(0, k)];
        const length = Math.max(0, Math.min(m - row, n - column));
        isFunction(diagonal(x, k), [...shape.slice(0, -2), length], dtype, (index) => {
          const i = index.at(-1)!;
          return at(x, [...index.slice(0, -1), i + row, i + column]);
        });
      }),
  ));

test('triangles leave NaN and Inf behind, and diagonals far away are no trouble', () =>
  scope(() => {
    const x = tensor([
      [1, Number.NaN],
      [2, Number.POSITIVE_INFINITY],
    ]);
    assert.equal(tril(x, -1).toArray(), [
      [0, 0],
      [2, 0],
    ]);
    assert.equal(triu(x, 2 ** 40).toArray(), [
      [0, 0],
      [0, 0],
    ]);
    assert.equal(tril(x, 2 ** 40).toArray(), x.toArray());
    assert.equal(diagonal(x, -(2 ** 40)).shape, [0]);
  }));

const LINEAR: [string, (x: Tensor) => Tensor, number[]][] = [
  ['slice', (x) => slice(x, [1, -1], [null, 0], [2, -2]), [4, 5]],
  ['slice of nothing', (x) => slice(x, [3], [1]), [4, 2]],
  ['take', (x) => take(x, [1, -1, 1, 0, 1], 1), [2, 3]],
  [
    'take of rows',
    (x) =>
      take(
        x,
        tensor(
          [
            [0, 1],
            [1, 1],
          ],
          { dtype: 'i32' },
        ),
        0,
      ),
    [2, 3],
  ],
  ['take of elements', (x) => take(x, [4, 2, 2, -1]), [5]],
  ['tril', (x) => tril(x, -1), [2, 3, 3]],
  ['triu', (x) => triu(x, 1), [3, 4]],
  ['diagonal', (x) => diagonal(x, 1), [2, 3, 4]],
  ['diagonal of nothing', (x) => diagonal(x, 7), [2, 2]],
];
for (const [name, f, shape] of LINEAR) {
  test(`${name}: derivatives of both modes, first and second order`, () =>
    scope(() => checkDerivatives((x: Tensor) => f(mul(x, x)), [sample(shape)])));
}

test('the gradient of take has the dtype of x, and counts repeated indices', () =>
  scope(() => {
    const g = grad((x) => sum(take(x, [0, 2, 2])))(zeros([3], { dtype: 'f32' }));
    assert.equal([g.dtype, g.toArray()], ['f32', [1, 0, 2]]);
  }));

test('errors name the operation, what it got and what it wants', () => {
  scope(() => {
    const [x, row, empty, real] = [zeros([2, 3]), zeros([3]), zeros([0]), zeros([1])];
    rejects(
      () => slice(x, [0, 0, 0]),
      ArgumentError,
      /slice: begin must be .*at most 2 positions.*\[0, 0, 0\]/,
    );
    rejects(() => slice(x, [0.5]), ArgumentError, /slice: begin must hold integers .*got \[0.5\]/);
    rejects(() => slice(x, [0], [1], [0]), ArgumentError, /slice: step must not be 0, got \[0\]/);
    rejects(() => slice(1 as never, []), ArgumentError, /slice: x must be a tensor, got 1/);
    rejects(() => take(x, [2]), ArgumentError, /take: indices must be from -2 to 1, got 2 at position 0/);
    rejects(() => take(x, [0, -4], 1), ArgumentError, /from -3 to 2, got -4 at position 1/);
    rejects(() => take(empty, [0]), ArgumentError, /take: there is nothing to take .*got 0 at position 0/);
    rejects(() => take(x, real), DTypeError, /take: indices must be i32, got f64/);
    rejects(() => take(x, [0], 2), ArgumentError, /take: axis/);
    rejects(() => tril(row), ShapeError, /tril: x must be a matrix .*\[3\]/);
    rejects(() => triu(x, 0.5), ArgumentError, /triu: k must be an integer, got 0.5/);
    rejects(() => diagonal(row), ShapeError, /diagonal: x must be a matrix/);
    rejects(() => diagonal(x, Number.NaN), ArgumentError, /diagonal: offset must be an integer, got NaN/);
  });
});

test.run();
