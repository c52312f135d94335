// Newton's method for roots: y := y - t J(y)⁻¹ F(y).
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { allocate } from '../core/tensor.js';
import { factorLu, solveLu, squareFor } from '../linalg/blas/systems.js';
import { assign, maxAbsOf, scale } from '../linalg/blas/tensors.js';
import type { RootMethod } from './root-find.js';

/** Options of `newtonRoot`. */
export interface NewtonRootOptions {
  /** 'backtracking' (default): t = 1, 1/2, 1/4, … until |F| falls enough; 'none': always t = 1. */
  damping?: 'backtracking' | 'none';
}

const NEWTON_ROOT_OPTIONS: OptionNames<NewtonRootOptions> = { damping: true };

/** Shorter steps are given up. */
const SHORTEST = 2 ** -40;

/**
 * Damped Newton's method: quadratic convergence near a root with a regular Jacobian. The Jacobian is compiled, and the
 * system is solved by LU. Damping may end in a local minimum of |F| that is not a root: then the status is 'stalled';
 * try another start.
 * Source: Nocedal and Wright, Algorithms 11.1 and 11.4; Boyd and Vandenberghe, section 9.5, for the step.
 * @param options `damping`.
 * @throws ArgumentError for an invalid option.
 * @example
 * optim.rootFind(F, y0, optim.newtonRoot());
 */
export function newtonRoot(options: NewtonRootOptions = {}): RootMethod {
  checkOptions('newtonRoot', options, NEWTON_ROOT_OPTIONS);
  const { damping = 'backtracking' } = options;
  if (damping !== 'backtracking' && damping !== 'none')
    throw new ArgumentError(`newtonRoot: damping must be 'backtracking' or 'none', got ${describe(damping)}`);
  return {
    name: 'newtonRoot',
    maxIterations: 1000,
    startRoot(root) {
      const jacobian = squareFor(root.x, 'rootFind');
      const pivots = allocate([root.x.size], 'i32', 'newtonRoot');
      const p = root.source.parameters.vector();
      return {
        step() {
          root.source.jacobian(root.x, jacobian);
          if (!Number.isFinite(maxAbsOf(jacobian))) return 'notFinite';
          if (factorLu(jacobian, pivots) >= 0) return 'singular';
          assign(root.residual, p);
          scale(-1, p);
          solveLu(jacobian, pivots, p);
          if (!Number.isFinite(maxAbsOf(p))) return 'singular';
          if (root.isLost(p)) return 'converged';
          if (damping === 'none') {
            root.valueAt(1, p);
            root.accept();
            return undefined;
          }
          return root.damped(p, SHORTEST) ? undefined : 'stalled';
        },
      };
    },
  };
}
