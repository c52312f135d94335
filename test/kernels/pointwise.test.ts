// Comparisons, choices, signs and extrema of elements against their meaning, bit by bit: broadcasting, odd sizes, NaN.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { tieWeightOp } from '#src/ops/minmax.js';
import { apply } from '#src/ops/op.js';
import { numbers, property } from '../support/check.js';
import * as twins from '../support/twins/index.js';

type DType = 'f64' | 'f32' | 'i32';
const FLOATS: DType[] = ['f64', 'f32'];
const ALL: DType[] = [...FLOATS, 'i32'];

/** Few different values, so that many are equal; with NaN, infinities and zeros of both signs where there are such. */
function values(dtype: DType, size: number, seed: number): number[] {
  const special = dtype === 'i32' ? [0, -1, 2 ** 31 - 1] : [0, -0, Number.NaN, Infinity, -Infinity, 0.5];
  return numbers(size, seed).map((x) => {
    const value = x > 0.4 ? special[Math.floor(x * 997) % special.length] : Math.round(3 * x);
    return dtype === 'i32' ? value | 0 : value;
  });
}

/** The strides of a dense tensor of this shape that is repeated along axes of extent 1. */
function strides(shape: readonly number[]): number[] {
  let step = 1;
  return shape
    .map((n) => n)
    .reduceRight<number[]>((list, n) => {
      list.unshift(n === 1 ? 0 : step);
      step *= n;
      return list;
    }, []);
}

/** What C's fmax and fmin are not: NaN wins. */
const larger = (x: number, y: number) => Math.max(x, y);
const smaller = (x: number, y: number) => Math.min(x, y);
const bit = (x: boolean) => (x ? 1 : 0);

interface Case {
  name: string;
  f: (...x: ct.Tensor[]) => ct.Tensor;
  twin: (...x: number[]) => number;
  dtypes: DType[];
  /** The dtype of operand i. */
  operand?: (dtype: DType, i: number) => DType;
  integer?: boolean;
  arity: number;
}

const CASES: Case[] = [
  { name: 'abs', f: ct.abs, twin: Math.abs, dtypes: ALL, arity: 1 },
  { name: 'sign', f: ct.sign, twin: Math.sign, dtypes: ALL, arity: 1 },
  { name: 'square', f: ct.square, twin: (x) => x * x, dtypes: FLOATS, arity: 1 },
  { name: 'square of i32', f: ct.square, twin: (x) => Math.imul(x, x), dtypes: ['i32'], arity: 1 },
  { name: 'sqrt', f: ct.sqrt, twin: Math.sqrt, dtypes: FLOATS, arity: 1 },
  { name: 'relu', f: ct.relu, twin: (x) => larger(x, 0), dtypes: ALL, arity: 1 },
  { name: 'isNaN', f: ct.isNaN, twin: (x) => bit(Number.isNaN(x)), dtypes: ALL, arity: 1, integer: true },
  { name: 'maximum', f: ct.maximum, twin: larger, dtypes: ALL, arity: 2 },
  { name: 'minimum', f: ct.minimum, twin: smaller, dtypes: ALL, arity: 2 },
  {
    name: 'share',
    f: (a, b) => apply(tieWeightOp, [a, b], undefined),
    twin: (x, y) => (bit(x > y) + bit(x >= y)) / 2,
    dtypes: FLOATS,
    arity: 2,
  },
  { name: 'equal', f: ct.equal, twin: (x, y) => bit(x === y), dtypes: ALL, arity: 2, integer: true },
  { name: 'notEqual', f: ct.notEqual, twin: (x, y) => bit(x !== y), dtypes: ALL, arity: 2, integer: true },
  { name: 'greater', f: ct.greater, twin: (x, y) => bit(x > y), dtypes: ALL, arity: 2, integer: true },
  {
    name: 'greaterEqual',
    f: ct.greaterEqual,
    twin: (x, y) => bit(x >= y),
    dtypes: ALL,
    arity: 2,
    integer: true,
  },
  { name: 'less', f: ct.less, twin: (x, y) => bit(x < y), dtypes: ALL, arity: 2, integer: true },
  { name: 'lessEqual', f: ct.lessEqual, twin: (x, y) => bit(x <= y), dtypes: ALL, arity: 2, integer: true },
  {
    name: 'where',
    f: ct.where,
    twin: (c, a, b) => (c !== 0 ? a : b),
    dtypes: ALL,
    operand: (dtype, i) => (i === 0 ? 'i32' : dtype),
    arity: 3,
  },
  { name: 'clip', f: ct.clip, twin: (x, lo, hi) => smaller(larger(x, lo), hi), dtypes: ALL, arity: 3 },
];

const shapes = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
  ones: fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 7 }), fc.nat({ max: 7 })),
});

for (const { name, f, twin, dtypes, operand, integer, arity } of CASES) {
  for (const dtype of dtypes) {
    test(`${name} in ${dtype}`, () =>
      property(shapes, ({ shape, ones }) => {
        // Each operand is the shape with some extents set to 1; one of them keeps all.
        const own = ones
          .slice(0, arity)
          .map((mask, k) => shape.map((n, i) => (k > 0 && (mask >> i) & 1 ? 1 : n)));
        if (arity > 1 && ones[0] % 2) own.push(own.shift() as number[]);
        const types = own.map((_, i) => operand?.(dtype, i) ?? dtype);
        const data = own.map((s, i) =>
          values(
            types[i],
            s.reduce((p, q) => p * q, 1),
            i + 1,
          ),
        );
        const want = twins.elementwise(
          shape,
          twin,
          ...own.map((s, i) => ({ data: data[i], strides: strides(s) })),
        );
        ct.scope(() => {
          const got = f(...own.map((s, i) => ct.tensor(data[i], { shape: s, dtype: types[i] })));
          assert.equal(got.shape, shape);
          assert.is(got.dtype, integer ? 'i32' : dtype);
          const rounded = dtype === 'f32' ? want.map(Math.fround) : want;
          got.data().forEach((v, i) => {
            assert.ok(Object.is(v, rounded[i]), `${name}: got ${v}, want ${rounded[i]} at ${i}`);
          });
        });
      }));
  }
}

test('rows longer than one piece, strided rows', () =>
  ct.scope(() => {
    const n = 20_001;
    const x = numbers(2 * n, 5);
    const rows = ct.transpose(ct.tensor(x, { shape: [n, 2] }));
    const [even, odd] = [x.filter((_, i) => i % 2 === 0), x.filter((_, i) => i % 2 === 1)];
    const both = [...even, ...odd];
    assert.equal(Array.from(ct.abs(rows).data()), both.map(Math.abs));
    assert.equal(
      Array.from(ct.greater(rows, 0.25).data()),
      both.map((v) => bit(v > 0.25)),
    );
    const column = ct.tensor([[0.5], [-0.5]]);
    assert.equal(
      Array.from(ct.maximum(rows, column).data()),
      both.map((v, i) => Math.max(v, i < n ? 0.5 : -0.5)),
    );
    assert.equal(
      Array.from(ct.where(ct.less(rows, 0), column, rows).data()),
      both.map((v, i) => (v < 0 ? (i < n ? 0.5 : -0.5) : v)),
    );
    assert.equal(
      Array.from(ct.clip(rows, -0.1, 0.1).data()),
      both.map((v) => Math.min(Math.max(v, -0.1), 0.1)),
    );
  }));

test.run();
