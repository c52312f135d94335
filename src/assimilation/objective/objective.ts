// objective: J(x0) of a problem.

import { zeros } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { sameShape } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { checkState } from '../../dynamics/system.js';
import { add, div, sub } from '../../ops/arithmetic.js';
import { broadcastTo } from '../../ops/sum.js';
import { energyOf, lastAxes } from '../covariance/covariance.js';
import { batchOfObjective, type CheckedProblem, checkProblem } from '../problem/checked.js';
import type { Problem } from '../problem/problem.js';
import { misfit, rowData } from './misfit.js';
import { isShort, seenAtOnce } from './predicted.js';
import { summedRows } from './rows-loop.js';

/**
 * The objective of a problem, without ½: J(x0) = (x0 - xb)ᵀ B⁻¹ (x0 - xb) + Σ_t (H(x_t) - y_t)ᵀ R⁻¹ (H(x_t) - y_t); 'mean' divides both terms by the number of
 * observed values. Differentiable in x0 and in what the problem holds, in both modes, to any order, and compiles. The gradient of a long window holds O(√T)
 * states. Nothing is copied: the tensors of the problem must live as long as the function.
 * @returns a function of x0 [...batch, ...state] that gives [...batch]; batch axes of x0, observations and xb broadcast. It throws ShapeError and DTypeError
 * for what is no state, and never for a state that blows up: J is NaN or infinite then.
 * @throws when the problem is given: ArgumentError for unknown names, B without xb or the reverse, NaN among the observations (unless the mask is 0 there), steps
 * that do not rise, a mask that is not zeros and ones or not with a diagonal R; ShapeError and DTypeError for what does not fit.
 * @example
 * const system = dynamics.lorenz96();
 * const operator = assimilation.subsample(4);
 * const J = assimilation.objective({ system, operator, observations: operator.apply(truth) });
 * const { value, grad } = valueAndGrad(J)(x0);
 */
export function objective(problem: Problem): (x0: Tensor) => Tensor {
  const checked = checkProblem('objective', problem);
  return (x0) => {
    checkState('objective', 'x0', checked.own, x0);
    return scope(() => objectiveAt('objective', checked, x0));
  };
}

/** J at a state that is checked. */
export function objectiveAt(name: string, problem: CheckedProblem, x: Tensor): Tensor {
  const { background, observations } = termsAt(name, problem, x);
  return background === undefined ? observations : add(background, observations);
}

/** Both terms, [...batch]; `short`: whether all states of the window are kept at once. */
export function termsAt(
  name: string,
  problem: CheckedProblem,
  x: Tensor,
  short = isShort(problem, x),
): { background: Tensor | undefined; observations: Tensor } {
  const { background, own, divisor, observation } = problem;
  const batch = batchOfObjective(name, problem, x);
  const data = rowData(problem);
  const scaled = (term: Tensor) => (divisor === 1 ? term : div(term, divisor));
  const whole = (term: Tensor) => (sameShape(term.shape, batch) ? term : broadcastTo(term, batch));
  const axes = observation.length;
  const observations = short
    ? misfit(problem, seenAtOnce(problem, x), data, axes + 1)
    : summedRows(problem, x, data, zeros(batch, { dtype: own.dtype }), (row, state, one) =>
        whole(misfit(problem, problem.observer.at(state, problem.steps[row]), one, axes)),
      );
  if (background === undefined) return { background, observations: scaled(whole(observations)) };
  const { xb, B } = background;
  const off = sub(x, xb);
  const distance = energyOf(B, off, lastAxes(off.ndim, own.stateShape.length));
  return { background: scaled(whole(distance)), observations: scaled(whole(observations)) };
}
