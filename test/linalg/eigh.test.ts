// The symmetric eigenproblem: LAPACK's test ratios on matrices that find eigensolvers out, golden values, stacks, errors.
// It defines the kernels syevd_T and syevj_T (divide and conquer; Jacobi).
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, DTypeError, linalg, ShapeError, scope, tensor, zeros } from '#src/index.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';
import { type Float, rounded } from '../support/raw.js';
import { dense, norm1, orthogonality, product, SIZES } from '../support/residuals.js';
import { withSpectrum } from '../support/spectrum.js';

type Rule = (i: number, j: number) => number;

/** The symmetric matrix whose lower triangle is this. */
const symmetric = (n: number, rule: Rule): number[] =>
  Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i >= j ? rule(i, j) : rule(j, i);
  });

/** Wilkinson's matrices of order 21, glued by small numbers: pairs of eigenvalues that agree to the last bits, many times. */
const wilkinson =
  (glue: number): Rule =>
  (i, j) =>
    i === j ? Math.abs((i % 21) - 10) : i - j === 1 ? (i % 21 === 0 ? glue : 1) : 0;

/** Matrices by name; entries fit the dtype. */
function gallery(n: number, dtype: Float): [string, number[]][] {
  const random = numbers(n * n, n + 1);
  const at: Rule = (i, j) => random[i * n + j];
  const [small, large, least, most] =
    dtype === 'f64' ? [1e-160, 1e150, 1e-300, 1e300] : [1e-20, 1e18, 1e-33, 1e33];
  const all: [string, number[]][] = [
    ['random', symmetric(n, at)],
    ['identity', symmetric(n, (i, j) => Number(i === j))],
    ['zero', symmetric(n, () => 0)],
    ['diagonal', symmetric(n, (i, j) => (i === j ? at(i, i) : 0))],
    ['antidiagonal', symmetric(n, (i, j) => Number(i + j === n - 1))],
    ['ones', symmetric(n, () => 1)],
    ['laplacian', symmetric(n, (i, j) => (i === j ? 2 : i - j === 1 ? -1 : 0))],
    ['zero diagonal', symmetric(n, (i, j) => Number(i - j === 1))],
    ['glued Wilkinson 1e-8', symmetric(n, wilkinson(1e-8))],
    ['glued Wilkinson 1e-14', symmetric(n, wilkinson(1e-14))],
    ['graded down', symmetric(n, (i, j) => at(i, j) * 10 ** ((-6 * (i + j)) / n))],
    ['graded up', symmetric(n, (i, j) => at(i, j) * 10 ** ((6 * (i + j)) / n - 12))],
    ['rank three', symmetric(n, (i, j) => i * j + ((i % 2) - 0.5) * ((j % 2) - 0.5) - (i % 3) * (j % 3))],
    ['two eigenvalues', withSpectrum(n, (i) => (i % 2 === 0 ? 1 : -1))],
    ['clustered', withSpectrum(n, (i) => (i < n / 2 ? 1 + 1e-12 * i : 1e-3 * i))],
    ['geometric', withSpectrum(n, (i) => 10 ** ((-14 * i) / n))],
    ['one of size 1', withSpectrum(n, (i) => (i === 0 ? 1 : 1e-16))],
    ['Hilbert', symmetric(n, (i, j) => 1 / (i + j + 1))],
    ['arrow', symmetric(n, (i, j) => (i === j ? i : i === n - 1 ? 1 : 0))],
    ['blocks', symmetric(n, (i, j) => (Math.floor(i / 7) === Math.floor(j / 7) ? at(i % 7, j % 7) : 0))],
    ...[small, large, least, most].map((s): [string, number[]] => [
      `entries near ${s}`,
      symmetric(n, (i, j) => s * at(i, j)),
    ]),
  ];
  return all.map(([name, data]) => [name, rounded(dtype, data)]);
}

/** Checks ascending order, both ratios and the sign convention; gives the values divided by the largest entry. */
function checkPairs(
  what: string,
  n: number,
  dtype: Float,
  data: number[],
  values: ArrayLike<number>,
  vectors: ArrayLike<number>,
  limit = 10,
): Float64Array {
  const eps = 2 * EPSILON[dtype];
  const size = data.reduce((s, x) => Math.max(s, Math.abs(x)), 0) || 1;
  const a = dense(
    n,
    n,
    data.map((x) => x / size),
  );
  const lambda = Float64Array.from(values, (x) => x / size);
  for (let j = 1; j < n; j++) assert.ok(lambda[j] >= lambda[j - 1], `${what}: ascending at ${j}`);
  const v = dense(n, n, vectors);
  const residual = product(a, v).data as Float64Array;
  for (let i = 0; i < n * n; i++) residual[i] -= Number(v.data[i]) * lambda[i % n];
  const backward = norm1(dense(n, n, residual)) / (n * (norm1(a) || 1) * eps);
  assert.ok(backward < limit, `${what}: ||A V - V L|| / (n ||A|| eps) = ${backward}`);
  const off = orthogonality(v, eps);
  assert.ok(off < limit, `${what}: ||VᵀV - I|| / (n eps) = ${off}`);
  for (let j = 0; j < n; j++) {
    let best = 0;
    for (let i = 0; i < n; i++)
      if (Math.abs(v.data[i * n + j]) > Math.abs(best)) best = Number(v.data[i * n + j]);
    assert.ok(best > 0, `${what}: sign of column ${j}`);
  }
  return lambda;
}

for (const dtype of ['f64', 'f32'] as const) {
  const eps = 2 * EPSILON[dtype];

  test(`eigh and eigvalsh in ${dtype}: small ratios, ascending, signs, on the gallery`, () => {
    for (const n of SIZES.filter((size) => size > 0)) {
      for (const [name, data] of gallery(n, dtype)) {
        if (n > 200 && !/random|Wilkinson|clustered|two eig|zero diagonal/.test(name)) continue;
        scope(() => {
          const a = tensor(data, { shape: [n, n], dtype });
          const { values, vectors } = linalg.eigh(a);
          const what = `${name}, n = ${n}`;
          const lambda = checkPairs(what, n, dtype, data, values.data(), vectors.data());
          const size = data.reduce((s, x) => Math.max(s, Math.abs(x)), 0) || 1;
          const alone = linalg.eigvalsh(a).data();
          near(
            Float64Array.from(alone, (x) => x / size),
            lambda,
            4 * n * eps * Math.max(1, Math.abs(lambda[0]), Math.abs(lambda[n - 1])),
            what,
          );
        });
      }
    }
  });

  test(`eigvalsh in ${dtype}: tiny couplings, on which LAPACK's ssterf is off by 4e-3`, () =>
    scope(() => {
      for (const [d, e] of [
        [
          [2, 0, 0, 0, 1, 0, 0],
          [1e-10, 1e-5, 1e-6, 1, 1e-11, 1e-12],
        ],
        [
          [1, 0, -1, 0, 2, 0, -1],
          [1e-12, 1e-11, 1, 0.1, 1, 1e-15],
        ],
      ]) {
        const data = symmetric(7, (i, j) => (i === j ? d[i] : i - j === 1 ? e[j] : 0));
        const a = tensor(data, { shape: [7, 7], dtype });
        near(linalg.eigvalsh(a).data(), linalg.eigh(a, { method: 'jacobi' }).values.data(), 8 * eps);
      }
    }));

  test(`jacobi in ${dtype}: the same ratios`, () => {
    for (const n of [1, 2, 3, 4, 5, 7, 8, 16, 21, 33]) {
      for (const [name, data] of gallery(n, dtype)) {
        scope(() => {
          const a = tensor(data, { shape: [n, n], dtype });
          const { values, vectors } = linalg.eigh(a, { method: 'jacobi' });
          checkPairs(`${name}, n = ${n}`, n, dtype, data, values.data(), vectors.data(), 20);
        });
      }
    }
  });

  test(`eigh in ${dtype} does not read above the diagonal, and the same input gives the same bits`, () => {
    for (const n of [1, 2, 7, 33, 70]) {
      scope(() => {
        const data = symmetric(n, (i, j) => numbers(n * n, 8)[i * n + j]);
        const spoiled = data.map((x, i) => (i % n > Math.floor(i / n) ? Number.NaN : x));
        const [a, b] = [data, spoiled].map((d) => tensor(d, { shape: [n, n], dtype }));
        for (const method of ['divideAndConquer', 'jacobi'] as const) {
          const [x, y] = [a, b].map((t) => linalg.eigh(t, { method }));
          assert.equal(x.vectors.toTypedArray(), y.vectors.toTypedArray());
          assert.equal(x.values.toTypedArray(), y.values.toTypedArray());
        }
        assert.equal(linalg.eigvalsh(a).toTypedArray(), linalg.eigvalsh(b).toTypedArray());
      });
    }
  });

  test(`stacks in ${dtype}: each matrix as if it were alone`, () =>
    scope(() => {
      const data = numbers(2 * 3 * 36, 9);
      const a = tensor(data, { shape: [2, 3, 6, 6], dtype });
      for (const method of ['divideAndConquer', 'jacobi'] as const) {
        const { values, vectors } = linalg.eigh(a, { method });
        assert.equal(
          [values.shape, vectors.shape],
          [
            [2, 3, 6],
            [2, 3, 6, 6],
          ],
        );
        for (let b = 0; b < 6; b++) {
          const alone = tensor(data.slice(36 * b, 36 * b + 36), { shape: [6, 6], dtype });
          const one = linalg.eigh(alone, { method });
          assert.equal(values.toTypedArray().slice(6 * b, 6 * b + 6), one.values.toTypedArray());
          assert.equal(vectors.toTypedArray().slice(36 * b, 36 * b + 36), one.vectors.toTypedArray());
        }
      }
      assert.equal(linalg.eigvalsh(a).shape, [2, 3, 6]);
    }));

  test(`NaN and Infinity in ${dtype}: an error that says where`, () =>
    scope(() => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (const n of [1, 5, 40]) {
          const data = symmetric(n, () => 1);
          data[(n - 1) * n] = bad;
          const a = tensor(data, { shape: [n, n], dtype });
          const where = new RegExp(`a must be finite, got ${bad} in row ${n - 1}, column 0$`);
          rejects(() => linalg.eigh(a), ArgumentError, where);
          rejects(() => linalg.eigh(a, { method: 'jacobi' }), ArgumentError, where);
          rejects(() => linalg.eigvalsh(a), ArgumentError, where);
        }
      }
      const diagonal = tensor([1, 0, 0, Number.NaN], { shape: [2, 2], dtype });
      rejects(() => linalg.eigh(diagonal), ArgumentError, /row 1, column 1$/);
      const stack = zeros([2, 3, 4, 4], { dtype });
      stack.data()[4 * 16 + 13] = Number.NaN;
      for (const method of ['divideAndConquer', 'jacobi'] as const) {
        const where = /NaN in row 3, column 1 of matrix \[1, 1\]/;
        rejects(() => linalg.eigh(stack, { method }), ArgumentError, where);
      }
    }));

  test(`nothing at all in ${dtype}`, () =>
    scope(() => {
      for (const shape of [
        [0, 0],
        [0, 3, 3],
        [2, 0, 0],
      ]) {
        const { values, vectors } = linalg.eigh(zeros(shape, { dtype }));
        assert.equal([values.shape, vectors.shape], [shape.slice(0, -1), shape]);
        assert.equal(linalg.eigvalsh(zeros(shape, { dtype })).shape, shape.slice(0, -1));
      }
    }));
}

test('golden eigenvalues', () => {
  const path = new URL('../../../test/fixtures/linalg.json', import.meta.url);
  const { matrices } = JSON.parse(readFileSync(path, 'utf8'));
  let seen = 0;
  for (const { name, A, n, eigenvalues, singular_values: sigma } of matrices) {
    if (!eigenvalues) continue;
    seen++;
    scope(() => {
      const a = tensor(A.data, { shape: A.shape });
      const bound = (n > 100 ? 1e-12 : 1e-13) * sigma[0];
      near(linalg.eigh(a).values.data(), eigenvalues, bound, name);
      near(linalg.eigh(a, { method: 'jacobi' }).values.data(), eigenvalues, bound, name);
      near(linalg.eigvalsh(a).data(), eigenvalues, bound, name);
    });
  }
  assert.ok(seen >= 8);
});

test('jacobi finds small eigenvalues of a scaled positive definite matrix to full relative accuracy', () =>
  scope(() => {
    // D B D with B = [2 1; 1 2] blocks: det = 3 d₁² d₂² and trace = 2 (d₁² + d₂²) give both eigenvalues.
    const d = [1, 1e-9];
    const a = tensor([
      [2 * d[0] * d[0], d[0] * d[1]],
      [d[0] * d[1], 2 * d[1] * d[1]],
    ]);
    const trace = 2 * (d[0] ** 2 + d[1] ** 2);
    const large = trace / 2 + Math.sqrt((trace / 2) ** 2 - 3 * d[0] ** 2 * d[1] ** 2);
    const small = (3 * d[0] ** 2 * d[1] ** 2) / large;
    const values = linalg.eigh(a, { method: 'jacobi' }).values.data();
    near(values, [small, large], (i) => 1e-15 * [small, large][i]);

    const n = 12;
    const base: Rule = (i, j) => Math.exp(-Math.abs(i - j)) + Number(i === j);
    const scaled = tensor(
      symmetric(n, (i, j) => base(i, j) * 10 ** -(i + j)),
      { shape: [n, n] },
    );
    const { values: found } = linalg.eigh(scaled, { method: 'jacobi' });
    const product = Array.from(found.data()).reduce((p, x) => p * x, 1);
    // The determinant, from the Cholesky factor of the matrix without its scaling.
    const factor = linalg.cholesky(tensor(symmetric(n, base), { shape: [n, n] })).data();
    let determinant = 1;
    for (let i = 0; i < n; i++) determinant *= factor[i * (n + 1)] ** 2 * 10 ** (-2 * i);
    near([product / determinant], [1], 1e-13);
  }));

test('graded tridiagonal matrices: small eigenvalues keep their digits, whichever end they lie at', () =>
  scope(() => {
    const graded = (n: number, step: number, coupling: number, up: boolean): number[] => {
      const d = (i: number) => step ** (up ? n - 1 - i : i);
      return symmetric(n, (i, j) => (i === j ? d(i) : i - j === 1 ? coupling * Math.sqrt(d(i) * d(j)) : 0));
    };
    for (const up of [false, true]) {
      const a = tensor(graded(10, 1 / 16, 1 / 4, up), { shape: [10, 10] });
      const want = linalg.eigh(a, { method: 'jacobi' }).values.data();
      near(linalg.eigvalsh(a).data(), want, (i) => 1e-14 * want[i]);
      near(linalg.eigh(a).values.data(), want, (i) => 1e-14 * want[i]);
    }
    const a = tensor(graded(16, 1 / 4, 0.9, false), { shape: [16, 16] });
    const want = linalg.eigh(a, { method: 'jacobi' }).values.data();
    near(linalg.eigh(a).values.data(), want, (i) => 1e-13 * Math.abs(want[i]));
  }));

test('errors name the argument and leave nothing behind', () =>
  scope(() => {
    const [wide, vector, integers, square] = [
      zeros([2, 3]),
      zeros([3]),
      zeros([2, 2], { dtype: 'i32' }),
      zeros([2, 2]),
    ];
    rejects(() => linalg.eigh(wide), ShapeError, /eigh: a must be square, got 2 x 3/);
    rejects(() => linalg.eigvalsh(vector), ShapeError, /eigvalsh: a must be a matrix/);
    rejects(() => linalg.eigh(integers), DTypeError, /eigh: a must be f64 or f32/);
    rejects(
      () => linalg.eigh(square, { method: 'qr' as never }),
      ArgumentError,
      /eigh: method must be 'divideAndConquer' or 'jacobi', got "qr"/,
    );
  }));

test.run();
