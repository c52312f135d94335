// Array kernels against their twins: broadcasting strides, transposes in every axis order, sums, casts.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stridesOf } from '#src/core/shape.js';
import { add, astype, div, mul, neg, scope, sub, sum, type Tensor, tensor, transpose } from '#src/index.js';
import { EPSILON, near, numbers, property } from '../support/check.js';
import { rounded } from '../support/raw.js';
import * as twins from '../support/twins/index.js';

const DTYPES = ['f64', 'f32', 'i32'] as const;
type DType = (typeof DTYPES)[number];

function values(dtype: DType, size: number, seed: number): number[] {
  if (dtype === 'i32') return numbers(size, seed).map((x) => Math.trunc(x * 1e5) || 1);
  return rounded(dtype, numbers(size, seed));
}

/** Strides that repeat every axis of extent 1. */
function broadcast(shape: readonly number[], to: readonly number[]): number[] {
  const lead = to.length - shape.length;
  const own = stridesOf(shape);
  return to.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : own[axis - lead]));
}

const OPERATIONS: [string, (a: Tensor, b: Tensor) => Tensor, (x: number, y: number) => number][] = [
  ['add', add, (x, y) => x + y],
  ['sub', sub, (x, y) => x - y],
  ['mul', mul, (x, y) => x * y],
  ['div', div, (x, y) => x / y],
];

const extents = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(1)), { maxLength: 4 });
const broadcastCase = fc.record({
  shape: extents,
  ones: fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 15 })),
  drop: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
});

for (const dtype of DTYPES) {
  for (const [name, op, twin] of OPERATIONS) {
    if (dtype === 'i32' && name === 'div') continue;
    test(`${name} in ${dtype}: broadcasting, bit by bit`, () =>
      property(broadcastCase, ({ shape, ones, drop }) => {
        // Each operand is the shape with some extents set to 1 and some leading axes left out.
        const [sa, sb] = [0, 1].map((k) => shape.map((n, i) => ((ones[k] >> i) & 1 ? 1 : n)).slice(drop[k]));
        const full = shape.map((_, i) => {
          const x = sa[i - (shape.length - sa.length)] ?? 1;
          const y = sb[i - (shape.length - sb.length)] ?? 1;
          return x === 1 ? y : x;
        });
        const result = full.slice(shape.length - Math.max(sa.length, sb.length));
        const size = (s: number[]) => s.reduce((p, q) => p * q, 1);
        const [a, b] = [values(dtype, size(sa), 1), values(dtype, size(sb), 2)];
        const want = twins.elementwise(
          result,
          dtype === 'i32' && name === 'mul' ? Math.imul : twin,
          { data: a, strides: broadcast(sa, result) },
          { data: b, strides: broadcast(sb, result) },
        );
        scope(() => {
          const got = op(tensor(a, { shape: sa, dtype }), tensor(b, { shape: sb, dtype }));
          assert.equal(got.shape, result);
          assert.equal(Array.from(got.data()), dtype === 'f32' ? want.map(Math.fround) : want);
        });
      }));
  }

  test(`neg in ${dtype}`, () =>
    scope(() => {
      const x = values(dtype, 11, 3);
      assert.equal(
        Array.from(neg(tensor(x, { dtype })).data()),
        x.map((v) => -v),
      );
    }));

  test(`transpose in ${dtype}: every order of up to four axes`, () =>
    property(
      fc.record({
        shape: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }),
        keys: fc.array(fc.double(), { minLength: 4, maxLength: 4 }),
      }),
      ({ shape, keys }) => {
        const axes = shape.map((_, i) => i).sort((i, j) => keys[i] - keys[j] || i - j);
        const data = values(
          dtype,
          shape.reduce((p, q) => p * q, 1),
          4,
        );
        const strides = stridesOf(shape);
        const result = axes.map((axis) => shape[axis]);
        const want = twins.elementwise(result, (x) => x, {
          data,
          strides: axes.map((axis) => strides[axis]),
        });
        scope(() => {
          const got = transpose(tensor(data, { shape, dtype }), axes);
          assert.equal(got.shape, result);
          assert.equal(Array.from(got.data()), want);
        });
      },
      200,
    ));

  test(`sum in ${dtype}: any axes, kept or not`, () =>
    property(
      fc.record({
        shape: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }),
        mask: fc.integer({ min: 0, max: 15 }),
        keepDims: fc.boolean(),
      }),
      ({ shape, mask, keepDims }) => {
        const axis = shape.map((_, i) => i).filter((i) => (mask >> i) & 1);
        const data = values(
          dtype,
          shape.reduce((p, q) => p * q, 1),
          5,
        );
        const strides = stridesOf(shape);
        const kept = shape.map((n, i) => (axis.includes(i) ? 1 : n));
        const steps = stridesOf(kept).map((s, i) => (axis.includes(i) ? 0 : s));
        const want = new Array<number>(kept.reduce((p, q) => p * q, 1)).fill(0);
        const bound = [...want];
        data.forEach((x, at) => {
          const to = shape.reduce((total, n, i) => total + (Math.floor(at / strides[i]) % n) * steps[i], 0);
          want[to] += x;
          bound[to] += Math.abs(x);
        });
        scope(() => {
          const got = sum(tensor(data, { shape, dtype }), { axis, keepDims });
          assert.equal(got.shape, keepDims ? kept : shape.filter((_, i) => !axis.includes(i)));
          near(got.data(), want, (i) => (dtype === 'i32' ? 0 : 64 * EPSILON[dtype] * bound[i]));
        });
      },
      200,
    ));
}

test('rows longer than one piece, with either operand repeated', () =>
  scope(() => {
    const n = 20_001;
    const x = numbers(n, 7);
    const [row, column] = [tensor(x), tensor([[1], [2]])];
    const want = [1, 2].flatMap((c) => x.map((v) => v - c));
    assert.equal(Array.from(sub(row, column).data()), want);
    assert.equal(
      Array.from(sub(column, row).data()),
      want.map((v) => -v),
    );
    const strided = transpose(tensor(x.concat(x), { shape: [2, n] }));
    assert.equal(Array.from(add(strided, 1).data()).slice(-2), [x[n - 1] + 1, x[n - 1] + 1]);
  }));

test('transposes of planes larger than a block, odd sizes', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      for (const [m, n] of [
        [33, 65],
        [100, 3],
        [67, 131],
      ]) {
        const data = values(dtype, m * n, 6);
        const got = transpose(tensor(data, { shape: [m, n], dtype })).data();
        for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) assert.is(got[j * m + i], data[i * n + j]);
      }
    }
  }));

test('sums over long and over wide axes are pairwise', () =>
  scope(() => {
    const [n, inner] = [40_001, 3];
    const x = tensor(new Float32Array(n * inner).fill(0.1), { shape: [n, inner] });
    const exact = n * Math.fround(0.1);
    near(sum(x, { axis: 0 }).data(), new Array(inner).fill(exact), 24 * EPSILON.f32 * exact);
    near([sum(x).item()], [exact * inner], 40 * EPSILON.f32 * exact * inner);
    const wide = tensor(new Float64Array(70 * 500).fill(1), { shape: [70, 500] });
    assert.ok(
      sum(wide, { axis: 0 })
        .data()
        .every((v) => v === 70),
    );
  }));

test('arithmetic shows NaN, infinities and signed zeros as IEEE 754 has them', () =>
  scope(() => {
    const x = tensor([0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY]);
    assert.equal(Array.from(div(x, 0).data()), [
      Number.NaN,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
    assert.ok(Object.is(neg(tensor([0])).item(), -0));
    assert.ok(Object.is(mul(tensor([-0]), 1).item(), -0));
    assert.equal(Array.from(sub(x, Number.POSITIVE_INFINITY).data()).slice(-1), [Number.NaN]);
  }));

test('casts round to nearest, truncate towards zero and saturate', () =>
  scope(() => {
    const x = tensor([1.9, -1.9, 1e300, -1e300, Number.NaN, 0.1]);
    assert.equal(Array.from(astype(x, 'i32').data()), [1, -1, 2147483647, -2147483648, 0, 0]);
    assert.equal(
      Array.from(astype(x, 'f32').data()),
      Array.from(new Float32Array([1.9, -1.9, 1e300, -1e300, Number.NaN, 0.1])),
    );
    const f = tensor(new Float32Array([1.5, 3e9, Number.NaN]));
    assert.equal(Array.from(astype(f, 'i32').data()), [1, 2147483647, 0]);
    assert.equal(Array.from(astype(f, 'f64').data()), [1.5, 3e9, Number.NaN]);
    const i = tensor([7, -8], { dtype: 'i32' });
    assert.equal(Array.from(astype(i, 'f64').data()), [7, -8]);
    assert.equal(Array.from(astype(i, 'f32').data()), [7, -8]);
    const copy = astype(i, 'i32');
    copy.data()[0] = 1;
    assert.is(i.data()[0], 7, 'a cast to the same type is a copy');
  }));

test.run();
