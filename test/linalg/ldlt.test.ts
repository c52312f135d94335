// LDLᵀ of symmetric indefinite matrices: reconstruction, solutions, inertia and determinants, on matrices that need pivoting.
// It defines the kernels sytrf_T, sytrs_T and the sytrf_verb_T that follow from a factorization.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  DisposedError,
  DTypeError,
  eye,
  ShapeError,
  SingularMatrixError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { ldlt } from '#src/linalg/dense/ldlt.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';

type Float = 'f64' | 'f32';
const SIZES = [...Array.from({ length: 41 }, (_, n) => n), 64, 65, 100, 128, 130, 255, 257];

/** A symmetric matrix from a rule for its lower triangle; above the diagonal lies what must not be read. */
function lower(n: number, rule: (i: number, j: number) => number, dtype: Float, scale = 1): Tensor {
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) data[i * n + j] = j <= i ? scale * rule(i, j) : Number.NaN;
  }
  return tensor(data, { shape: [n, n], dtype });
}

/** The whole matrix in double precision. */
function whole(a: Tensor): Float64Array {
  const n = a.shape[0];
  const data = a.data();
  return Float64Array.from({ length: n * n }, (_, t) => {
    const [i, j] = [Math.floor(t / n), t % n];
    return data[Math.max(i, j) * n + Math.min(i, j)];
  });
}

/** The largest sum of a row's magnitudes; n columns. */
function norm(data: ArrayLike<number>, n: number): number {
  let most = 0;
  for (let i = 0; i * n < data.length; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += Math.abs(data[i * n + j]);
    most = Math.max(most, sum);
  }
  return most;
}

const drawn = new Map<string, number[]>();
const random = (n: number, seed: number) => {
  const key = `${n} ${seed}`;
  const values = drawn.get(key) ?? numbers(n * n, seed + n);
  drawn.set(key, values);
  return (i: number, j: number) => values[i * n + j];
};
const KINDS: Record<
  string,
  (n: number, dtype: Float) => [rule: (i: number, j: number) => number, scale?: number]
> = {
  random: (n) => [random(n, 1)],
  'zero diagonal': (n) => [(i, j) => (i === j ? 0 : random(n, 2)(i, j))],
  KKT: (n) => [
    (i, j) => (i === j ? (i < 0.6 * n ? 2 + i : 0) : i >= 0.6 * n && j < 0.6 * n ? random(n, 3)(i, j) : 0),
  ],
  graded: (n) => [(i, j) => random(n, 4)(i, j) * 10 ** ((-4 * (i + j)) / Math.max(1, n))],
  'graded upwards': (n) => [(i, j) => random(n, 5)(i, j) * 10 ** ((4 * (i + j)) / Math.max(1, n))],
  diagonal: () => [(i, j) => (i === j ? (i % 2 ? -1 : 1) * (i + 1) : 0)],
  'exchange of neighbours': () => [(i, j) => (i % 2 === 1 && j === i - 1 ? 1 : 0)],
  antidiagonal: (n) => [(i, j) => (i + j === n - 1 ? 1 : 0)],
  'cyclic laplacian shifted': (n) => [(i, j) => (i === j ? 0.5 : i - j === 1 || i - j === n - 1 ? -1 : 0)],
  tiny: (n, dtype) => [random(n, 6), dtype === 'f64' ? 1e-160 : 1e-25],
  huge: (n, dtype) => [random(n, 7), dtype === 'f64' ? 1e150 : 1e18],
};

let worst = 0;
for (const dtype of ['f64', 'f32'] as const) {
  const eps = EPSILON[dtype];
  for (const [kind, make] of Object.entries(KINDS)) {
    test(`${kind} in ${dtype}: Pᵀ L D Lᵀ P = A and A x = b`, () => {
      for (const n of kind === 'random' || kind === 'zero diagonal' ? SIZES : [1, 2, 3, 5, 16, 33, 40, 130]) {
        scope(() => {
          const [rule, scale] = make(n, dtype);
          const a = lower(n, rule, dtype, scale);
          const want = whole(a);
          const size = norm(want, n);
          using f = ldlt(a);
          const got = f.reconstruct();
          // Bunch and Kaufman's pivoting bounds the growth of D, and of L only through it.
          const limit = 20 * Math.max(1, n) * eps * size;
          near(got.data(), want, limit, `${n}`);
          const entries = got.data();
          for (let t = 0; t < n * n; t++)
            worst = Math.max(worst, Math.abs(entries[t] - want[t]) / (n * eps * size || 1));
          const { positive, negative, zero } = f.inertia();
          assert.is(positive + negative + zero, n);
          if (zero > 0) return;
          for (const columns of [0, 1, 5, 40]) {
            const b = tensor(Float64Array.from(numbers(n * Math.max(1, columns), 8)), {
              shape: columns ? [n, columns] : [n],
              dtype,
            });
            const x = f.solve(b);
            assert.equal(x.shape, b.shape);
            const k = Math.max(1, columns);
            const [xs, bs] = [x.data(), b.data()];
            const largest = norm(xs, 1);
            for (let i = 0; i < n; i++) {
              for (let c = 0; c < k; c++) {
                let sum = -bs[i * k + c];
                for (let j = 0; j < n; j++) sum += want[i * n + j] * xs[j * k + c];
                const ratio = Math.abs(sum) / (n * eps * size * largest);
                assert.ok(ratio < 20, `${n} x ${columns}: residual ratio ${ratio}`);
              }
            }
          }
        });
      }
    });
  }

  test(`stacks, broadcast right sides, determinants in ${dtype}`, () =>
    scope(() => {
      const stack = tensor(
        [
          [
            [0, 9],
            [2, 0],
          ],
          [
            [4, 9],
            [1, -3],
          ],
          [
            [1, 9],
            [1, 3],
          ],
        ],
        { dtype },
      );
      using f = ldlt(stack);
      const b = tensor([1, 2], { dtype });
      near(f.solve(b).data(), [1, 0.5, 5 / 13, -7 / 13, 0.5, 0.5], 4 * eps);
      near(f.logAbsDet().data(), [Math.log(4), Math.log(13), Math.log(2)], 8 * eps);
      assert.equal(
        [0, 1, 2].map((i) => f.inertia(i)),
        [
          { positive: 1, negative: 1, zero: 0 },
          { positive: 1, negative: 1, zero: 0 },
          { positive: 2, negative: 0, zero: 0 },
        ],
      );
      near(f.reconstruct().data(), [0, 2, 2, 0, 4, 1, 1, -3, 1, 1, 1, 3], 8 * eps);
      const sides = tensor(Float64Array.from(numbers(2 * 3 * 2 * 4, 1)), { shape: [2, 3, 2, 4], dtype });
      assert.equal(f.solve(sides).shape, [2, 3, 2, 4]);
    }));
}

test('golden: symmetric matrices of the fixtures', () => {
  const { matrices } = JSON.parse(
    readFileSync(new URL('../../../test/fixtures/linalg.json', import.meta.url), 'utf8'),
  );
  let compared = 0;
  for (const { name, kind, A, n, b, x_solve, cond2, logabsdet, eigenvalues } of matrices) {
    if (kind === 'general') continue;
    scope(() => {
      const a = tensor(A.data, { shape: A.shape });
      using f = ldlt(a);
      near(f.reconstruct().data(), A.data, 20 * n * EPSILON.f64 * norm(A.data, n), name);
      if (!cond2 || !x_solve) return;
      const x = f.solve(tensor(b));
      const size = Math.max(...x_solve.map(Math.abs));
      near(x.data(), x_solve, size * Math.max(1e-12, 200 * 2 ** -52 * cond2), `${name} x`);
      near([f.logAbsDet().item()], [logabsdet], Math.max(1e-11, 20 * 2 ** -52 * cond2), `${name} logabsdet`);
      assert.is(f.inertia().positive, eigenvalues.filter((v: number) => v > 0).length, name);
      compared++;
    });
  }
  assert.ok(compared >= 5);
});

test('singular: factored, counted, and not solved', () =>
  scope(() => {
    const b = tensor([1, 1, 1]);
    const zero = ldlt(zeros([3, 3]));
    assert.equal(zero.inertia(), { positive: 0, negative: 0, zero: 3 });
    assert.is(zero.logAbsDet().item(), Number.NEGATIVE_INFINITY);
    near(zero.reconstruct().data(), new Float64Array(9), 0);
    rejects(() => zero.solve(b), SingularMatrixError, /solve: matrix is singular: pivot 0 is 0/);
    const stack = tensor([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ]);
    const f = ldlt(stack);
    const two = tensor([1, 2]);
    rejects(() => f.solve(two), SingularMatrixError, /matrix \[1\] is singular: pivot 1 is 0/);
    assert.equal(f.inertia(1), { positive: 1, negative: 0, zero: 1 });
    for (const factor of [zero, f]) factor.dispose();
  }));

test('NaN and Infinity end, and show', () =>
  scope(() => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const place of [0, 1, 40, 70, 199]) {
        const n = 70;
        const a = lower(n, (i, j) => (i === j ? 1 : random(n, 3)(i, j)), 'f64');
        a.data()[Math.floor((place * n) / 200) * n] = bad;
        using f = ldlt(a);
        const x = f.solve(tensor(numbers(n, 1))).data();
        if (Number.isNaN(bad)) assert.ok(x.some(Number.isNaN));
      }
    }
  }));

test('errors, empty matrices, disposal', () =>
  scope(() => {
    const [wide, integers, vector] = [zeros([2, 3]), zeros([2, 2], { dtype: 'i32' }), zeros([3])];
    rejects(() => ldlt(wide), ShapeError, /ldlt: a must be square, got 2 x 3/);
    rejects(() => ldlt(integers), DTypeError, /ldlt: a must be f64 or f32/);
    rejects(() => ldlt([1] as never), ArgumentError, /a must be a tensor/);
    const f = ldlt(eye(2));
    rejects(() => f.solve(vector), ShapeError, /b must have 2 rows/);
    rejects(() => f.inertia(1), ArgumentError, /index must be an integer from 0 to 0, got 1/);
    f.dispose();
    f.dispose();
    const two = zeros([2]);
    rejects(() => f.solve(two), DisposedError, /has been disposed/);
    using none = ldlt(zeros([0, 0]));
    assert.equal(none.solve(zeros([0])).shape, [0]);
    assert.equal(none.inertia(), { positive: 0, negative: 0, zero: 0 });
    assert.is(none.logAbsDet().item(), 0);
    using empty = ldlt(zeros([0, 2, 2]));
    assert.equal(empty.logAbsDet().shape, [0]);
  }));

test.after(() => {
  if (process.env.RATIOS) console.log(`largest reconstruction ratio ${worst}`);
});
test.run();
