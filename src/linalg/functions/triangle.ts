// What of the exponential of a triangular matrix is known exactly: its diagonal, and the diagonal beside it.
import { type TypedArray, typedArray } from '../../core/dtype.js';
import { runtime } from '../../core/runtime.js';
import { mathKernel } from '../../ops/pointwise.js';
import type { Workspace } from '../../ops/workspace.js';
import { timesPowerOfTwo } from '../powers-of-two.js';

/** The diagonal of a triangular matrix, and the one beside it, in the triangle. */
export interface Triangle {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
  /** From (i, i) to the place beside it: 1 in an upper triangle, n in a lower one. */
  readonly step: number;
}

/** The diagonals of A (n x n) if it is triangular. */
export function triangleOf(a: TypedArray, n: number): Triangle | undefined {
  const isUpper = isZeroBelow(a, n, n, 1);
  if (!isUpper && !isZeroBelow(a, n, 1, n)) return undefined;
  const step = isUpper ? 1 : n;
  return {
    diagonal: Float64Array.from({ length: n }, (_, i) => a[i * (n + 1)]),
    beside: Float64Array.from({ length: Math.max(0, n - 1) }, (_, i) => a[i * (n + 1) + step]),
    step,
  };
}

/** Whether all of (i, j), i > j, is zero; (i, j) lies at i rows + j columns. */
function isZeroBelow(a: TypedArray, n: number, rows: number, columns: number): boolean {
  for (let i = n - 1; i > 0; i--)
    for (let j = 0; j < i; j++) if (a[i * rows + j * columns] !== 0) return false;
  return true;
}

/**
 * Writes those diagonals of exp(2^-halved T) to x, for T in f64:
 * t_ij (e^a - e^b) / (a - b) beside the diagonal, which is t_ij e^max (1 - e^-|a - b|) / |a - b|, without cancellation.
 * Source: Al-Mohy and Higham, SIAM J. Matrix Anal. Appl. 31 (2009), code fragment 2.1 and (2.2).
 */
export type ExactDiagonals = (triangle: Triangle, halved: number, x: TypedArray) => void;

/** For n x n matrices. */
export function prepareExactDiagonals(n: number, space: Workspace): ExactDiagonals {
  const [exp, expm1] = [mathKernel('exp', 'f64'), mathKernel('expm1', 'f64')];
  const bytes = 8 * Math.max(1, n);
  const [values, gaps] = [space.scratch(bytes), space.scratch(bytes)];
  const meta = space.descriptor({ extents: [n], strides: [[1], [1]] });
  return ({ diagonal, beside, step }, halved, x) => {
    const { buffer } = runtime().memory;
    const [value, gap] = [values, gaps].map((at) => typedArray('f64', buffer, at, n));
    for (let i = 0; i < n; i++) value[i] = timesPowerOfTwo(diagonal[i], -halved);
    for (let i = 0; i < n; i++) gap[i] = i + 1 < n ? -Math.abs(value[i] - value[i + 1]) : 0;
    const apart = Float64Array.from(gap);
    exp(1, meta, values, values);
    expm1(1, meta, gaps, gaps);
    for (let i = 0; i < n; i++) {
      x[i * (n + 1)] = value[i];
      if (i + 1 === n) break;
      const quotient = apart[i] === 0 ? 1 : gap[i] / apart[i];
      const size = timesPowerOfTwo(beside[i], -halved);
      x[i * (n + 1) + step] = size === 0 ? 0 : size * (Math.max(value[i], value[i + 1]) * quotient);
    }
  };
}
