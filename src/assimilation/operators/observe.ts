// observe: the observations of every state of a trajectory, with or without noise.

import { checkCount } from '../../core/check.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkGenerator, type Generator } from '../../core/random/generator.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { add } from '../../ops/arithmetic.js';
import { aliasOf } from '../../ops/ownership.js';
import { type Covariance, checkCovariance } from '../covariance/covariance.js';
import { type ObservationFunction, type ObservationOperator, observerOf } from './operator.js';
import { observedRows } from './rows.js';

/** Options of `observe`. */
export interface ObserveOptions {
  /** Axes of a state, the last ones of the trajectory. */
  stateAxes: number;
  /** With `generator`: the covariance of the noise of one observation. */
  R?: Covariance;
  /** With `R`: where the noise comes from. */
  generator?: Generator;
}

const OBSERVE_OPTIONS: OptionNames<ObserveOptions> = { stateAxes: true, R: true, generator: true };

/**
 * What is observed of every state of a trajectory; with `R` and `generator`, plus normal noise of the covariance R.
 * @param operator H: an operator or a function (x, step), which gets the states one by one with their number, from 0.
 * @param trajectory [...batch, time, ...state].
 * @returns [...batch, time, ...observation].
 * @throws ShapeError for a trajectory without a time axis; ArgumentError for R without a generator or the reverse.
 * @example
 * const y = assimilation.observe(assimilation.subsample(4), states, {
 *   stateAxes: 1,
 *   R: assimilation.covariance.diagonal(0.25),
 *   generator: random(1),
 * });
 */
export function observe(
  operator: ObservationOperator | ObservationFunction,
  trajectory: Tensor,
  options: ObserveOptions,
): Tensor {
  const name = 'observe';
  const observer = observerOf(name, operator);
  const { ndim, shape } = checkFloat(name, 'trajectory', trajectory);
  checkOptions(name, options, OBSERVE_OPTIONS);
  const { stateAxes, R, generator } = options;
  checkCount(name, 'stateAxes', stateAxes);
  if (ndim <= stateAxes)
    throw new ShapeError(
      `${name}: trajectory must have a time axis before the ${stateAxes} axes of a state, got shape ${show(shape)}`,
    );
  if ((R === undefined) !== (generator === undefined))
    throw new ArgumentError(
      `${name}: R and generator belong together, got ${R === undefined ? 'generator' : 'R'} alone`,
    );
  const axis = ndim - stateAxes - 1;
  if (shape[axis] === 0 && !observer.steady)
    throw new ShapeError(
      `${name}: trajectory must have a state for a function to be called with, got shape ${show(shape)}`,
    );
  return scope(() => {
    const steps = Array.from({ length: shape[axis] }, (_, step) => step);
    const clean = observedRows(observer, trajectory, axis, steps);
    if (generator === undefined) return clean === trajectory ? aliasOf(clean) : clean;
    checkGenerator(name, 'generator', generator);
    const noise = checkCovariance(name, 'R', R);
    noise.check(name, 'R', { shape: clean.shape.slice(axis + 1), dtype: clean.dtype });
    const dtype = clean.dtype === 'f32' ? 'f32' : 'f64';
    return add(clean, noise.sqrt(generator.normal(clean.shape, { dtype })));
  });
}
