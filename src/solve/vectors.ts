// Whole vectors in one passage, as the loops of solvers see them; the plain ones are in linalg/vectors.ts.
import type { Tensor } from '../core/tensor.js';
import { vectors } from '../generated/vectors.js';
import type { Float } from '../linalg/stack.js';

/** y := x, and xᵀ z. */
export function assignDot(x: Tensor, y: Tensor, z: Tensor): number {
  return vectors.exports[`copy_dot_${x.dtype as Float}`](x.size, x.address, y.address, z.address);
}

/** The largest |x_i|; NaN if there is one, 0 for none. */
export function largestOf(x: Tensor): number {
  return vectors.exports[`largest_${x.dtype as Float}`](x.size, x.address);
}

/** The unit roundoff of a dtype. */
export function roundingOf({ dtype }: Pick<Tensor, 'dtype'>): number {
  return dtype === 'f64' ? 2 ** -53 : 2 ** -24;
}
