// BLAS on tensors: a vector is all elements of a tensor of any shape, a matrix is [m, n]. Allocates no tensors.
import { withWorkspace } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import { vectors } from '../../generated/vectors.js';
import type { Float } from '../stack.js';

/** xᵀ y. */
export function dot(x: Tensor, y: Tensor): number {
  return blas.exports[`dot_${x.dtype as Float}`](x.size, x.address, 1, y.address, 1);
}

/** ‖x‖, without overflow. */
export function norm2(x: Tensor): number {
  return blas.exports[`nrm2_${x.dtype as Float}`](x.size, x.address, 1);
}

/** y := y + alpha x. */
export function axpy(alpha: number, x: Tensor, y: Tensor): void {
  blas.exports[`axpy_${x.dtype as Float}`](x.size, alpha, x.address, 1, y.address, 1);
}

/** x := alpha x. */
export function scale(alpha: number, x: Tensor): void {
  blas.exports[`scal_${x.dtype as Float}`](x.size, alpha, x.address, 1);
}

/** x := x / alpha, even if 1 / alpha overflows. */
export function divide(x: Tensor, alpha: number): void {
  if (Math.abs(alpha) > (x.dtype === 'f64' ? 2 ** -1000 : 2 ** -100)) scale(1 / alpha, x);
  else {
    const data = x.data();
    for (let i = 0; i < data.length; i++) data[i] /= alpha;
  }
}

/** y := x; throws for a differentiated tensor, as the kernels above do. */
export function assign(x: Tensor, y: Tensor): void {
  void x.address;
  y.data().set(x.data());
}

/** The largest |x_i|; NaN if there is one, 0 for an empty x. */
export function maxAbsOf({ dtype, size, address }: Tensor): number {
  const { largest_f64, largest_f32 } = vectors.exports;
  return dtype === 'f64' ? largest_f64(size, address) : largest_f32(size, address);
}

/** The unit roundoff of a dtype. */
export function unitRoundoffOf({ dtype }: Pick<Tensor, 'dtype'>): number {
  return dtype === 'f64' ? 2 ** -53 : 2 ** -24;
}

/** The shape and dtype of a matrix. */
export function matrixOf(a: Tensor): { m: number; n: number; dtype: Float } {
  return { m: a.shape[0], n: a.shape[1], dtype: a.dtype as Float };
}

/** y := alpha A x + beta y, or with Aᵀ; y is not read if beta is 0. */
export function gemv(
  alpha: number,
  a: Tensor,
  x: Tensor,
  beta: number,
  y: Tensor,
  { transpose = false } = {},
): void {
  const { m, n, dtype } = matrixOf(a);
  const [rows, columns, rowStride, columnStride] = transpose ? [n, m, 1, n] : [m, n, n, 1];
  const { exports } = blas;
  if (beta === 0) y.data().fill(0);
  if (y.size === 0 || x.size === 0) return;
  withWorkspace(exports.gemv_work(), 'multiply', (work) => {
    const gemv = exports[`gemv_${dtype}`];
    gemv(rows, columns, alpha, a.address, rowStride, columnStride, x.address, 1, beta, y.address, 1, work);
  });
}

/** A := A + alpha x yᵀ. */
export function addOuter(alpha: number, x: Tensor, y: Tensor, a: Tensor): void {
  const { m, n, dtype } = matrixOf(a);
  blas.exports[`ger_${dtype}`](m, n, alpha, x.address, 1, y.address, 1, a.address, n, 1);
}

/** A := A + alpha I. */
export function shiftDiagonal(alpha: number, a: Tensor): void {
  const { n } = matrixOf(a);
  const data = a.data();
  for (let i = 0; i < n; i++) data[i * (n + 1)] += alpha;
}
