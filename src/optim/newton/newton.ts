// Newton's method: x := x - t B⁻¹ ∇f(x), B the Hessian, modified where it is not positive definite.

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
  /** Default backtracking from 1. */
  lineSearch?: LineSearch;
}

const OPTIONS: OptionNames<NewtonOptions> = { lineSearch: true, modification: true, cutoff: true };

/**
 * Newton's method with the whole Hessian: quadratic convergence near a minimum whose Hessian is positive definite; about 4 n²
 * numbers of memory; two Cholesky factorizations an iteration (2/3 n³ operations) where the Hessian is positive definite, some ten
 * times that where eigenvalues are cut off. The cut-off is absolute, as in the study of section 1.1.5, so scale f by what it is made of: an average, not a sum.
 * Source: dissertation, equation (7) and section 1.1.5; Nocedal and Wright, Algorithm 3.2.
 * @param options `lineSearch`, `modification`, `cutoff`.
 * @throws ArgumentError for a bad option.
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
