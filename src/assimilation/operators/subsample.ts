// subsample: the observation of every n-th grid point.

import { checkCount } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkAxes, type Shape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { apply, checkTensor } from '../../ops/op.js';
import { type SliceParams, sliceOp } from '../../ops/slice.js';
import { steadyOperator } from './operator.js';

/** Options of `subsample`. */
export interface SubsampleOptions {
  /** The axes that are thinned out; default [-1]. Negative ones count from the end and leave batch axes in front free. */
  axes?: readonly number[];
  /** The first point that is observed along each of the axes; default 0. */
  offset?: number;
}

const SUBSAMPLE_OPTIONS: OptionNames<SubsampleOptions> = { axes: true, offset: true };

/** What `subsample` gives: an observation operator that says which points it reads. */
export interface SubsampleOperator {
  readonly every: number;
  readonly axes: readonly number[];
  readonly offset: number;
  /** A state, or any number of them, [...batch, ...state], to what is observed of it, [...batch, ...observation]. */
  apply(x: Tensor): Tensor;
}

/** The slice that an operator reads of a tensor of shape `shape`; `name` is the function that asks. */
export function observedPart(
  name: string,
  shape: Shape,
  { every, axes, offset }: SubsampleOperator,
): SliceParams {
  const thinned = checkAxes(name, axes, shape.length);
  const part = { begin: shape.map(() => 0), step: shape.map(() => 1), shape: [...shape] };
  for (const axis of thinned) {
    if (offset > 0 && offset >= shape[axis])
      throw new ShapeError(
        `${name}: offset ${offset} lies beyond the points of axis ${axis} of a state of shape ${show(shape)}`,
      );
    part.begin[axis] = offset;
    part.step[axis] = every;
    part.shape[axis] = Math.ceil((shape[axis] - offset) / every);
  }
  return part;
}

/**
 * The observation operator that reads every `every`-th grid point along each of `axes`, beginning at `offset`: NumPy's
 * x[offset::every]. It is linear; all other axes, those of batches among them, are kept. Its fields `every`, `axes` and
 * `offset` can be read.
 * @param every the distance of observed points, a positive integer; 1 observes all.
 * @param options `axes`, default [-1]; `offset`, default 0.
 * @returns an operator; `apply` takes any dtype, and throws ShapeError or ArgumentError for an x without such points.
 * @throws ArgumentError for an `every`, axes or an offset that are no such integers, or unknown options.
 * Source: Frerix, Kochkov, Smith, Cremers, Brenner, Hoyer: Variational Data Assimilation with a Learned Inverse
 * Observation Operator (ICML 2021), section 5.
 * @example
 * assimilation.subsample(4).apply(x); // Lorenz96: [...batch, 40] to [...batch, 10]
 * assimilation.subsample(16, { axes: [-2, -1] }).apply(u); // a flow: [...batch, 2, 64, 64] to [...batch, 2, 4, 4]
 */
export function subsample(every: number, options: SubsampleOptions = {}): SubsampleOperator {
  checkOptions('subsample', options, SUBSAMPLE_OPTIONS);
  const { axes = [-1], offset = 0 } = options;
  checkCount('subsample', 'every', every, 1);
  checkCount('subsample', 'offset', offset);
  if (!Array.isArray(axes) || axes.some((axis) => !Number.isInteger(axis)))
    throw new ArgumentError(`subsample: axes must be an array of integers, got ${describe(axes)}`);
  const twice = axes.find((axis, i) => axes.indexOf(axis) !== i);
  if (twice !== undefined) throw new ArgumentError(`subsample: axes must be distinct, got ${twice} twice`);
  const operator: SubsampleOperator = {
    every,
    axes: Object.freeze([...axes]),
    offset,
    apply(x) {
      checkTensor('subsample', 'x', x);
      return apply(sliceOp, [x], observedPart('subsample', x.shape, operator));
    },
  };
  Object.freeze(operator);
  // Axes that count from the end are the same whatever stands in front of a state.
  return axes.every((axis) => axis < 0) ? steadyOperator(operator) : operator;
}
