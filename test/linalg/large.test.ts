// Sizes 500 and 1000, across every level of blocking: the same ratios below 10, with products by our own gemm in f64.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  astype,
  linalg,
  matmul,
  NotPositiveDefiniteError,
  scope,
  type Tensor,
  take,
  tensor,
} from '#src/index.js';
import { EPSILON, numbers } from '../support/check.js';
import { dense, norm1, orthogonality, positiveDefinite, product, ratio } from '../support/residuals.js';

const LIMIT = 10;
const SIZES = [500, 1000];

const matrixOf = (t: Tensor) => dense(t.shape[t.ndim - 2], t.shape[t.ndim - 1], t.toTypedArray());

/** ||A X - B||_1 / (n ||A||_1 ||X||_1 eps). */
function residual(a: Tensor, x: Tensor, b: Tensor, eps: number): number {
  const [A, X, B] = [a, x, b].map(matrixOf);
  const { data } = product(A, X);
  const difference = Float64Array.from(B.data, (v, i) => data[i] - v);
  return norm1(dense(B.rows, B.columns, difference)) / (A.rows * norm1(A) * norm1(X) * eps);
}

/** The lower triangle, and its mirror image above. */
function mirrored(n: number, data: ArrayLike<number>): Float64Array {
  const whole = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) whole[i * n + j] = whole[j * n + i] = data[i * n + j];
  return whole;
}

for (const dtype of ['f64', 'f32'] as const) {
  const eps = 2 * EPSILON[dtype];
  const random = (n: number, columns = n) => tensor(numbers(n * columns, n), { shape: [n, columns], dtype });
  const below = (value: number, what: string) => assert.ok(value < LIMIT, `${what}: ${value}`);
  const each = (check: (n: number) => void) => () => {
    for (const n of SIZES) scope(() => check(n));
  };

  test(
    `cholesky in ${dtype}: L Lᵀ = A and A x = b`,
    each((n) => {
      const a = tensor(positiveDefinite(n, dtype), { shape: [n, n], dtype });
      const L = matrixOf(linalg.cholesky(a));
      below(ratio(matrixOf(a), product(L, L, false, true), eps), `n = ${n}`);
      const b = random(n, 3);
      below(residual(a, linalg.solve(a, b, { assume: 'positiveDefinite' }), b, eps), `solve, n = ${n}`);
    }),
  );

  test(
    `lu in ${dtype}: P A = L U and A x = b`,
    each((n) => {
      const a = random(n);
      const { l, u, p } = linalg.lu(a);
      below(ratio(matrixOf(take(a, p)), product(matrixOf(l), matrixOf(u)), eps), `n = ${n}`);
      const b = random(n, 3);
      below(residual(a, linalg.solve(a, b), b, eps), `solve, n = ${n}`);
    }),
  );

  for (const pivot of [false, true]) {
    test(
      `qr${pivot ? ' with pivoting' : ''} in ${dtype}: Q R = A and QᵀQ = I`,
      each((n) => {
        const a = random(n);
        const { q, r, p } = pivot ? linalg.qr(a, { pivot }) : { ...linalg.qr(a), p: undefined };
        const [Q, R] = [matrixOf(q), matrixOf(r)];
        below(ratio(matrixOf(p ? take(a, p, 1) : a), product(Q, R), eps), `n = ${n}`);
        below(orthogonality(Q, eps), `QᵀQ, n = ${n}`);
      }),
    );
  }

  test(
    `ldlt in ${dtype}: Pᵀ L D Lᵀ P = A and A x = b, indefinite`,
    each((n) => {
      const a = tensor(mirrored(n, numbers(n * n, n)), { shape: [n, n], dtype });
      using f = linalg.ldlt(a);
      below(ratio(matrixOf(a), matrixOf(f.reconstruct()), eps), `n = ${n}`);
      const b = random(n, 3);
      below(residual(a, f.solve(b), b, eps), `solve, n = ${n}`);
    }),
  );

  for (const method of ['svd', 'qr'] as const) {
    test(
      `lstsq by ${method} in ${dtype}: the solution of the normal equations, of a well-conditioned A in f64`,
      each((m) => {
        const n = m / 2;
        const [a, b] = [random(m, n), random(m, 2)];
        const [wide, right] = [astype(a, 'f64'), astype(b, 'f64')];
        const [gram, projected] = [wide, right].map((t) => matmul(wide, t, { transposeA: true }));
        const want = matrixOf(linalg.solve(gram, projected, { assume: 'positiveDefinite' }));
        below(ratio(want, matrixOf(linalg.lstsq(a, b, { method }).x), (m / n) * eps), `m = ${m}`);
      }),
    );
  }
}

test('a pivot that is not positive is found in the last of a thousand rows', () =>
  scope(() => {
    const n = 1000;
    const data = Float64Array.from(positiveDefinite(n, 'f64'));
    data[n * n - 1] = -1;
    const a = tensor(data, { shape: [n, n] });
    assert.throws(
      () => linalg.cholesky(a),
      (e: unknown) => e instanceof NotPositiveDefiniteError && e.index === n - 1,
    );
  }));

test.run();
