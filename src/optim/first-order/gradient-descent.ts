// Gradient descent: x := x - t ∇f(x), with t from a line search.

import type { OptionNames } from '../../core/options.js';
import { assign, axpy, dot, scale } from '../../linalg/blas/tensors.js';
import { backtracking } from '../line-search/backtracking.js';
import { checkLineSearch, type LineSearch } from '../line-search/line.js';
import type { DescentState, Method } from '../method.js';

/** Options of `gradientDescent`. */
export interface GradientDescentOptions {
  /** Default backtracking, starting at the Barzilai-Borwein step. */
  lineSearch?: LineSearch;
}

const OPTIONS: OptionNames<GradientDescentOptions> = { lineSearch: true };

/**
 * Gradient descent; linear convergence, which is slower the larger the condition number of the Hessian. A given line
 * search starts at its own first step every time, as in the study of the dissertation. The default one starts at sᵀs /
 * sᵀy, the inverse of the curvature along the last step s (y is the change of the gradient), which saves most
 * iterations.
 * Source: dissertation, equation (5); Barzilai and Borwein, IMA J. Numer. Anal. 8 (1988).
 * @example
 * optim.minimize(f, x0, optim.gradientDescent({ lineSearch: optim.backtracking({ initialStep: 0.1 }) }));
 */
export function gradientDescent(options: GradientDescentOptions = {}): Method {
  const search = checkLineSearch('gradientDescent', options, OPTIONS, backtracking());
  const estimates = options.lineSearch === undefined;
  return {
    name: 'gradientDescent',
    maxIterations: 100_000,
    start: (descent) => ({
      step() {
        const { direction } = descent.ray;
        const first = estimates && descent.iteration > 0 ? barzilaiBorwein(descent) : search.initialStep;
        assign(descent.gradient, direction);
        scale(-1, direction);
        return descent.move(search, first);
      },
    }),
  };
}

/**
 * sᵀs / sᵀy of the last step s = -t g; twice the last step if the curvature along it is not positive. Overwrites the
 * direction.
 */
function barzilaiBorwein({ ray, gradient, step }: DescentState): number {
  const { direction, previous } = ray;
  assign(previous.gradient, direction);
  const square = dot(direction, direction);
  axpy(-1, gradient, direction);
  const curvature = dot(previous.gradient, direction);
  const estimate = step * (square / curvature);
  return estimate > 0 && Number.isFinite(estimate) ? estimate : 2 * step;
}
