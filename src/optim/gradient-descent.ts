// Gradient descent: x := x - t ∇f(x), with t from a line search.
import { assign, scale } from '../linalg/vectors.js';
import { backtracking } from './backtracking.js';
import { checkLineSearch, type LineSearch } from './line.js';
import type { Method } from './method.js';

/** Options of `gradientDescent`. */
export interface GradientDescentOptions {
  /** Default backtracking, begun at twice the last step. */
  lineSearch?: LineSearch;
}

/**
 * Gradient descent; linear convergence, at a rate that falls with the condition of the Hessian.
 * Without a line search of its own it begins each search at twice the step that was accepted last.
 * Source: dissertation, equation (5).
 * @example
 * optim.minimize(f, x0, optim.gradientDescent({ lineSearch: optim.backtracking({ initialStep: 0.1 }) }));
 */
export function gradientDescent(options: GradientDescentOptions = {}): Method {
  const search = checkLineSearch('gradientDescent', options, backtracking());
  const grows = options.lineSearch === undefined;
  return {
    name: 'gradientDescent',
    maxIterations: 100_000,
    start: (descent) => ({
      step() {
        const { direction } = descent.ray;
        assign(descent.gradient, direction);
        scale(-1, direction);
        const first = grows && descent.step > 0 ? 2 * descent.step : search.initialStep;
        return descent.move(search, first);
      },
    }),
  };
}
