// Means, variances, batch normalisation and cumulative sums against exact sums: offsets far larger than the spread, all magnitudes, equal
// elements, long axes, every choice of axes, both types.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { standardize } from '#src/ops/standardize.js';
import { numbers, property } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { add, div, type Real, real, sqrt, square, sub, toNumber, ZERO } from '../support/reals.js';

type Float = 'f64' | 'f32';
const EPS = { f64: 2 ** -52, f32: 2 ** -23 };

const total = (list: readonly Real[]) => list.reduce((p, q) => add(p, q), ZERO);
const meanOf = (list: readonly number[]) => div(total(list.map(real)), real(list.length));
const spreadOf = (list: readonly number[], ddof = 0) => {
  const centre = meanOf(list);
  return div(total(list.map((x) => square(sub(real(x), centre)))), real(list.length - ddof));
};

const sample = fc.record({
  dtype: fc.constantFrom<Float>('f64', 'f32'),
  n: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(63, 64, 65, 257, 1025, 3001)),
  inner: fc.constantFrom(1, 2, 3, 7, 257),
  outer: fc.constantFrom(1, 2),
  // Magnitudes of the spread, and of the offset beside it.
  size: fc.integer({ min: -30, max: 30 }),
  offset: fc.integer({ min: -5, max: 12 }),
  seed: fc.nat(1000),
});

/** Numbers around an offset, as the type holds them. */
function values(dtype: Float, count: number, size: number, offset: number, seed: number): number[] {
  // The spread must be more than the type resolves next to the offset.
  const most = dtype === 'f32' ? 5 : 12;
  return numbers(count, seed).map((v) => {
    const x = (v + 10 ** Math.min(offset, most)) * 10 ** size;
    return dtype === 'f32' ? Math.fround(x) : x;
  });
}

/** The lists along the middle axis. */
const lines = (data: readonly number[], outer: number, n: number, inner: number): number[][] =>
  Array.from({ length: outer * inner }, (_, line) =>
    Array.from({ length: n }, (_, j) => data[(Math.floor(line / inner) * n + j) * inner + (line % inner)]),
  );

/** |got - want| in units of the larger of want and `least`. */
function units(dtype: Float, got: number, want: Real, least: number): number {
  return Math.abs(toNumber(sub(real(got), want))) / (EPS[dtype] * Math.max(Math.abs(toNumber(want)), least));
}

test('mean and variance against exact sums, whatever the offset', () =>
  property(
    sample,
    ({ dtype, n, inner, outer, size, offset, seed }) =>
      ct.scope(() => {
        if (n * inner > 30_000) return;
        // Variances of f32 beyond 1e38 are infinite.
        const magnitude = dtype === 'f32' ? Math.trunc(size / 2) : size;
        const data = values(dtype, outer * n * inner, magnitude, offset, seed);
        const x = ct.tensor(data, { shape: [outer, n, inner], dtype });
        const lists = lines(data, outer, n, inner);
        const plan = ct.compile((z: ct.Tensor) => [ct.mean(z, { axis: 1 }), ct.variance(z, { axis: 1 })]);
        const planned = plan(x) as ct.Tensor[];
        const [mean, variance] = [ct.mean(x, { axis: 1 }), ct.variance(x, { axis: 1 })];
        assert.equal(Array.from(planned[0].data()), Array.from(mean.data()));
        assert.equal(Array.from(planned[1].data()), Array.from(variance.data()));
        lists.forEach((list, i) => {
          const largest = Math.max(...list.map(Math.abs));
          const m = units(dtype, mean.data()[i], meanOf(list), dtype === 'f32' ? 1e-7 * largest : largest);
          assert.ok(m <= (dtype === 'f32' ? 1 : 12), `mean ${m} units, n = ${n}`);
          const v = units(
            dtype,
            variance.data()[i],
            spreadOf(list),
            (dtype === 'f32' ? 2 ** -126 : 0) + 1e-300,
          );
          assert.ok(v <= (dtype === 'f32' ? 1 : 64), `variance ${v} units, n = ${n}, offset ${offset}`);
        });
        if (n > 1) {
          const { data: got } = { data: ct.variance(x, { axis: 1, ddof: 1 }).data() };
          const v = units(dtype, got[0], spreadOf(lists[0], 1), 2 ** -126);
          assert.ok(v <= 64);
        }
        plan.dispose();
      }),
    150,
  ));

test('equal elements: the mean is the element, the variance 0, normalised 0', () =>
  property(
    fc.record({
      dtype: fc.constantFrom<Float>('f64', 'f32'),
      n: fc.integer({ min: 1, max: 300 }),
      inner: fc.constantFrom(1, 5),
      exponent: fc.integer({ min: -37, max: 37 }),
      mantissa: fc.double({ min: 1, max: 2, noNaN: true }),
    }),
    ({ dtype, n, inner, exponent, mantissa }) =>
      ct.scope(() => {
        const x = ct.full([n, 2, inner], mantissa * 10 ** exponent, { dtype });
        assert.ok(
          ct
            .variance(x, { axis: 0 })
            .data()
            .every((v) => v === 0),
        );
        assert.is(ct.variance(x).item(), 0);
        assert.ok(
          standardize(x, 1e-5)[0]
            .data()
            .every((v) => v === 0),
        );
        if (dtype === 'f32') assert.ok(ct.mean(x).item() === x.data()[0]);
      }),
    100,
  ));

test('huge and tiny elements neither overflow nor vanish', () =>
  ct.scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      for (const size of dtype === 'f64'
        ? [1e200, 1e300, 1e-200, 1e-300, 1.7e308, Number.MIN_VALUE]
        : [1e30, 3e38, 1e-30, 1e-44]) {
        for (const shape of [
          [2, 1],
          [2, 3],
          [2, 1, 4],
        ]) {
          const count = shape.reduce((p, q) => p * q, 1);
          const x = ct.tensor(
            Array.from({ length: count }, (_, i) => (i < count / 2 ? size : -size)),
            { shape, dtype },
          );
          const [z] = standardize(x, 0);
          z.data().forEach((v, i) => {
            assert.ok(Math.abs(v - (i < count / 2 ? 1 : -1)) <= 4 * EPS[dtype], `${dtype} ${size}: ${v}`);
          });
        }
      }
    }
    assert.is(ct.mean(ct.tensor([1.5e308, 1.5e308, 1.5e308])).item(), 1.5e308);
    assert.is(ct.mean(ct.full([3], 3e38, { dtype: 'f32' })).item(), Math.fround(3e38));
    const wide = ct.mean(ct.full([4, 5], 1.7e308), { axis: 0 }).data();
    assert.ok(wide.every((v) => Math.abs(v / 1.7e308 - 1) < 1e-15));
    for (const bad of [Number.NaN, Infinity]) {
      assert.ok(Number.isNaN(ct.variance(ct.tensor([1, bad, 2])).item()));
      assert.ok(!Number.isFinite(ct.mean(ct.tensor([1, bad, 2])).item()));
    }
    assert.ok(Number.isNaN(ct.mean(ct.zeros([0])).item()) && Number.isNaN(ct.variance(ct.zeros([0])).item()));
    assert.equal(ct.variance(ct.zeros([2, 0, 3]), { axis: 2 }).shape, [2, 0]);
  }));

test('every choice of axes is the same numbers moved about', () =>
  ct.scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const x = ct.tensor(
        numbers(2 * 3 * 4 * 5, 4).map((v) => v + 100),
        { shape: [2, 3, 4, 5], dtype },
      );
      for (const axis of [[], [0], [3], [1, 2], [0, 2], [1, 3], [0, 1, 3], [0, 1, 2, 3]]) {
        const kept = [0, 1, 2, 3].filter((i) => !axis.includes(i));
        const moved = ct.reshape(ct.transpose(x, [...kept, ...axis]), [
          kept.reduce((p, i) => p * x.shape[i], 1),
          axis.reduce((p, i) => p * x.shape[i], 1),
        ]);
        const want = ct.variance(moved, { axis: 1 }).data();
        const got = ct.variance(x, { axis });
        assert.equal(
          got.shape,
          kept.map((i) => x.shape[i]),
        );
        got.data().forEach((v, i) => {
          assert.ok(Math.abs(v - want[i]) <= 8 * EPS[dtype] * want[i]);
        });
      }
    }
  }));

test('standardize: exact to rounding, with derivatives of every output', () => {
  property(
    fc.record({
      dtype: fc.constantFrom<Float>('f64', 'f32'),
      n: fc.integer({ min: 1, max: 9 }),
      channels: fc.constantFrom(1, 2, 5, 257),
      inner: fc.constantFrom(1, 2, 9),
      offset: fc.integer({ min: -3, max: 5 }),
      seed: fc.nat(1000),
    }),
    ({ dtype, n, channels, inner, offset, seed }) =>
      ct.scope(() => {
        const data = values(dtype, n * channels * inner, 0, offset, seed);
        const x = ct.tensor(data, { shape: [n, channels, inner], dtype });
        const [z, mean, variance, factor] = standardize(x, 1e-5).map((y) => y.data());
        for (const c of [0, channels - 1]) {
          const at = (k: number) => (Math.floor(k / inner) * channels + c) * inner + (k % inner);
          const list = Array.from({ length: n * inner }, (_, k) => data[at(k)]);
          const spread = spreadOf(list);
          const root = sqrt(add(spread, real(1e-5)));
          const tolerance = dtype === 'f32' ? 1 : 64;
          const largest = Math.max(...list.map(Math.abs));
          assert.ok(
            units(dtype, mean[c], meanOf(list), dtype === 'f32' ? 1e-7 * largest : largest) <= tolerance,
          );
          assert.ok(units(dtype, variance[c], spread, 1e-30) <= tolerance);
          assert.ok(units(dtype, factor[c], div(real(1), root), 0) <= tolerance);
          list.forEach((v, k) => {
            const want = div(sub(real(v), meanOf(list)), root);
            assert.ok(
              units(dtype, z[at(k)], want, 1e-4) <= (dtype === 'f32' ? 2 : 1e4 * 10 ** Math.max(0, offset)),
            );
          });
        }
      }),
    60,
  );
  ct.scope(() => {
    for (const shape of [
      [4, 2],
      [3, 2, 4],
      [2, 3, 2, 2],
    ]) {
      const x = ct.tensor(
        numbers(
          shape.reduce((p, q) => p * q, 1),
          7,
        ),
        { shape },
      );
      checkDerivatives((y) => standardize(y, 0.1), [x]);
      checkDerivatives((y) => ct.square(standardize(y, 1e-3)[0]), [x], { order: 1 });
    }
  });
});

test('batchNorm in training: next to a large offset, and running statistics', () =>
  ct.scope(() => {
    const layer = ct.nn.batchNorm({ momentum: 1 });
    const data = [0, 0.5, 1, 1.5].map((v) => v + 2 ** 22);
    const x = ct.tensor(data, { shape: [4, 1], dtype: 'f32' });
    const { y, params } = layer.forward(layer.init(ct.random(1), [1], { dtype: 'f32' }), x, {
      training: true,
    });
    const want = [-1.5, -0.5, 0.5, 1.5].map((v) => v / 2 / Math.sqrt(0.3125 + 1e-5));
    y.data().forEach((v, i) => {
      assert.ok(Math.abs(v - want[i]) < 1e-6);
    });
    assert.ok(Math.abs(params.runningVariance.item() - 0.3125 * (4 / 3)) < 1e-6);
    assert.is(params.runningMean.item(), Math.fround(2 ** 22 + 0.75));
  }));

test('cumulative sums: the error does not grow with the length, along any axis, forwards and backwards', () =>
  ct.scope(() => {
    const long = ct.full([2_000_000], 0.0005, { dtype: 'f32' });
    const step = Math.fround(0.0005);
    const sums = ct.cumsum(long).data();
    for (const i of [0, 9, 999_999, 1_999_999])
      assert.ok(Math.abs(sums[i] / ((i + 1) * step) - 1) <= 2 ** -24);
    assert.ok(Math.abs(ct.cumsum(long, { reverse: true }).data()[0] / (2_000_000 * step) - 1) <= 2 ** -24);
    const gradient = ct.grad((z: ct.Tensor) => ct.mul(0.0005, ct.sum(ct.cumsum(z))))(long) as ct.Tensor;
    assert.ok(Math.abs(gradient.data()[0] / (2_000_000 * step) - 1) <= 1e-6);
  }));

test('cumulative sums against exact ones, with cancellation', () =>
  property(
    fc.record({
      dtype: fc.constantFrom<Float>('f64', 'f32'),
      n: fc.constantFrom(1, 2, 17, 1000),
      inner: fc.constantFrom(1, 2, 3, 8, 19),
      reverse: fc.boolean(),
      seed: fc.nat(1000),
    }),
    ({ dtype, n, inner, reverse, seed }) =>
      ct.scope(() => {
        const data = numbers(n * inner, seed).map((v, i) => {
          const x = v * 10 ** ((i * 7) % 9);
          return dtype === 'f32' ? Math.fround(x) : x;
        });
        const got = ct.cumsum(ct.tensor(data, { shape: [n, inner], dtype }), { axis: 0, reverse }).data();
        for (let i = 0; i < inner; i++) {
          let sum = ZERO;
          let size = 0;
          for (let k = 0; k < n; k++) {
            const j = reverse ? n - 1 - k : k;
            sum = add(sum, real(data[j * inner + i]));
            size += Math.abs(data[j * inner + i]);
            // One rounding of the result, and what is left of those of the parts.
            const error = Math.abs(toNumber(sub(real(got[j * inner + i]), sum)));
            assert.ok(
              error <=
                EPS[dtype] * Math.abs(toNumber(sum)) +
                  2 ** -52 * 4 * (dtype === 'f32' ? k + 1 : n * 2 ** -52 + 1e-9) * size,
              `${error}`,
            );
          }
        }
      }),
    100,
  ));

test('cumulative sums of infinities, NaN and zeros', () =>
  ct.scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      for (const columns of [1, 2, 9]) {
        const rows = [-0, 1, Infinity, 2, -Infinity, 1].map((v) => new Array(columns).fill(v));
        const got = ct.cumsum(ct.tensor(rows, { dtype }), { axis: 0 }).toArray() as number[][];
        for (let c = 0; c < columns; c++)
          assert.equal(
            got.map((row) => row[c]),
            [-0, 1, Infinity, Infinity, Number.NaN, Number.NaN],
          );
      }
      const huge = ct.cumsum(ct.tensor([1e308, 1e308, -1e308])).data();
      assert.equal(Array.from(huge), [1e308, Infinity, Infinity]);
    }
  }));

test.run();
