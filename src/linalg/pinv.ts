// What singular values say: A⁺ = V diag(1 / s) Uᵀ over the values that count, how many count, and how far apart they are.
import { ArgumentError, ShapeError } from '../core/errors.js';
import { show } from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { matmul } from '../ops/matmul.js';
import { checkStack, type Stack } from './stack.js';
import { decomposition, singularValues } from './svd.js';

/** Options of `pinv`. */
export interface PinvOptions {
  /** Singular values up to rcond times the largest count as zero; default max(m, n) eps. */
  rcond?: number;
}

/** Options of `matrixRank`. */
export interface MatrixRankOptions {
  /** Singular values up to this count as zero; default max(m, n) eps times the largest. */
  tolerance?: number;
}

/** Which condition number: 2: s_1 / s_k; -2: s_k / s_1; 'fro': ‖A‖ ‖A⁺‖ in Frobenius' norm. */
export type CondOrder = 2 | -2 | 'fro';

/** max(m, n) eps: what rounding alone makes of a singular value that is zero, relative to the largest. */
function roundingLevel({ dtype, rows, columns }: Stack): number {
  return Math.max(rows, columns) * (dtype === 'f64' ? 2 ** -52 : 2 ** -23);
}

/** A threshold as an option gives it. */
function checkThreshold(name: string, argument: string, value: number): number {
  if (typeof value !== 'number' || !(value >= 0))
    throw new ArgumentError(
      `${name}: ${argument} must be a number that is not negative, got ${String(value)}`,
    );
  return value;
}

/**
 * The pseudoinverse A⁺ (Moore and Penrose) by the singular value decomposition; for a square regular matrix its inverse.
 * @param a [..., m, n], f64 or f32.
 * @param options `rcond`: where singular values begin to count, relative to the largest.
 * @returns [..., n, m].
 * @throws ArgumentError where a holds NaN or Inf or rcond is negative, ShapeError for fewer than two axes, DTypeError for i32.
 * Source: Golub and Van Loan, Matrix Computations, 4th ed. (2013), section 5.5.2.
 * @example
 * linalg.pinv(tensor([[2, 0], [0, 0]])); // [[0.5, 0], [0, 0]]
 */
export function pinv(a: Tensor, options: PinvOptions = {}): Tensor {
  const stack = checkStack('pinv', 'a', a);
  const { rcond = roundingLevel(stack) } = options;
  checkThreshold('pinv', 'rcond', rcond);
  const { u, s, vt } = decomposition('pinv', a);
  try {
    const k = Math.min(stack.rows, stack.columns);
    const [values, vectors] = [s.data(), vt.data()];
    for (let i = 0; i < stack.count; i++) {
      const cutoff = rcond * values[i * k];
      for (let j = i * k; j < (i + 1) * k; j++) {
        const row = vectors.subarray(j * stack.columns, (j + 1) * stack.columns);
        if (!(values[j] > cutoff)) row.fill(0);
        else for (let l = 0; l < row.length; l++) row[l] /= values[j];
      }
    }
    return matmul(vt, u, { transposeA: true, transposeB: true });
  } finally {
    for (const factor of [u, s, vt]) factor.dispose();
  }
}

/**
 * The numerical rank: how many singular values are above the tolerance.
 * @param a [..., m, n], f64 or f32.
 * @param options `tolerance`, absolute.
 * @returns A number for one matrix, an i32 tensor of the shape of the batch for a stack.
 * @throws ArgumentError where a holds NaN or Inf or the tolerance is negative, ShapeError for fewer than two axes, DTypeError
 * for i32.
 * @example
 * linalg.matrixRank(tensor([[1, 2], [2, 4]])); // 1
 */
export function matrixRank(a: Tensor, options: MatrixRankOptions = {}): number | Tensor {
  const stack = checkStack('matrixRank', 'a', a);
  const { tolerance } = options;
  if (tolerance !== undefined) checkThreshold('matrixRank', 'tolerance', tolerance);
  const s = singularValues('matrixRank', a, stack);
  try {
    const values = s.data();
    const k = Math.min(stack.rows, stack.columns);
    const rank = (i: number) => {
      const level = tolerance ?? roundingLevel(stack) * (values[i * k] ?? 0);
      let count = 0;
      while (count < k && values[i * k + count] > level) count++;
      return count;
    };
    if (stack.batch.length === 0) return rank(0);
    const counts = Int32Array.from({ length: stack.count }, (_, i) => rank(i));
    const ranks = allocate(stack.batch, 'i32', 'matrixRank');
    ranks.data().set(counts);
    return ranks;
  } finally {
    s.dispose();
  }
}

/** The condition number from the values s[start … start + k), which descend; Infinity where the smallest is zero. */
function condition(ord: CondOrder, s: ArrayLike<number>, start: number, k: number): number {
  const [largest, smallest] = [s[start], s[start + k - 1]];
  if (smallest === 0) return ord === -2 ? 0 : Number.POSITIVE_INFINITY;
  if (ord === 2) return largest / smallest;
  if (ord === -2) return smallest / largest;
  let [sum, inverse] = [0, 0];
  for (let j = start; j < start + k; j++) {
    sum += (s[j] / largest) ** 2;
    inverse += (smallest / s[j]) ** 2;
  }
  return (largest / smallest) * Math.sqrt(sum) * Math.sqrt(inverse);
}

/**
 * The condition number, from the singular values; Infinity for a matrix whose smallest one is zero.
 * @param a [..., m, n], f64 or f32, not empty.
 * @param ord 2 (default): s_1 / s_k; -2: its inverse; 'fro': in Frobenius' norm.
 * @returns A tensor of the shape of the batch ([] for one matrix), in a's dtype.
 * @throws ArgumentError where a holds NaN or Inf or for another ord, ShapeError for an empty matrix or fewer than two axes,
 * DTypeError for i32.
 * @example
 * linalg.cond(tensor([[4, 0], [0, 0.5]])); // 8
 */
export function cond(a: Tensor, ord: CondOrder = 2): Tensor {
  const stack = checkStack('cond', 'a', a);
  if (ord !== 2 && ord !== -2 && ord !== 'fro')
    throw new ArgumentError(`cond: ord must be 2, -2 or 'fro', got ${String(ord)}`);
  const k = Math.min(stack.rows, stack.columns);
  if (k === 0) throw new ShapeError(`cond: a must not be empty, got shape ${show(a.shape)}`);
  const s = singularValues('cond', a, stack);
  try {
    const result = allocate(stack.batch, stack.dtype, 'cond');
    const [values, out] = [s.data(), result.data()];
    for (let i = 0; i < stack.count; i++) out[i] = condition(ord, values, i * k, k);
    return result;
  } finally {
    s.dispose();
  }
}
