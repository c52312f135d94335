// LAPACK's test ratios: residuals over n · norm · eps, computed in f64, and the matrices to take them on.
import { matmul, scope, tensor } from '#src/index.js';
import { numbers } from './check.js';
import { type Float, rounded } from './raw.js';

/** A matrix as a flat row-major array. */
export interface Dense {
  rows: number;
  columns: number;
  data: ArrayLike<number>;
}

export const dense = (rows: number, columns: number, data: ArrayLike<number>): Dense => ({
  rows,
  columns,
  data,
});

/** A B in f64, with either transposed: plain loops for small matrices, and gemm, which has tests of its own, above. */
export function product(a: Dense, b: Dense, transposeA = false, transposeB = false): Dense {
  const [m, k] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
  const n = transposeB ? b.rows : b.columns;
  if (Math.min(m, n, k) > 40) {
    return scope(() => {
      const [x, y] = [a, b].map(({ rows, columns, data }) =>
        tensor(Float64Array.from(data), { shape: [rows, columns] }),
      );
      return dense(m, n, matmul(x, y, { transposeA, transposeB }).toTypedArray());
    });
  }
  const at = (i: number, p: number) => (transposeA ? a.data[p * a.columns + i] : a.data[i * a.columns + p]);
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const x = at(i, p);
      if (x === 0) continue;
      if (transposeB) for (let j = 0; j < n; j++) out[i * n + j] += x * b.data[j * b.columns + p];
      else for (let j = 0; j < n; j++) out[i * n + j] += x * b.data[p * n + j];
    }
  }
  return dense(m, n, out);
}

/** The largest sum of |a_ij| over a column: the 1-norm. NaN if there is one. */
export function norm1(a: Dense): number {
  const sums = new Float64Array(a.columns);
  for (let i = 0, at = 0; i < a.rows; i++)
    for (let j = 0; j < a.columns; j++) sums[j] += Math.abs(a.data[at++]);
  return sums.reduce((largest, sum) => Math.max(largest, sum), 0);
}

/** ||A - B||_1 / (n ||A||_1 eps), or 0 where A is zero and B is too. */
export function ratio(a: Dense, b: Dense, epsilon: number): number {
  const difference = new Float64Array(a.rows * a.columns);
  for (let i = 0; i < difference.length; i++) difference[i] = a.data[i] - b.data[i];
  const distance = norm1(dense(a.rows, a.columns, difference));
  if (distance === 0) return 0;
  return distance / (Math.max(a.rows, a.columns, 1) * norm1(a) * epsilon);
}

/** ||QᵀQ - I||_1 / (n eps) for orthonormal columns. */
export function orthogonality(q: Dense, epsilon: number): number {
  const data = Float64Array.from(product(q, q, true).data);
  for (let i = 0; i < data.length; i += q.columns + 1) data[i] -= 1;
  return norm1(dense(q.columns, q.columns, data)) / (Math.max(q.rows, 1) * epsilon);
}

/** Row-major numbers for a rule. */
function matrix(n: number, at: (i: number, j: number) => number): number[] {
  const data: number[] = [];
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) data.push(at(i, j));
  return data;
}

/** Q diag(d) Pᵀ, full and with any singular values; with `symmetric` Q is P, and d are the eigenvalues. */
function withSpectrum(n: number, d: (i: number) => number, symmetric = true): number[] {
  const a = matrix(n, (i, j) => (i === j ? d(i) : 0));
  // Products of two reflectors, from the left (row and column strides n, 1) and from the right.
  for (const [seed, row, column] of [
    [3, n, 1],
    [4, n, 1],
    [symmetric ? 3 : 5, 1, n],
    [symmetric ? 4 : 6, 1, n],
  ]) {
    const v = numbers(n, seed);
    const scale = 2 / v.reduce((s, x) => s + x * x, 0);
    const sums = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sums[j] += v[i] * a[i * row + j * column];
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * row + j * column] -= scale * v[i] * sums[j];
  }
  return symmetric ? matrix(n, (i, j) => a[Math.max(i, j) * n + Math.min(i, j)]) : a;
}

/** Wilkinson's matrices of order 21, one after the other with small numbers between: eigenvalues that agree to the last bits. */
const gluedWilkinson = (n: number, glue: number) =>
  matrix(n, (i, j) => {
    if (i === j) return Math.abs((i % 21) - 10);
    return Math.abs(i - j) > 1 ? 0 : Math.max(i, j) % 21 === 0 ? glue : 1;
  });

/** A random matrix of rank n / 2, rounded up. */
function halfRank(n: number): number[] {
  const r = Math.ceil(n / 2);
  return Array.from(product(dense(n, r, numbers(n * r, 11)), dense(r, n, numbers(r * n, 12))).data);
}

/** The condition numbers that the gallery goes up to: a digit or two from singular. */
export const CONDITION = { f64: 1e14, f32: 1e6 } as const;

/** Matrices of the gallery that are symmetric. */
export const SYMMETRIC: ReadonlySet<string> = new Set([
  'identity',
  'diagonal',
  'hilbert',
  'zero',
  'definite',
  'glued Wilkinson',
  'clustered',
  'repeated',
]);

/** Square matrices that find out factorizations, by name; entries fit the dtype. */
export function gallery(n: number, dtype: Float): Map<string, number[]> {
  const random = numbers(n * n, n + 1);
  const isWide = dtype === 'f64';
  const scale = isWide ? [1e-160, 1e150] : [1e-20, 1e18];
  const decay = isWide ? 14 : 6;
  const near = isWide ? 1e-12 : 1e-5;
  const all: [string, number[]][] = [
    ['random', random],
    ['identity', matrix(n, (i, j) => Number(i === j))],
    [
      'permutation',
      matrix(
        n,
        (i, j) => Number(j === (i * 7 + 3) % n && n % 7 !== 0) + Number(n % 7 === 0 && i + j === n - 1),
      ),
    ],
    ['diagonal', matrix(n, (i, j) => (i === j ? i + 1 : 0))],
    ['hilbert', matrix(n, (i, j) => 1 / (i + j + 1))],
    ['vandermonde', matrix(n, (i, j) => (i / Math.max(1, n - 1)) ** j)],
    ['kahan', matrix(n, (i, j) => (i > j ? 0 : Math.sin(1.2) ** i * (i === j ? 1 : -Math.cos(1.2))))],
    ['lauchli', matrix(n, (i, j) => (i === 0 ? 1 : i === j + 1 ? 1e-5 : 0))],
    ['graded', matrix(n, (i, j) => random[i * n + j] * 10 ** ((-decay * (i + j)) / (2 * n)))],
    ['rank one', matrix(n, (i, j) => (i + 1) * (j - 2))],
    ['rank n / 2', halfRank(n)],
    [
      `condition ${CONDITION[dtype]}`,
      withSpectrum(n, (i) => CONDITION[dtype] ** (-i / Math.max(1, n - 1)), false),
    ],
    ['definite', positiveDefinite(n, dtype)],
    ['glued Wilkinson', gluedWilkinson(n, near)],
    ['clustered', withSpectrum(n, (i) => (i < n / 2 ? 1 + near * i : 1e-3 * i))],
    ['repeated', withSpectrum(n, (i) => [1, -2, 3][i % 3])],
    ['zero', matrix(n, () => 0)],
    ['tiny', random.map((x) => x * scale[0])],
    ['huge', random.map((x) => x * scale[1])],
  ];
  return new Map(all.map(([name, data]) => [name, rounded(dtype, data)]));
}

/** A symmetric positive definite matrix: A Aᵀ + I of random A. */
export function positiveDefinite(n: number, dtype: Float, seed = 1): number[] {
  const a = dense(n, n, numbers(n * n, seed + n));
  const data = Array.from(product(a, a, false, true).data);
  for (let i = 0; i < n; i++) data[i * n + i] += 1;
  return rounded(dtype, data);
}

/** Every small size, and sizes beside the blocks of the factorizations; larger ones are in large.test.ts. */
export const SIZES = [...Array.from({ length: 101 }, (_, i) => i), 128, 130, 255, 257];

/** The whole gallery at sizes up to 40 and beside the blocks, a random and a definite matrix at every other size. */
export function* cases(dtype: Float): Generator<{ n: number; name: string; data: number[] }> {
  for (const n of SIZES) {
    if (n > 40 && n < 100 && ![47, 48, 49, 63, 64, 65].includes(n)) {
      yield { n, name: 'random', data: rounded(dtype, numbers(n * n, n + 1)) };
      yield { n, name: 'definite', data: positiveDefinite(n, dtype) };
    } else if (n > 0) {
      for (const [name, data] of gallery(n, dtype)) yield { n, name, data };
    }
  }
}
