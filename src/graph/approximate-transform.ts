// The transform by a product of Givens rotations.
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import type { OptionNames } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import type { FourierTransform } from './fourier-transform.js';

/** Options of the approximate transform: those of the factorization. */
export interface ApproximateOptions {
  /** Rotations, at most. */
  factors?: number;
}

/** Their names. */
export const APPROXIMATE_OPTIONS: OptionNames<ApproximateOptions> = { factors: true };

/** The transform of a symmetric matrix [n, n], f64, which stays the caller's; errors name `name`. */
export function approximateTransform(
  name: string,
  laplacian: Tensor,
  options: ApproximateOptions,
): FourierTransform {
  throw new ArgumentError(
    `${name}: factors is for approximate transforms, which are not there yet, got ${describe(options.factors)} for ${laplacian.shape[0]} vertices`,
  );
}
