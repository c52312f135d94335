// y / max(‖y‖∞ / c, 1), row by row: the points of a cone that lie in the box [-c, c]^d.

import type { Tensor } from '../../../core/tensor.js';
import { div, mul } from '../../../ops/arithmetic.js';
import { greater } from '../../../ops/compare.js';
import { max } from '../../../ops/extrema.js';
import { maximum } from '../../../ops/minmax.js';
import { abs } from '../../../ops/roots.js';
import { where } from '../../../ops/select.js';
import { stopGradient } from '../../../ops/stop.js';

const ROW = { axis: 1, keepDims: true } as const;

/** z = scale · small with entries of `small` up to 1 and scale >= 1, [n, 1]; the scale is a constant to derivatives. */
export function scaledDown(z: Tensor): { small: Tensor; scale: Tensor } {
  const scale = stopGradient(maximum(max(abs(z), ROW), 1));
  return { small: div(z, scale), scale };
}

/** The factor scale / max(size scale / most, 1), with the size of a row of what is made of `small`. */
export function shrinking(size: Tensor, scale: Tensor, most: number): Tensor {
  const isOutside = greater(mul(size, scale), most);
  // What is not taken must not be infinite: its derivative would be NaN.
  return where(isOutside, div(most, where(isOutside, size, 1)), scale);
}

/**
 * f(z) / max(‖f(z)‖∞ / c, 1) for an f with f(s z) = s f(z), s > 0. f sees rows whose entries are at most 1, so that it may overflow and
 * the result does not; the scale cancels, so derivatives are those of the formula.
 */
export function inBox(f: (z: Tensor) => Tensor, z: Tensor, c: number): Tensor {
  const { small, scale } = scaledDown(z);
  const y = f(small);
  return mul(y, shrinking(max(abs(y), ROW), scale, c));
}
