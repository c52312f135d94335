// cubicUpsample: a field from every n-th of its points, by cubic interpolation on a periodic grid.

import { checkArray, checkCount, checkOneOf } from '../../core/check.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { checkAxes, checkSize } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { interpolate, type Refinement, tapsOf } from '../../nn/layers/interpolation.js';
import { reshape } from '../../ops/layout.js';
import { checkTensor, commonFloat } from '../../ops/op.js';

/** Where the outputs of a cubic upsampling lie, and what it takes beyond the edges. */
export type CubicVariant = 'aligned' | 'halfPixel' | 'published';

/** The names of `CubicVariant`. */
export const CUBIC_VARIANTS: readonly CubicVariant[] = ['aligned', 'halfPixel', 'published'];

/** Options of `cubicUpsample`. */
export interface CubicUpsampleOptions {
  /** The periodic axes that are refined; default [-1]. */
  axes?: readonly number[];
  /**
   * 'aligned' (default): output factor · j is sample j, so that `subsample(factor)` gives the samples back. 'halfPixel':
   * output o lies at (o + ½) / factor - ½, which shifts the field by (factor - 1) / 2 of the fine cells. 'published': what
   * the code of the paper does: padded periodically by one sample, resized as 'halfPixel' with the weights that fall
   * outside dropped and the others divided by their sum, and cropped; it differs from 'halfPixel' near the edges.
   */
  variant?: CubicVariant;
}

const CUBIC_OPTIONS: OptionNames<CubicUpsampleOptions> = { axes: true, variant: true };

const GRIDS: Record<CubicVariant, Pick<Refinement, 'grid' | 'beyond'>> = {
  aligned: { grid: 'aligned', beyond: 'periodic' },
  halfPixel: { grid: 'halfPixel', beyond: 'periodic' },
  published: { grid: 'halfPixel', beyond: 'once' },
};

/** `cubicUpsample` of checked arguments along axes that count from the front. */
export function refine(y: Tensor, factor: number, axes: readonly number[], variant: CubicVariant): Tensor {
  const shape = y.shape.map((extent, axis) => (axes.includes(axis) ? extent * factor : extent));
  checkSize('cubicUpsample', shape);
  if (y.size === 0 || factor === 1 || axes.length === 0) return reshape(y, shape);
  return axes.reduce((x, axis) => {
    const taps = tapsOf({ extent: x.shape[axis], factor, kind: 'cubic', a: -0.5, ...GRIDS[variant] });
    return interpolate(x, axis, taps);
  }, y);
}

/**
 * Refines a periodic field by a whole factor along one or several axes, by Keys's cubic convolution with a = -½, which is
 * exact for quadratics away from the seam. It is linear, one product (or gathering) per axis; 'aligned' and 'halfPixel'
 * commute with shifts along the axes. A NaN or an infinity spreads along its whole line.
 * @param y [...], f64 or f32: samples at equal distances, one period along each of `axes`.
 * @param factor a positive integer.
 * @param options `axes`, default [-1]; `variant`, default 'aligned'.
 * @returns y.shape with the extents of `axes` times `factor`. Differentiable.
 * @throws ArgumentError for a factor, axes or a variant that are none; DTypeError for i32; ShapeError for a result with
 * too many elements.
 * Source: Keys: Cubic Convolution Interpolation for Digital Image Processing, IEEE Trans. ASSP 29, 1981; as a start in
 * Frerix et al. (ICML 2021), section 5.2.
 * @example
 * const u0 = assimilation.cubicUpsample(y0, 16, { axes: [-2, -1] }); // [2, 4, 4] to [2, 64, 64]
 */
export function cubicUpsample(y: Tensor, factor: number, options: CubicUpsampleOptions = {}): Tensor {
  const name = 'cubicUpsample';
  checkOptions(name, options, CUBIC_OPTIONS);
  const { axes = [-1], variant = 'aligned' } = options;
  checkTensor(name, 'y', y);
  commonFloat(name, [y]);
  checkCount(name, 'factor', factor, 1);
  checkArray(name, 'axes', axes);
  checkOneOf(name, 'variant', variant, CUBIC_VARIANTS);
  return scope(() => refine(y, factor, checkAxes(name, axes, y.ndim), variant));
}
