// L-BFGS: x := x - t H ∇f(x), where H is the inverse BFGS matrix of the last few steps, which is never formed.

import { checkCount } from '../../core/check.js';
import type { OptionNames } from '../../core/options.js';
import { assign, norm2, scale } from '../../linalg/blas/tensors.js';
import { checkLineSearch, type LineSearch } from '../line-search/line.js';
import { strongWolfe } from '../line-search/strong-wolfe.js';
import type { DescentState, Method } from '../method.js';
import { CurvaturePairs } from './curvature-pairs.js';

/** Options of `lbfgs`. */
export interface LbfgsOptions {
  /** m, the number of stored steps: 2 m n numbers; default 10. */
  history?: number;
  /** Default strongWolfe(). */
  lineSearch?: LineSearch;
}

const OPTIONS: OptionNames<LbfgsOptions> = { history: true, lineSearch: true };

/**
 * L-BFGS: the quasi-Newton method for large problems; an iteration costs 4 m n multiplications besides f and its
 * gradient. H starts from the multiple sᵀy / yᵀy of the identity (16) and is applied by the two-loop recursion. The
 * first step has length
 * 1. Pairs without curvature (sᵀy <= u |sᵀ∇f|) are skipped; if H gives no descent direction, or no step is found along
 * it, it restarts.
 * Source: dissertation, section 1.1.4, equations (14) and (16); Nocedal and Wright, Algorithms 7.4 and 7.5.
 * @throws ArgumentError for invalid options.
 * @example
 * const { x, iterations } = optim.minimize(f, x0, optim.lbfgs({ history: 20 }), { gradientTolerance: 1e-9 });
 */
export function lbfgs(options: LbfgsOptions = {}): Method {
  const search = checkLineSearch('lbfgs', options, OPTIONS, strongWolfe());
  const { history = 10 } = options;
  checkCount('lbfgs', 'history', history, 1);
  return {
    name: 'lbfgs',
    start(descent) {
      const pairs = new CurvaturePairs(descent, history);
      const further = () => {
        const { gradient, direction } = descent.ray;
        return descent.move(search, 1, undefined, pairs.applyNegative(gradient, direction));
      };
      return {
        step() {
          let failed = pairs.count > 0 ? further() : descend(descent, search, descent.step);
          // If f is not convex or rounding dominates, H may give no descent direction, or one without an acceptable
          // step.
          if (failed !== undefined && pairs.count > 0) {
            pairs.clear();
            failed = descend(descent, search);
          }
          if (failed === undefined) pairs.add();
          return failed;
        },
      };
    },
  };
}

/**
 * A step along -∇f, of length 1 at the start; at least `least` times ∇f, so that steps grow if none ever finds
 * curvature, until f turns out to be unbounded.
 */
export function descend(
  descent: DescentState,
  search: LineSearch,
  least = 0,
): ReturnType<DescentState['move']> {
  const { gradient, direction } = descent.ray;
  assign(gradient, direction);
  scale(-1, direction);
  const length = norm2(gradient);
  return descent.move(search, Math.max(length > 0 ? 1 / length : 1, least));
}
