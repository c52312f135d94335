// The rows of a least-squares problem as numbers that a factorization may square: times the roots of the weights, with
// those of sqrt(lambda) I below them, scaled by powers of two, and sorted.
import type { TypedArray } from '../../core/dtype.js';
import { exponentOf, timesPowerOfTwo } from '../../linalg/powers-of-two.js';

/** The numbers of one problem: argmin Σ w_i (a_iᵀx - b_i)² + lambda |x|². */
export interface ProblemNumbers {
  m: number;
  n: number;
  /** [m, n] and [m]. */
  A: TypedArray;
  b: TypedArray;
  weights?: TypedArray;
  lambda?: number;
}

/** Which rows there are, and how they are scaled. */
export interface RowScales {
  /** sqrt(w_i) 2^-exponent for the rows of A; 0 where the weight is 0. */
  factors: Float64Array;
  /** sqrt(lambda) 2^-exponent. */
  root: number;
  exponent: number;
  /** b counts times 2^-sideExponent, and so does x. */
  sideExponent: number;
  /** Rows that count, from the largest to the smallest; those from m on belong to lambda. */
  order: number[];
}

/** The scales of one problem. */
export function scalesOf({ m, n, A, b, weights, lambda = 0 }: ProblemNumbers): RowScales {
  const sizes = new Float64Array(m);
  for (let i = 0; i < m; i++) sizes[i] = largest(A, i * n, n);
  const roots = Float64Array.from({ length: m }, (_, i) => (weights ? Math.sqrt(weights[i]) : 1));
  let exponent = lambda > 0 ? exponentOf(Math.sqrt(lambda)) : -2150;
  for (let i = 0; i < m; i++) {
    if (roots[i] > 0 && sizes[i] > 0)
      exponent = Math.max(exponent, exponentOf(roots[i]) + exponentOf(sizes[i]));
  }
  // Nothing but zeros.
  if (exponent === -2150) exponent = 0;
  const factors = roots.map((root) => timesPowerOfTwo(root, -exponent));
  const root = timesPowerOfTwo(Math.sqrt(lambda), -exponent);
  const order: number[] = [];
  for (let i = 0; i < m; i++) if (roots[i] > 0) order.push(i);
  if (lambda > 0) for (let j = 0; j < n; j++) order.push(m + j);
  const keys = Float64Array.from({ length: m + n }, (_, i) => (i < m ? sizes[i] * factors[i] : root));
  order.sort((i, j) => keys[j] - keys[i] || i - j);
  const side = largest(b, 0, m);
  return { factors, root, exponent, sideExponent: side > 0 ? exponentOf(side) : 0, order };
}

/** Writes the scaled rows in their order, and the right side. */
export function writeRows(
  { m, n, A, b }: ProblemNumbers,
  { factors, root, sideExponent, order }: RowScales,
  rows: Float64Array,
  side: Float64Array,
): void {
  order.forEach((i, at) => {
    const to = at * n;
    if (i >= m) {
      rows.fill(0, to, to + n);
      rows[to + i - m] = root;
      side[at] = 0;
      return;
    }
    const factor = factors[i];
    for (let j = 0; j < n; j++) rows[to + j] = A[i * n + j] * factor;
    side[at] = timesPowerOfTwo(b[i], -sideExponent) * factor;
  });
}

/** The gradient of the objective at x, and the size of its terms: the largest entry of each. */
export function stationarityOf(
  { m, n, A, b, lambda = 0 }: ProblemNumbers,
  { factors, root, sideExponent }: RowScales,
  x: TypedArray,
): { gradient: number; terms: number } {
  const scaled = Float64Array.from(x, (value) => timesPowerOfTwo(value, -sideExponent));
  const ridge = lambda > 0 ? root * root : 0;
  const gradient = scaled.map((value) => ridge * value);
  const terms = gradient.map(Math.abs);
  for (let i = 0; i < m; i++) {
    const factor = factors[i];
    if (factor === 0) continue;
    const side = timesPowerOfTwo(b[i], -sideExponent) * factor;
    let [miss, size] = [-side, Math.abs(side)];
    for (let j = 0; j < n; j++) {
      const term = A[i * n + j] * factor * scaled[j];
      miss += term;
      size += Math.abs(term);
    }
    for (let j = 0; j < n; j++) {
      const entry = A[i * n + j] * factor;
      gradient[j] += entry * miss;
      terms[j] += Math.abs(entry) * size;
    }
  }
  return { gradient: largest(gradient, 0, n), terms: largest(terms, 0, n) };
}

function largest(x: TypedArray, from: number, count: number): number {
  let most = 0;
  for (let i = from; i < from + count; i++) most = Math.max(most, Math.abs(x[i]));
  return most;
}
