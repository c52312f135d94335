// Means and variances over axes, composed from sums.
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import type { OptionNames } from '../core/options.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { div, sub } from './arithmetic.js';
import { commonFloat } from './op.js';
import { type ReduceOptions, reduceParams } from './reduce.js';
import { square } from './roots.js';
import { sum } from './sum.js';

/** Options of `variance`. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the number of elements in the divisor of the sum of squares; default 0, use 1 for a sample. */
  ddof?: number;
}

const VARIANCE_OPTIONS: OptionNames<VarianceOptions> = { axis: true, keepDims: true, ddof: true };

/** The number of elements per result. */
function countOf(x: Tensor, axes: readonly number[]): number {
  return axes.reduce((count, axis) => count * x.shape[axis], 1);
}

/**
 * The mean over axes; NaN if there are no elements.
 * @param x a tensor of f64 or f32.
 * @param options `axis`: one or several, default all; `keepDims`.
 * @throws DTypeError for i32, ArgumentError for an axis out of range.
 * @example
 * mean(tensor([[1, 2], [3, 4]]), { axis: 0 }); // [2, 3]
 */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { axes, keepDims } = reduceParams('mean', x, options);
  commonFloat('mean', [x]);
  return scope(() => div(sum(x, { axis: axes, keepDims }), countOf(x, axes)));
}

/**
 * The mean squared distance from the mean, over axes (in two passes, so that a large mean does not cost accuracy); NaN
 * if there are no elements.
 * @param x a tensor of f64 or f32.
 * @param options `axis`: one or several, default all; `keepDims`; `ddof`: Σ (x - mean)² is divided by n - ddof, default
 * 0.
 * @throws DTypeError for i32, ArgumentError for an axis out of range or a ddof that is not a number.
 * @example
 * variance(tensor([1, 2, 3, 4])); // 1.25
 * variance(tensor([1, 2, 3, 6]), { ddof: 1 }); // 4.666666666666667
 */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  const { axes, keepDims } = reduceParams('variance', x, options, VARIANCE_OPTIONS);
  commonFloat('variance', [x]);
  const { ddof = 0 } = options;
  if (typeof ddof !== 'number' || !Number.isFinite(ddof))
    throw new ArgumentError(`variance: ddof must be a number, got ${describe(ddof)}`);
  const n = countOf(x, axes);
  return scope(() => {
    const centre = div(sum(x, { axis: axes, keepDims: true }), n);
    return div(sum(square(sub(x, centre)), { axis: axes, keepDims }), n - ddof);
  });
}
