// Coordinate descent: x_k := x_k - t ∂f/∂x_k for k = 1, 2, …, n in turn, with t from a line search.
import type { OptionNames } from '../../core/options.js';
import type { SolutionStatus } from '../../solve/solution.js';
import { checkLineSearch, type LineSearch } from '../line-search/line.js';
import { strongWolfe } from '../line-search/strong-wolfe.js';
import type { Method } from '../method.js';

/** Options of `coordinateDescent`. */
export interface CoordinateDescentOptions {
  /**
   * Default strongWolfe({ c2: 0.1 }), starting at the minimum of the parabola from the last step along this coordinate.
   */
  lineSearch?: LineSearch;
}

const OPTIONS: OptionNames<CoordinateDescentOptions> = { lineSearch: true };

/**
 * Cyclic coordinate descent: an iteration is one cycle through all coordinates, with at least one gradient for each.
 * Exact on quadratic functions from the second cycle on, where it is the Gauss-Seidel method. For few variables, or
 * weakly coupled ones.
 * Source: Nocedal and Wright, section 9.3.
 * @example
 * optim.minimize(f, x0, optim.coordinateDescent());
 */
export function coordinateDescent(options: CoordinateDescentOptions = {}): Method {
  const search = checkLineSearch('coordinateDescent', options, OPTIONS, strongWolfe({ c2: 0.1 }));
  return {
    name: 'coordinateDescent',
    start(descent) {
      const { ray, x } = descent;
      // 1 / ∂²f/∂x_k², estimated from the last step along k.
      const lengths = new Float64Array(x.size).fill(search.initialStep);
      return {
        step() {
          const { direction } = ray;
          let moved = false;
          let failure: SolutionStatus | undefined;
          for (let k = 0; k < lengths.length; k++) {
            const slope = descent.gradient.data()[k];
            if (slope === 0) continue;
            direction.data().fill(0)[k] = -slope;
            const failed = descent.move(search, lengths[k]);
            if (failed === undefined) {
              moved = true;
              const bend = (descent.gradient.data()[k] - slope) / (-slope * ray.step);
              if (bend > 0 && bend < Number.POSITIVE_INFINITY) lengths[k] = 1 / bend;
            } else if (failed !== 'stalled' || failure === undefined) failure = failed;
            if (!Number.isFinite(descent.value)) break;
          }
          return moved ? undefined : failure;
        },
      };
    },
  };
}
