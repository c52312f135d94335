// The objective in the space of states: observations are mapped to states first, by a learned inverse.

import { checkFunction } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { sameShape, show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { aliasOf } from '../../ops/ownership.js';
import { identity } from '../operators/identity.js';
import { checkProblem } from '../problem/checked.js';
import type { Problem } from '../problem/problem.js';

/** What maps observations [...batch, m, ...observation] to states [...batch, m, ...state]. */
export type Inverse = (observations: Tensor) => Tensor;

/**
 * The problem in physics space, J̃(x0) = Σ_t |x_t - h(y_t)|²: the identity as the operator, inverted observations, and R = I. System, steps, background, reduction
 * and checkpoint are those of `problem`; its R and mask are not used.
 * Source: Frerix et al. (2021), equation (3).
 * @param inverse h, of all rows at once; its result belongs to the caller, as `observations` of the problem.
 * @throws as `objective`; ArgumentError, ShapeError for what `inverse` returns.
 * @example
 * const easier = assimilation.physicsProblem(problem, (y) => model.apply(params, y));
 */
export function physicsProblem(problem: Problem, inverse: Inverse): Problem {
  const name = 'physicsProblem';
  const { own, batch, steps } = checkProblem(name, problem);
  checkFunction(name, 'inverse', inverse);
  const { system, observations, observationSteps, xb, B, reduction, checkpoint } = problem;
  const states = scope(() => {
    const found: unknown = inverse(observations);
    if (!(found instanceof Tensor))
      throw new ArgumentError(`${name}: inverse must return a tensor, got ${describe(found)}`);
    const wanted = [...batch, steps.length, ...own.stateShape];
    if (!sameShape(found.shape, wanted))
      throw new ShapeError(
        `${name}: inverse must return the states ${show(wanted)} of the rows, got shape ${show(found.shape)}`,
      );
    return found === observations ? aliasOf(found) : found;
  });
  const given = { observationSteps, xb, B, reduction, checkpoint };
  const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { system, operator: identity(), observations: states, ...kept };
}
