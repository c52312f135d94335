// Reductions against plain loops at odd sizes: any axes, adjacent or not, NaN and infinities, sizes over a block and a strip.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { EPSILON, near, numbers, property } from '../support/check.js';

type DType = 'f64' | 'f32' | 'i32';
const product = (list: readonly number[]) => list.reduce((p, q) => p * q, 1);

/** The elements that go into each result, in row-major order of the reduced axes. */
function parts(shape: readonly number[], axes: readonly number[], x: ArrayLike<number>): number[][] {
  const kept = shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const lists: number[][] = Array.from({ length: product(kept) }, () => []);
  for (let at = 0; at < product(shape); at++) {
    let [rest, to, step] = [at, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (!axes.includes(axis)) to += (rest % shape[axis]) * step;
      step *= kept[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    lists[to].push(x[at]);
  }
  return lists;
}

/** The norm without overflow, and log Σ e^x without, in doubles. */
const hypot = (list: number[]) => Math.hypot(...list);
function logSumExp(list: number[]): number {
  const m = list.reduce((p, q) => Math.max(p, q), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(m)) return m;
  return m + Math.log(list.reduce((total, v) => total + Math.exp(v - m), 0));
}
const indexOf = (best: (...x: number[]) => number) => (list: number[]) => {
  const value = list.reduce((p, q) => best(p, q));
  return list.findIndex((v) => v === value || (Number.isNaN(v) && Number.isNaN(value)));
};

interface Case {
  name: 'prod' | 'max' | 'min' | 'argmax' | 'argmin' | 'logsumexp' | 'norm' | 'mean' | 'variance';
  twin: (list: number[], dtype: DType) => number;
  dtypes: DType[];
  /** Units of roundoff, relative to the value. */
  units?: (n: number) => number;
}
const total = (list: number[]) => list.reduce((p, q) => p + q, 0);
const mean = (list: number[]) => total(list) / list.length;
const CASES: Case[] = [
  {
    name: 'prod',
    twin: (list, dtype) => (dtype === 'i32' ? list.reduce(Math.imul, 1) : product(list)),
    dtypes: ['f64', 'f32', 'i32'],
    units: (n) => 2 * n,
  },
  { name: 'max', twin: (list) => list.reduce((p, q) => Math.max(p, q)), dtypes: ['f64', 'f32', 'i32'] },
  { name: 'min', twin: (list) => list.reduce((p, q) => Math.min(p, q)), dtypes: ['f64', 'f32', 'i32'] },
  { name: 'argmax', twin: indexOf(Math.max), dtypes: ['f64', 'f32', 'i32'] },
  { name: 'argmin', twin: indexOf(Math.min), dtypes: ['f64', 'f32', 'i32'] },
  { name: 'logsumexp', twin: logSumExp, dtypes: ['f64', 'f32'], units: () => 60 },
  { name: 'norm', twin: hypot, dtypes: ['f64', 'f32'], units: () => 40 },
  { name: 'mean', twin: mean, dtypes: ['f64', 'f32'], units: () => 400 },
  {
    name: 'variance',
    twin: (list) => mean(list.map((v) => (v - mean(list)) ** 2)),
    dtypes: ['f64', 'f32'],
    units: () => 400,
  },
];

function values(dtype: DType, size: number, seed: number): number[] {
  const x = numbers(size, seed);
  if (dtype === 'i32') return x.map((v) => Math.round(5 * v));
  return dtype === 'f32' ? x.map((v) => Math.fround(2 * v)) : x.map((v) => 2 * v);
}

const cases = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 4 }),
  mask: fc.nat({ max: 15 }),
  keepDims: fc.boolean(),
  seed: fc.nat({ max: 1000 }),
});

for (const { name, twin, dtypes, units } of CASES) {
  for (const dtype of dtypes) {
    test(`${name} in ${dtype}: any axes, kept or not`, () =>
      property(cases, ({ shape, mask, keepDims, seed }) => {
        const axis = [...shape.keys()].filter((i) => (mask >> i) & 1);
        const mild = name === 'prod' && dtype !== 'i32';
        // Products of hundreds of factors beside 1 stay normal numbers.
        const data = values(dtype, product(shape), seed).map((v) => (mild ? Math.fround(1 + v / 8) : v));
        const lists = parts(shape, axis, data);
        const want = lists.map((list) => twin(list, dtype));
        ct.scope(() => {
          const got = ct[name](ct.tensor(data, { shape, dtype }), { axis, keepDims });
          assert.equal(
            got.shape,
            keepDims
              ? shape.map((n, i) => (axis.includes(i) ? 1 : n))
              : shape.filter((_, i) => !axis.includes(i)),
          );
          assert.is(got.dtype, name.startsWith('arg') ? 'i32' : dtype);
          // Relative to the value, and to the largest element where terms cancel.
          near(got.data(), want, (i) =>
            dtype === 'i32' || units === undefined
              ? 0
              : units(lists[i].length) *
                EPSILON[dtype] *
                Math.max(Math.abs(want[i]), name === 'prod' ? 0 : 2),
          );
        });
      }));
  }
}

const along = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  which: fc.nat({ max: 2 }),
  seed: fc.nat({ max: 1000 }),
});

for (const dtype of ['f64', 'f32'] as const) {
  test(`softmax and logSoftmax in ${dtype}: every axis`, () =>
    property(along, ({ shape, which, seed }) => {
      const axis = which % shape.length;
      const data = values(dtype, product(shape), seed).map((v) => 20 * v);
      const single = dtype === 'f32' ? data.map(Math.fround) : data;
      const lists = parts(shape, [axis], single);
      ct.scope(() => {
        const x = ct.tensor(single, { shape, dtype });
        const [soft, log] = [ct.softmax(x, { axis }), ct.logSoftmax(x, { axis })];
        parts(shape, [axis], soft.data()).forEach((got, i) => {
          const m = Math.max(...lists[i]);
          const terms = lists[i].map((v) => Math.exp(v - m));
          const bound = (j: number) => (20 + 2 * (m - lists[i][j])) * EPSILON[dtype] * got[j];
          near(
            got,
            terms.map((v) => v / total(terms)),
            bound,
          );
        });
        parts(shape, [axis], log.data()).forEach((got, i) => {
          const l = logSumExp(lists[i]);
          near(
            got,
            lists[i].map((v) => v - l),
            (j) => 4 * EPSILON[dtype] * (10 + Math.abs(lists[i][j]) + Math.abs(l)),
          );
        });
      });
    }));
}

for (const dtype of ['f64', 'f32', 'i32'] as const) {
  test(`cumsum in ${dtype}: every axis, both ways`, () =>
    property(along, ({ shape, which, seed }) => {
      const axis = which % shape.length;
      const data = values(dtype, product(shape), seed);
      const lists = parts(shape, [axis], data);
      ct.scope(() => {
        const x = ct.tensor(data, { shape, dtype });
        const bound = dtype === 'i32' ? 0 : 200 * EPSILON[dtype];
        parts(shape, [axis], ct.cumsum(x, { axis }).data()).forEach((got, i) => {
          near(
            got,
            lists[i].map((_, j) => total(lists[i].slice(0, j + 1))),
            bound,
          );
        });
        parts(shape, [axis], ct.cumsum(x, { axis, reverse: true }).data()).forEach((got, i) => {
          near(
            got,
            lists[i].map((_, j) => total(lists[i].slice(j))),
            bound,
          );
        });
      });
    }));
}

test('long and wide axes: blocks, strips and pieces', () =>
  ct.scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      for (const [outer, n, inner] of [
        [2, 20_011, 1],
        [1, 301, 131],
        [3, 67, 200],
      ]) {
        const shape = [outer, n, inner];
        const data = values(dtype, product(shape), 3).map((v) =>
          dtype === 'f32' ? Math.fround(1 + v / 100) : 1 + v / 100,
        );
        const x = ct.tensor(data, { shape, dtype });
        const lists = parts(shape, [1], data);
        const check = (got: ct.Tensor, twin: (list: number[]) => number, units: number) => {
          const want = lists.map(twin);
          near(got.data(), want, (i) => units * EPSILON[dtype] * Math.abs(want[i]));
        };
        check(ct.max(x, { axis: 1 }), (list) => Math.max(...list), 0);
        check(ct.argmin(x, { axis: 1 }), indexOf(Math.min), 0);
        check(ct.prod(x, { axis: 1 }), product, 4 * n);
        check(ct.logsumexp(x, { axis: 1 }), logSumExp, 16);
        check(ct.norm(x, { axis: 1 }), (list) => Math.sqrt(total(list.map((v) => v * v))), 40);
        const ones = ct.sum(ct.softmax(x, { axis: 1 }), { axis: 1 });
        near(ones.data(), new Array(outer * inner).fill(1), 100 * EPSILON[dtype]);
      }
    }
  }));

test('softmax is the same whether its axis is the last one or not, to rounding', () =>
  ct.scope(() => {
    const x = ct.tensor(numbers(77 * 37, 9), { shape: [77, 37] });
    const [a, b] = [ct.softmax(x), ct.transpose(ct.softmax(ct.transpose(x), { axis: 0 }))];
    near(a.data(), b.data(), (i) => 8 * EPSILON.f64 * b.data()[i]);
  }));

test('NaN and infinities', () =>
  ct.scope(() => {
    const [nan, inf] = [Number.NaN, Infinity];
    for (const dtype of ['f64', 'f32'] as const) {
      for (const axis of [0, 1]) {
        // The same rows along either axis, among rows that are finite.
        const rows = [
          [1, nan, 3],
          [-inf, -inf, -inf],
          [inf, 1, -inf],
          [-inf, 0, -inf],
          [1, nan, inf],
        ];
        const table = ct.tensor(rows, { dtype });
        const x = axis === 1 ? table : ct.transpose(table);
        const column = (y: ct.Tensor) => Array.from(y.data());
        assert.equal(column(ct.max(x, { axis })), [nan, -inf, inf, 0, nan]);
        assert.equal(column(ct.min(x, { axis })), [nan, -inf, -inf, -inf, nan]);
        assert.equal(column(ct.argmax(x, { axis })), [1, 0, 0, 1, 1]);
        assert.equal(column(ct.argmin(x, { axis })), [1, 0, 2, 0, 1]);
        assert.equal(column(ct.logsumexp(x, { axis })), [nan, -inf, inf, 0, nan]);
        assert.equal(column(ct.norm(x, { axis })), [nan, inf, inf, inf, nan]);
        const soft = ct.softmax(x, { axis });
        assert.equal((axis === 1 ? soft : ct.transpose(soft)).toArray(), [
          [nan, nan, nan],
          [nan, nan, nan],
          // What is infinite takes all; nothing but -Infinity has no largest.
          [1, 0, 0],
          [0, 1, 0],
          [nan, nan, nan],
        ]);
      }
    }
  }));

test('one NaN, wherever it stands, is the maximum and the minimum', () =>
  ct.scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      for (const n of [1, 7, 16, 37]) {
        for (let at = 0; at < n; at++) {
          const x = ct.tensor(new Array(n).fill(1), { dtype });
          x.data()[at] = Number.NaN;
          for (const f of [ct.max, ct.min]) assert.ok(Number.isNaN(f(x).item()));
          for (const f of [ct.argmax, ct.argmin]) assert.is(f(x).item(), at);
        }
      }
    }
  }));

test('norms neither overflow nor underflow, along either axis', () =>
  ct.scope(() => {
    for (const [dtype, big, small] of [
      ['f64', 2 ** 1000, 2 ** -1060],
      ['f32', 2 ** 120, 2 ** -145],
    ] as const) {
      const x = ct.tensor(
        [
          [3, 3 * big, 3 * small, 0],
          [4, 4 * big, 4 * small, 0],
        ],
        { dtype },
      );
      const want = [5, 5 * big, 5 * small, 0];
      near(ct.norm(x, { axis: 0 }).data(), want, (i) => 4 * EPSILON[dtype] * want[i]);
      near(ct.norm(ct.transpose(x), { axis: 1 }).data(), want, (i) => 4 * EPSILON[dtype] * want[i]);
    }
  }));

test('logsumexp and softmax do not overflow, and underflow gradually', () =>
  ct.scope(() => {
    const x = ct.tensor([1e300, 1e300]);
    assert.is(ct.logsumexp(x).item(), 1e300);
    assert.equal(ct.softmax(x).toArray(), [0.5, 0.5]);
    const tail = ct.softmax(ct.tensor([0, -740, -745, -746, -1e308])).data();
    near(tail, [1, Math.exp(-740), Math.exp(-745), Math.exp(-746), 0], Number.MIN_VALUE);
    const single = ct.softmax(ct.tensor(new Float32Array([0, -100, -103, -105, -1e38]))).data();
    near(single, [1, Math.exp(-100), Math.exp(-103), 0, 0], 2 ** -149);
    assert.equal(ct.logSoftmax(ct.tensor([0, -1e5])).toArray(), [0, -1e5]);
  }));

test.run();
