// LAPACK's test ratios: residuals over n · norm · eps, computed in f64 with plain loops, and the matrices to take them on.
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

/** A B, with either transposed. */
export function product(a: Dense, b: Dense, transposeA = false, transposeB = false): Dense {
  const [m, k] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
  const n = transposeB ? b.rows : b.columns;
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
  let largest = 0;
  for (let j = 0; j < a.columns; j++) {
    let sum = 0;
    for (let i = 0; i < a.rows; i++) sum += Math.abs(a.data[i * a.columns + j]);
    if (!(sum <= largest)) largest = sum;
  }
  return largest;
}

/** ||A - B||_1 / (n ||A||_1 eps), or 0 where A is zero and B is too. */
export function ratio(a: Dense, b: Dense, epsilon: number): number {
  const difference = dense(
    a.rows,
    a.columns,
    Float64Array.from(a.data, (x, i) => x - b.data[i]),
  );
  const distance = norm1(difference);
  if (distance === 0) return 0;
  return distance / (Math.max(a.rows, a.columns, 1) * norm1(a) * epsilon);
}

/** ||QᵀQ - I||_1 / (n eps) for orthonormal columns. */
export function orthogonality(q: Dense, epsilon: number): number {
  const gram = product(q, q, true);
  const data = Float64Array.from(gram.data, (x, i) => x - Number(i % (gram.columns + 1) === 0));
  return norm1(dense(gram.rows, gram.columns, data)) / (Math.max(q.rows, 1) * epsilon);
}

/** Row-major numbers for a rule. */
const matrix = (n: number, at: (i: number, j: number) => number): number[] =>
  Array.from({ length: n * n }, (_, index) => at(Math.floor(index / n), index % n));

/** Square matrices that find out factorizations, by name; entries fit the dtype. */
export function gallery(n: number, dtype: Float): Map<string, number[]> {
  const random = numbers(n * n, n + 1);
  const scale = dtype === 'f64' ? [1e-160, 1e150] : [1e-20, 1e18];
  const decay = dtype === 'f64' ? 14 : 6;
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
    ['zero', matrix(n, () => 0)],
    ['tiny', random.map((x) => x * scale[0])],
    ['huge', random.map((x) => x * scale[1])],
  ];
  return new Map(all.map(([name, data]) => [name, rounded(dtype, data)]));
}

/** A symmetric positive definite matrix: A Aᵀ + n I of random A. */
export function positiveDefinite(n: number, dtype: Float, seed = 1): number[] {
  const a = dense(n, n, numbers(n * n, seed + n));
  const data = Array.from(product(a, a, false, true).data);
  for (let i = 0; i < n; i++) data[i * n + i] += 1;
  return rounded(dtype, data);
}

/** Sizes that cross every block of the factorizations. */
export const SIZES = [
  ...Array.from({ length: 41 }, (_, i) => i),
  47,
  48,
  49,
  63,
  64,
  65,
  100,
  128,
  130,
  255,
  257,
];
