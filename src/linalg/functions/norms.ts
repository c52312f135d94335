// Norms of matrices, and the trace.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { squared } from '../../core/scalars.js';
import type { Tensor } from '../../core/tensor.js';
import { mul } from '../../ops/arithmetic.js';
import { normCotangent, normTangent } from '../../ops/norm-direction.js';
import { markNorm } from '../../ops/norm-square.js';
import { apply, type Op } from '../../ops/op.js';
import { asMatrix, identity, inner } from '../rules/matrix.js';
import { submatrix } from '../rules/submatrix.js';
import { checkFloat, stackOf } from '../stack.js';
import { spectralNorm } from './spectral-norm.js';

/**
 * 'fro' (default): (Σ a_ij²)^½; 2 or 'spectral': the largest singular value; 'nuc': the sum of the singular values; 1:
 * largest column sum; Infinity (a number to TypeScript): largest row sum; 'max': largest |a_ij|.
 */
export type NormOrder = 'fro' | 'spectral' | 'nuc' | 1 | 2 | typeof Infinity | 'max';

/** Norms that need no factorization. */
type EntryOrder = 'fro' | 'max' | 'columns' | 'rows';

/** Row of the table. */
export const traceOp: Op = {
  name: 'trace',
  shape: ([a]) => ({ shape: stackOf('trace', 'a', a).batch, dtype: a.dtype }),
  prepare([out], [a]) {
    const { count, rows, columns } = stackOf('trace', 'a', a);
    return () => {
      const [data, sums] = [a.data(), out.data()];
      for (let matrix = 0; matrix < count; matrix++) {
        let total = 0;
        const start = matrix * rows * columns;
        for (let i = 0; i < Math.min(rows, columns); i++) total += data[start + i * (columns + 1)];
        sums[matrix] = total;
      }
    };
  },
  linear: true,
  vjp([ct], { inputs: [a] }) {
    const [m, n] = a.shape.slice(-2);
    return [mul(asMatrix(ct as Tensor), submatrix(identity(Math.min(m, n), a.dtype), m, n))];
  },
};

/**
 * The trace: the sum of the main diagonal.
 * @param a [..., m, n], f64 or f32.
 * @returns a tensor with the shape of the batch ([] for one matrix).
 * @throws ShapeError, DTypeError, ArgumentError.
 * @example
 * linalg.trace(tensor([[1, 2], [3, 4]])); // 5
 */
export function trace(a: Tensor): Tensor {
  return apply(traceOp, [checkFloat('trace', 'a', a)], undefined);
}

/** The Frobenius norm, scaled by the largest entry so that no square overflows or underflows. */
function frobenius(data: ArrayLike<number>, start: number, size: number): number {
  const largest = largestEntry(data, start, size);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = start; i < start + size; i++) sum += squared(data[i] / largest);
  return largest * Math.sqrt(sum);
}

/** The largest |a_ij|; NaN if there is one. */
function largestEntry(data: ArrayLike<number>, start: number, size: number): number {
  let largest = 0;
  for (let i = start; i < start + size; i++) {
    const value = Math.abs(data[i]);
    if (value > largest || Number.isNaN(value)) largest = value;
    if (Number.isNaN(largest)) return largest;
  }
  return largest;
}

/** The largest sum of |a_ij| over one axis; NaN if there is one. */
function largestSum(outer: number, inner: number, entry: (i: number, j: number) => number): number {
  let largest = 0;
  for (let i = 0; i < outer; i++) {
    let sum = 0;
    for (let j = 0; j < inner; j++) sum += Math.abs(entry(i, j));
    if (sum > largest || Number.isNaN(sum)) largest = sum;
    if (Number.isNaN(largest)) return largest;
  }
  return largest;
}

/** ‖A‖_1 of the matrix whose entries begin at `start`. */
export function largestColumnSum(
  data: ArrayLike<number>,
  start: number,
  rows: number,
  columns: number,
): number {
  return largestSum(columns, rows, (j, i) => data[start + i * columns + j]);
}

/** Computes one norm. */
function normOf(
  order: EntryOrder,
  data: ArrayLike<number>,
  start: number,
  rows: number,
  columns: number,
): number {
  if (order === 'fro') return frobenius(data, start, rows * columns);
  if (order === 'max') return largestEntry(data, start, rows * columns);
  return order === 'columns'
    ? largestColumnSum(data, start, rows, columns)
    : largestSum(rows, columns, (i, j) => data[start + i * columns + j]);
}

/** Row of the table. */
export const matrixNormOp: Op<{ order: EntryOrder }> = {
  name: 'norm',
  shape: ([a]) => ({ shape: stackOf('norm', 'a', a).batch, dtype: a.dtype }),
  prepare([out], [a], { order }) {
    const { count, rows, columns } = stackOf('norm', 'a', a);
    return () => {
      const [data, norms] = [a.data(), out.data()];
      for (let i = 0; i < count; i++) norms[i] = normOf(order, data, i * rows * columns, rows, columns);
    };
  },
  jvp([t], { inputs: [a], outputs: [y], params: { order } }) {
    if (t === undefined) return undefined;
    if (order === 'fro') return normTangent(t, a, y, lastAxes(a));
    return inner(apply(normAttainedOp, [a], { order }), t);
  },
  vjp([ct], { inputs: [a], outputs: [y], params: { order } }) {
    if (order === 'fro') return [normCotangent(ct, a, y, lastAxes(a))];
    return [mul(asMatrix(ct as Tensor), apply(normAttainedOp, [a], { order }))];
  },
};

/** The parameters of a norm over the last two axes. */
const lastAxes = ({ ndim }: Tensor) => ({ axes: [ndim - 2, ndim - 1], keepDims: false });

/**
 * Row of the table: the signs of the first row, column or entry that attains the norm, zeros elsewhere; piecewise
 * constant.
 */
export const normAttainedOp: Op<{ order: EntryOrder }> = {
  name: 'norm',
  shape: ([a]) => a,
  prepare([out], [a], { order }) {
    const { count, rows, columns } = stackOf('norm', 'a', a);
    return () => {
      const [data, signs] = [a.data(), out.data().fill(0)];
      const [lines, length, step, next] =
        order === 'max'
          ? [rows * columns, 1, 1, 1]
          : order === 'rows'
            ? [rows, columns, columns, 1]
            : [columns, rows, 1, columns];
      for (let start = 0; start < count * rows * columns; start += rows * columns) {
        let [best, at] = [-1, 0];
        for (let line = 0; line < lines; line++) {
          let total = 0;
          for (let i = 0; i < length; i++) total += Math.abs(data[start + line * step + i * next]);
          // A NaN makes the norm NaN, and with it the derivative.
          if (total > best || Number.isNaN(total)) [best, at] = [total, line];
          if (Number.isNaN(best)) break;
        }
        if (Number.isNaN(best)) {
          signs.fill(best, start, start + rows * columns);
          continue;
        }
        for (let i = 0; i < length; i++) {
          const position = start + at * step + i * next;
          signs[position] = Math.sign(data[position]);
        }
      }
    };
  },
};

/**
 * A norm of each matrix. NaN in a gives NaN (2, 'spectral' and 'nuc' throw instead, as `svdvals` does).
 * Derivatives: if a norm is not differentiable, the first row, column or entry that attains it counts; 'fro' has 0 at A
 * = 0, and its square has 2 A there, too; 2 and 'spectral' have the subgradient u vᵀ of the first singular vectors where
 * the largest singular value is not alone, 'nuc' has U Vᵀ, also where singular values are 0.
 * @param a [..., m, n], f64 or f32.
 * @param order which norm; default 'fro', which is computed without intermediate overflow or underflow.
 * @returns a tensor with the shape of the batch ([] for one matrix).
 * @throws ArgumentError for another order, also for -1 and -2; ShapeError, DTypeError.
 * @example
 * linalg.norm(tensor([[1, -2], [3, 4]]), 1); // 6
 */
export function norm(a: Tensor, order: NormOrder = 'fro'): Tensor {
  checkFloat('norm', 'a', a);
  switch (order) {
    case 'fro':
      return markNorm(apply(matrixNormOp, [a], { order }), a, lastAxes(a));
    case 'max':
      return apply(matrixNormOp, [a], { order });
    case 1:
      return apply(matrixNormOp, [a], { order: 'columns' });
    case Number.POSITIVE_INFINITY:
      return apply(matrixNormOp, [a], { order: 'rows' });
    case 2:
    case 'spectral':
      return spectralNorm(a, 'spectral');
    case 'nuc':
      return spectralNorm(a, 'nuc');
    default:
      throw new ArgumentError(
        `norm: order must be 'fro', 'spectral', 'nuc', 1, 2, Infinity or 'max', got ${describe(order)}`,
      );
  }
}
