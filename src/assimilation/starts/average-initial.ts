// averageInitial: the mean state with the observed points in their places.

import { checkObject } from '../../core/check.js';
import { tensor } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { sameShape, show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { apply, checkTensor, commonFloat } from '../../ops/op.js';
import { where } from '../../ops/select.js';
import { type SliceParams, unsliceOp } from '../../ops/slice.js';
import { observedPart, type SubsampleOperator } from '../operators/subsample.js';

/** 1 at the observed points of a state, 0 elsewhere. */
function observedMask(shape: readonly number[], { begin, step }: SliceParams): Tensor {
  const mask = new Int32Array(sizeOf(shape)).fill(1);
  let inner = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const extent = shape[axis];
    if (step[axis] > 1 || begin[axis] > 0)
      for (let i = 0; i < mask.length; i++) {
        const at = Math.floor(i / inner) % extent;
        if (at < begin[axis] || (at - begin[axis]) % step[axis] !== 0) mask[i] = 0;
      }
    inner *= extent;
  }
  return tensor(mask, { shape: [...shape] });
}

/**
 * The start of an assimilation from the mean of independent states: `mean`, with the observed points replaced by what
 * was observed there, to the bit. As a fit of the unobserved points it is that of least squares.
 * @param operator made by `subsample`.
 * @param y0 observations of the first state, [...batch, ...observation], f64 or f32.
 * @param mean a state, [...state], of the same dtype.
 * @returns [...batch, ...state]. Differentiable in y0 and mean.
 * @throws ArgumentError for an operator that `subsample` has not made, ShapeError for observations that are not those
 * of such a state, DTypeError for two dtypes.
 * Source: Frerix et al. (ICML 2021), section 5.1: "average init".
 * @example
 * const mean = ct.mean(dynamics.sample(system, ct.random(1), { count: 1000 }), { axis: 0 });
 * const x0 = assimilation.averageInitial(assimilation.subsample(4), y0, mean);
 */
export function averageInitial(operator: SubsampleOperator, y0: Tensor, mean: Tensor): Tensor {
  const name = 'averageInitial';
  checkObject(name, 'operator', operator);
  if (
    !Number.isInteger(operator.every) ||
    !Array.isArray(operator.axes) ||
    !Number.isInteger(operator.offset)
  )
    throw new ArgumentError(`${name}: operator must be one that subsample makes, got ${describe(operator)}`);
  checkTensor(name, 'y0', y0);
  checkTensor(name, 'mean', mean);
  commonFloat(name, [y0]);
  if (y0.dtype !== mean.dtype)
    throw new DTypeError(`${name}: y0 and mean must have one dtype, got ${y0.dtype} and ${mean.dtype}`);
  const part = observedPart(name, mean.shape, operator);
  const batchAxes = y0.ndim - mean.ndim;
  if (batchAxes < 0 || !sameShape(y0.shape.slice(batchAxes), part.shape))
    throw new ShapeError(
      `${name}: y0 must end in the axes ${show(part.shape)} of the observed points of a state of shape ${show(mean.shape)}, got ${show(y0.shape)}`,
    );
  const batch = y0.shape.slice(0, batchAxes);
  const placed: SliceParams = {
    begin: [...batch.map(() => 0), ...part.begin],
    step: [...batch.map(() => 1), ...part.step],
    shape: [...batch, ...mean.shape],
  };
  return scope(() => where(observedMask(mean.shape, part), apply(unsliceOp, [y0], placed), mean));
}
