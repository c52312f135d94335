// Norms of matrices that need no factorization, and the trace.
import { ArgumentError } from '../core/errors.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { checkStack } from './stack.js';

/** 'fro' (default): (Σ a_ij²)^½; 1: largest column sum; Infinity: largest row sum; 'max': largest |a_ij|. */
export type NormOrder = 'fro' | 1 | typeof Infinity | 'max';

/** Calls `f` for each matrix of a stack; one number each. */
function perMatrix(
  name: string,
  a: Tensor,
  f: (data: ArrayLike<number>, start: number, rows: number, columns: number) => number,
): Tensor {
  const { dtype, batch, count, rows, columns } = checkStack(name, 'a', a);
  const result = allocate(batch.length === 0 ? [] : Object.freeze([...batch]), dtype, name);
  const [data, out] = [a.data(), result.data()];
  for (let i = 0; i < count; i++) out[i] = f(data, i * rows * columns, rows, columns);
  return result;
}

/**
 * The trace: the sum of the main diagonal.
 * @param a [..., m, n], f64 or f32.
 * @returns a tensor of the shape of the batch ([] for one matrix).
 * @throws ShapeError, DTypeError, ArgumentError.
 * @example
 * linalg.trace(tensor([[1, 2], [3, 4]])); // 5
 */
export function trace(a: Tensor): Tensor {
  return perMatrix('trace', a, (data, start, rows, columns) => {
    let sum = 0;
    for (let i = 0; i < Math.min(rows, columns); i++) sum += data[start + i * (columns + 1)];
    return sum;
  });
}

/** Frobenius' norm, scaled by the largest entry so that no square overflows or vanishes. */
function frobenius(data: ArrayLike<number>, start: number, size: number): number {
  const largest = largestEntry(data, start, size);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = start; i < start + size; i++) sum += (data[i] / largest) ** 2;
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

/** The largest sum of |a_ij| over one axis; NaN shows. */
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

/**
 * A norm of each matrix; NaN shows. The spectral norm is the first of `svdvals(a)`.
 * @param a [..., m, n], f64 or f32.
 * @param order which norm; default 'fro', which neither overflows nor underflows on the way.
 * @returns a tensor of the shape of the batch ([] for one matrix).
 * @throws ArgumentError for another order; ShapeError, DTypeError.
 * @example
 * linalg.norm(tensor([[1, -2], [3, 4]]), 1); // 6
 */
export function norm(a: Tensor, order: NormOrder = 'fro'): Tensor {
  switch (order) {
    case 'fro':
      return perMatrix('norm', a, (data, start, rows, columns) => frobenius(data, start, rows * columns));
    case 'max':
      return perMatrix('norm', a, (data, start, rows, columns) => largestEntry(data, start, rows * columns));
    case 1:
      return perMatrix('norm', a, (data, start, rows, columns) =>
        largestSum(columns, rows, (j, i) => data[start + i * columns + j]),
      );
    case Number.POSITIVE_INFINITY:
      return perMatrix('norm', a, (data, start, rows, columns) =>
        largestSum(rows, columns, (i, j) => data[start + i * columns + j]),
      );
    default:
      throw new ArgumentError(`norm: order must be 'fro', 1, Infinity or 'max', got ${String(order)}`);
  }
}
