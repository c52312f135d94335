// The mask of a problem: 0 where nothing was observed.

import { checkTensor } from '../../core/check.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { type Shape, sameShape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { isKnown } from '../../ops/tracer.js';
import { untraced } from '../../ops/untraced.js';
import type { CovarianceParts } from '../covariance/covariance.js';

/** A checked mask. */
export interface Mask {
  /** [m, ...observation], zeros and ones. */
  readonly values: Tensor;
  /** The number of ones; undefined where the values are not known yet. */
  readonly count: number | undefined;
}

/** Checks a mask for rows of this shape; `counted`: the number of ones is wanted. */
export function checkMask(
  name: string,
  mask: unknown,
  rows: Shape,
  R: CovarianceParts | undefined,
  counted: boolean,
): Mask {
  checkTensor(name, 'mask', mask);
  if (!sameShape(mask.shape, rows))
    throw new ShapeError(
      `${name}: mask must have the shape ${show(rows)} of the rows of observations, got ${show(mask.shape)}`,
    );
  if (R !== undefined && R.precision === undefined)
    throw new ArgumentError(`${name}: mask needs a diagonal R, got ${R.kind}`);
  if (!isKnown(mask) && !counted) return { values: mask, count: undefined };
  let count = 0;
  for (const value of untraced(name, 'mask', mask).data()) {
    if (value !== 0 && value !== 1)
      throw new ArgumentError(`${name}: mask must hold zeros and ones, got ${value}`);
    count += value;
  }
  return { values: mask, count };
}
