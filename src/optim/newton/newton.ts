// Newton's method: x := x - t B⁻¹ ∇f(x), where B is the Hessian, modified if it is not positive definite.

import type { OptionNames } from '../../core/options.js';
import { assign, scale } from '../../linalg/blas/tensors.js';
import { backtracking } from '../line-search/backtracking.js';
import { checkLineSearch, type LineSearch } from '../line-search/line.js';
import type { Method } from '../method.js';
import { StallDetector } from '../stall-detector.js';
import { checkModification, type ModificationOptions, ModifiedHessian } from './modified-hessian.js';
import { newtonStep } from './newton-step.js';

/** Options of `newton`. */
export interface NewtonOptions extends ModificationOptions {
  /** Default backtracking, starting at 1. */
  lineSearch?: LineSearch;
}

const OPTIONS: OptionNames<NewtonOptions> = { lineSearch: true, modification: true, cutoff: true };

/**
 * Newton's method with the full Hessian: quadratic convergence near a minimum with a positive definite Hessian; about 4
 * n² numbers of memory; two Cholesky factorizations per iteration (2/3 n³ operations) if the Hessian is positive
 * definite, and about ten times that if eigenvalues are modified. The cut-off is absolute, as in the study of section
 * 1.1.5, so scale f: use an average, not a sum.
 * Source: dissertation, equation (7) and section 1.1.5; Nocedal and Wright, Algorithm 3.2.
 * @param options `lineSearch`, `modification`, `cutoff`.
 * @throws ArgumentError for an invalid option.
 * @example
 * optim.minimize(f, x0, optim.newton());
 * optim.minimize(f, x0, optim.newton({ modification: 'cholesky' }));
 */
export function newton(options: NewtonOptions = {}): Method {
  const search = checkLineSearch('newton', options, OPTIONS, backtracking());
  const modification = checkModification('newton', options);
  return {
    name: 'newton',
    maxIterations: 1000,
    start(descent) {
      const hessian = new ModifiedHessian(descent.x, modification);
      const patience = new StallDetector();
      return {
        step() {
          const { objective, ray } = descent;
          objective.hessian(descent.x, hessian.matrix);
          if (!hessian.factor()) return 'notFinite';
          assign(descent.gradient, ray.direction);
          scale(-1, ray.direction);
          hessian.solve(ray.direction);
          return newtonStep(descent, search, patience);
        },
      };
    },
  };
}
