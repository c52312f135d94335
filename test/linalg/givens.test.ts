// Givens rotations: LAPACK's conventions at every magnitude, and long sequences against dense products.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, DTypeError, matmul, ShapeError, scope, tensor, zeros } from '#src/index.js';
import { applyGivens, givens } from '#src/linalg/structured/givens.js';
import { EPSILON, near, numbers, property, rejects } from '../support/check.js';

test('givens: conventions at zeros and signs', () => {
  assert.equal(givens(3, 4), { c: 0.6, s: 0.8, r: 5 });
  assert.equal(givens(-3, 4), { c: 0.6, s: -0.8, r: -5 });
  assert.equal(givens(-2, 0), { c: 1, s: 0, r: -2 });
  assert.equal(givens(0, 0), { c: 1, s: 0, r: 0 });
  assert.equal(givens(0, -7), { c: 0, s: -1, r: 7 });
});

test('givens: c² + s² = 1 and [c s; -s c] [a; b] = [r; 0] from the smallest number to the largest', () => {
  const magnitude = fc.tuple(
    fc.double({ min: -2, max: 2, noNaN: true }),
    fc.integer({ min: -1074, max: 1023 }),
  );
  property(
    fc.tuple(magnitude, magnitude),
    ([[fa, ea], [fb, eb]]) => {
      const [a, b] = [fa * 2 ** ea, fb * 2 ** eb];
      if (!Number.isFinite(a) || !Number.isFinite(b)) return;
      const { c, s, r } = givens(a, b);
      near([c * c + s * s], [1], 1e-15);
      assert.ok(c >= 0);
      const largest = Math.max(Math.abs(a), Math.abs(b));
      if (largest === 0) return;
      // Divided by a power of two, so that the check itself neither overflows nor underflows.
      const unit = 2 ** Math.min(1000, Math.max(-1000, Math.floor(Math.log2(largest))));
      // Relative to what the clamp above has left of the size.
      const room = 1e-15 * Math.max(1, largest / unit) + Number.MIN_VALUE / unit;
      // sqrt(a² + b²) itself may lie beyond the largest number.
      if (r === Number.POSITIVE_INFINITY || r === Number.NEGATIVE_INFINITY) {
        assert.ok(Math.hypot(a / unit, b / unit) * (unit / 2 ** 24) >= Number.MAX_VALUE / 2 ** 24);
        return;
      }
      near([c * (a / unit) + s * (b / unit)], [r / unit], 4 * room, 'r');
      near([c * (b / unit) - s * (a / unit)], [0], 4 * room, '0');
    },
    2000,
  );
  near([givens(1e308, 1e308).r], [Math.SQRT2 * 1e308], 1e293);
  near([givens(Number.MIN_VALUE, Number.MIN_VALUE).c], [Math.SQRT1_2], 2e-16);
});

test('givens: NaN and Infinity come out as NaN, and beside 0 as they are', () => {
  for (const [a, b] of [
    [Number.NaN, 1],
    [1, Number.NaN],
    [Number.POSITIVE_INFINITY, 1],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ]) {
    const { c, s } = givens(a, b);
    assert.ok(Number.isNaN(c) || Number.isNaN(s), `${a}, ${b}`);
  }
  assert.equal(givens(Number.POSITIVE_INFINITY, 0), { c: 1, s: 0, r: Number.POSITIVE_INFINITY });
  rejects(() => givens('1' as never, 2), ArgumentError, /givens: a and b must be numbers, got "1" and 2/);
});

/** The rotations of a random sequence. */
function sequence(n: number, count: number, seed: number) {
  const random = numbers(3 * count, seed);
  const i = new Int32Array(count);
  const j = new Int32Array(count);
  const angles = new Float64Array(count);
  for (let t = 0; t < count; t++) {
    i[t] = Math.floor(((random[3 * t] + 1) / 2) * n);
    j[t] = (i[t] + 1 + Math.floor(((random[3 * t + 1] + 1) / 2) * (n - 1))) % n;
    angles[t] = 4 * random[3 * t + 2];
  }
  return { i, j, angles };
}

/** G_1 … G_N as the definition says it, by dense products in double precision. */
function dense(n: number, { i, j, angles }: ReturnType<typeof sequence>): number[][] {
  let product = Array.from({ length: n }, (_, r) => Array.from({ length: n }, (_, c) => +(r === c)));
  for (let t = 0; t < angles.length; t++) {
    const factor = Array.from({ length: n }, (_, r) => Array.from({ length: n }, (_, c) => +(r === c)));
    factor[i[t]][i[t]] = factor[j[t]][j[t]] = Math.cos(angles[t]);
    factor[i[t]][j[t]] = Math.sin(angles[t]);
    factor[j[t]][i[t]] = -Math.sin(angles[t]);
    product = product.map((row) => row.map((_, c) => row.reduce((s, v, k) => s + v * factor[k][c], 0)));
  }
  return product;
}

const problem = fc.record({
  n: fc.integer({ min: 2, max: 12 }),
  m: fc.integer({ min: 0, max: 37 }),
  count: fc.integer({ min: 0, max: 40 }),
  batch: fc.constantFrom<number[]>([], [1], [3], [2, 2], [0]),
  transpose: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

for (const dtype of ['f64', 'f32'] as const) {
  const eps = EPSILON[dtype];

  test(`applyGivens is the dense product, on both sides and transposed, in ${dtype}`, () =>
    property(problem, ({ n, m, count, batch, transpose, seed }) => {
      const rotations = sequence(n, count, seed);
      scope(() => {
        const g = tensor(dense(n, rotations), { dtype });
        const size = batch.reduce((p, q) => p * q, 1) * n * m;
        const x = tensor(Float64Array.from(numbers(size, seed + 1)), { shape: [...batch, n, m], dtype });
        const before = x.toTypedArray();
        const bound = 16 * eps * (count + n);
        const left = applyGivens(x, rotations, { transpose });
        assert.equal(left.shape, x.shape);
        near(left.data(), matmul(g, x, { transposeA: transpose }).data(), bound, 'left');
        const y = tensor(Float64Array.from(numbers(size, seed + 2)), { shape: [...batch, m, n], dtype });
        const right = applyGivens(y, rotations, { transpose, side: 'right' });
        near(right.data(), matmul(y, g, { transposeB: transpose }).data(), bound, 'right');
        near(x.data(), before, 0, 'x must not change');
        const v = tensor(Float64Array.from(numbers(n, seed + 3)), { dtype });
        near(
          applyGivens(v, rotations, { transpose }).data(),
          matmul(g, v, { transposeA: transpose }).data(),
          bound,
        );
        const row = matmul(v, g, { transposeB: transpose });
        near(applyGivens(v, rotations, { transpose, side: 'right' }).data(), row.data(), bound, 'row');
      });
    }));

  test(`100,000 rotations keep a matrix orthogonal, and the transpose undoes them, in ${dtype}`, () =>
    scope(() => {
      const [n, m, count] = [61, 45, 100_000];
      const rotations = sequence(n, count, 7);
      const x = tensor(Float64Array.from(numbers(n * m, 8)), { shape: [n, m], dtype });
      const turned = applyGivens(x, rotations);
      // Rounding errors of 3,300 rotations a row add up as a random walk.
      const growth = 40 * eps * Math.sqrt(count / n) * 8;
      near(applyGivens(turned, rotations, { transpose: true }).data(), x.data(), growth, 'GᵀG x');
      near(
        matmul(turned, turned, { transposeA: true }).data(),
        matmul(x, x, { transposeA: true }).data(),
        n * growth,
        'columns keep their products',
      );
      const tensors = {
        i: tensor(rotations.i),
        j: tensor(rotations.j),
        angles: tensor(rotations.angles),
      };
      near(applyGivens(x, tensors).data(), turned.data(), 0, 'tensors as arguments');
    }));
}

test('applyGivens: empty sequences, empty matrices', () =>
  scope(() => {
    const none = { i: [], j: [], angles: [] };
    assert.equal(applyGivens(tensor([[1, 2]]), none).toArray(), [[1, 2]]);
    assert.equal(applyGivens(zeros([0, 3]), none).shape, [0, 3]);
    assert.equal(applyGivens(zeros([0]), none).shape, [0]);
    const [x] = applyGivens(tensor([1, Number.NaN, 2]), { i: [0], j: [2], angles: [Math.PI / 2] }).data();
    near([x], [2], 1e-15, 'NaN stays where no rotation reaches');
  }));

test('applyGivens: errors', () =>
  scope(() => {
    const x = zeros([3, 2]);
    const one = { i: [0], j: [1], angles: [1] };
    rejects(
      () => applyGivens(x, { ...one, i: [3] }),
      ArgumentError,
      /applyGivens: i\[0\] must be .* 0 to 2, got 3/,
    );
    rejects(() => applyGivens(x, { ...one, j: [-1] }), ArgumentError, /j\[0\] must be an integer .*, got -1/);
    rejects(
      () => applyGivens(x, { ...one, j: [0.5] }),
      ArgumentError,
      /j\[0\] must be an integer .*, got 0.5/,
    );
    rejects(() => applyGivens(x, { ...one, j: [0] }), ArgumentError, /i\[0\] and j\[0\] must differ/);
    rejects(
      () => applyGivens(x, one, { side: 'up' as never }),
      ArgumentError,
      /side must be 'left' or 'right'/,
    );
    rejects(() => applyGivens(x, { ...one, angles: [1, 2] }), ShapeError, /one length, got 1, 1 and 2/);
    rejects(() => applyGivens(x, { ...one, angles: ['1'] as never }), ArgumentError, /angles must be/);
    rejects(() => applyGivens(x, undefined as never), ArgumentError, /rotations must be/);
    const wide = { ...one, i: zeros([1]) };
    rejects(() => applyGivens(x, wide), DTypeError, /i must be i32, got f64/);
    const [scalar, integers] = [zeros([]), zeros([3], { dtype: 'i32' })];
    rejects(() => applyGivens(scalar, one), ShapeError, /at least one axis/);
    rejects(() => applyGivens(integers, one), DTypeError, /must be f64 or f32/);
    rejects(() => applyGivens([1, 2] as never, one), ArgumentError, /x must be a tensor/);
  }));

test.run();
