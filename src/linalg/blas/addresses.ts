// BLAS on addresses and on arrays of numbers, for inner loops that look up their kernels once and take views once.
import { runtime } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import { vectors } from '../../generated/vectors.js';
import type { Float } from '../stack.js';

let bytesView = /* @__PURE__ */ new Uint8Array(0);

/** Copies bytes from one address to another. */
export function copyBytes(to: number, from: number, bytes: number): void {
  const { buffer } = runtime().memory;
  if (bytesView.buffer !== buffer) bytesView = new Uint8Array(buffer);
  bytesView.copyWithin(to, from, from + bytes);
}

/** The kernels of one dtype, on addresses; see assembly/level1/fused.ts. */
export interface VectorKernels {
  dot: typeof blas.exports.dot_f64;
  /** z := x + alpha y. */
  plusScaled: typeof vectors.exports.plus_scaled_f64;
  /** y := x; returns xᵀ z. */
  copyDot: typeof vectors.exports.copy_dot_f64;
  /** y := alpha x + y; returns zᵀ y. */
  axpyDot: typeof vectors.exports.axpy_dot_f64;
  /** out := alpha x + beta y; returns zᵀ out. */
  axpbyDot: typeof vectors.exports.axpby_dot_f64;
  /** s := x - x0, y := g - g0, and their products. */
  curvature: typeof vectors.exports.curvature_f64;
  /** The largest |x_i|; NaN if there is one, 0 for an empty x. */
  largest: typeof vectors.exports.largest_f64;
}

/** Select the kernels once before a loop: looking up a name takes as long as a kernel on a hundred numbers. */
export function vectorKernels(dtype: Float): VectorKernels {
  const [one, more] = [blas.exports, vectors.exports];
  return {
    dot: one[`dot_${dtype}`],
    plusScaled: more[`plus_scaled_${dtype}`],
    copyDot: more[`copy_dot_${dtype}`],
    axpyDot: more[`axpy_dot_${dtype}`],
    axpbyDot: more[`axpby_dot_${dtype}`],
    curvature: more[`curvature_${dtype}`],
    largest: more[`largest_${dtype}`],
  };
}

/** y := alpha M x + beta y; x, y and work (GEMV_WORK numbers) are addresses. Allocates nothing, so views stay valid. */
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

/** Numbers of workspace that a product needs, for either dtype. */
export const GEMV_WORK = 16;

/** The numbers of an f64 tensor, as a view that is valid until memory grows. */
export function view(x: Tensor): Float64Array {
  return x.data() as Float64Array;
}

/** The largest |x_i|; NaN if there is one, 0 for an empty x. */
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
