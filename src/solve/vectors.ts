// Whole vectors in one passage, as the loops of solvers see them; the plain ones are in linalg/vectors.ts.
import type { Tensor } from '../core/tensor.js';
import { blas } from '../generated/blas.js';
import { vectors } from '../generated/vectors.js';
import type { Float } from '../linalg/stack.js';

/** The kernels of one dtype, on addresses; see assembly/level1/fused.ts. */
export interface VectorKernels {
  dot: typeof blas.exports.dot_f64;
  /** z := x + alpha y. */
  plusScaled: typeof vectors.exports.plus_scaled_f64;
  /** y := x, and xᵀ z. */
  copyDot: typeof vectors.exports.copy_dot_f64;
  /** y := alpha x + y, and zᵀ y. */
  axpyDot: typeof vectors.exports.axpy_dot_f64;
  /** out := alpha x + beta y, and zᵀ out. */
  axpbyDot: typeof vectors.exports.axpby_dot_f64;
  /** s := x - x0, y := g - g0, and their products. */
  curvature: typeof vectors.exports.curvature_f64;
  /** The largest |x_i|; NaN if there is one, 0 for none. */
  largest: typeof vectors.exports.largest_f64;
}

/** Chosen once where a loop runs on one dtype: to look a name up takes as long as a kernel does on a hundred numbers. */
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

/** The largest |x_i|; NaN if there is one, 0 for none. */
export function maxAbsOf({ dtype, size, address }: Tensor): number {
  const { largest_f64, largest_f32 } = vectors.exports;
  return dtype === 'f64' ? largest_f64(size, address) : largest_f32(size, address);
}

/** The unit roundoff of a dtype. */
export function unitRoundoffOf({ dtype }: Pick<Tensor, 'dtype'>): number {
  return dtype === 'f64' ? 2 ** -53 : 2 ** -24;
}
