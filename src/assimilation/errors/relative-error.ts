// relativeError: the distance of two states in units of that of two independent ones.

import { checkCount } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { broadcastShapes, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { div, sub } from '../../ops/arithmetic.js';
import { checkTensor, commonFloat } from '../../ops/op.js';
import { abs } from '../../ops/roots.js';
import { sum } from '../../ops/sum.js';

/** Options of `relativeError`. */
export interface RelativeErrorOptions {
  /** How many axes at the end belong to the state; default 1. A flow has 3: [2, n, n]. */
  stateAxes?: number;
}

const OPTIONS: OptionNames<RelativeErrorOptions> = { stateAxes: true };

/**
 * |a - b|₁ / γ, summed over the state: 0 for equal states, about 1 for independent ones. Differentiable in a and b (at equal
 * numbers with the derivative 0 of `abs`).
 * @param a forecasts, [...batch, time, ...state], f64 or f32. @param b what they are compared with; both broadcast.
 * @param gamma what `errorScale` gives for samples of the attractor, positive.
 * @param options `stateAxes`, default 1.
 * @returns [...batch, time].
 * @throws ArgumentError for a gamma that is not positive and finite, and invalid options; ShapeError, DTypeError.
 * Source: Frerix et al. (ICML 2021), equation (5).
 * @example
 * assimilation.relativeError(forecast, truth, gamma); // [steps + 1, 40] twice to [steps + 1]
 */
export function relativeError(
  a: Tensor,
  b: Tensor,
  gamma: number,
  options: RelativeErrorOptions = {},
): Tensor {
  const name = 'relativeError';
  checkOptions(name, options, OPTIONS);
  const { stateAxes = 1 } = options;
  checkTensor(name, 'a', a);
  checkTensor(name, 'b', b);
  commonFloat(name, [a, b]);
  checkCount(name, 'stateAxes', stateAxes, 1);
  if (!(typeof gamma === 'number' && gamma > 0 && gamma < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`${name}: gamma must be a positive number, got ${describe(gamma)}`);
  const shape = broadcastShapes(name, a.shape, b.shape);
  if (stateAxes > shape.length)
    throw new ShapeError(
      `${name}: a and b must have ${stateAxes} axes of the state, got ${show(a.shape)} and ${show(b.shape)}`,
    );
  const axis = Array.from({ length: stateAxes }, (_, i) => i - stateAxes);
  return scope(() => div(sum(abs(sub(a, b)), { axis }), gamma));
}
