// y := alpha M x + beta y on row-major matrices and addresses: what inner loops of convex solvers call.
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import type { Float } from '../../linalg/stack.js';

/** y := alpha M x + beta y; x, y and work (GEMV_WORK numbers) are addresses. Nothing is allocated, so views stay. */
export function gemv(M: Tensor, alpha: number, x: number, beta: number, y: number, work: number): void {
  const [rows, columns] = M.shape;
  const run = blas.exports[`gemv_${M.dtype as Float}`];
  run(rows, columns, alpha, M.address, columns, 1, x, 1, beta, y, 1, work);
}

/** y := alpha Mᵀ x + beta y. */
export function gemvTransposed(
  M: Tensor,
  alpha: number,
  x: number,
  beta: number,
  y: number,
  work: number,
): void {
  const [rows, columns] = M.shape;
  const run = blas.exports[`gemv_${M.dtype as Float}`];
  run(columns, rows, alpha, M.address, 1, columns, x, 1, beta, y, 1, work);
}

/** Numbers of workspace that a product needs, in either dtype. */
export const GEMV_WORK = 16;

/** The numbers of an f64 tensor; a view that lasts until memory grows. */
export function view(x: Tensor): Float64Array {
  return x.data() as Float64Array;
}

/** The largest |x_i|, NaN if there is one; 0 for none. */
export function maxAbs(x: ArrayLike<number>): number {
  let result = 0;
  for (let i = 0; i < x.length; i++) {
    const value = Math.abs(x[i]);
    if (!(value <= result)) result = value;
    if (Number.isNaN(value)) return value;
  }
  return result;
}

/** xᵀ y. */
export function inner(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
