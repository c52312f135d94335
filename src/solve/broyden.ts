// Broyden's method: Newton's method for roots, with an inverse Jacobian that is updated from step to step.
import { SingularMatrixError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { squareFor } from '../linalg/blas/systems.js';
import { addOuter, assign, axpy, dot, gemv, maxAbsOf, norm2, scale } from '../linalg/blas/tensors.js';
import { inv } from '../linalg/dense/inverse.js';
import type { RootMethod } from './root-find.js';
import type { SolutionStatus } from './solution.js';

/** Shorter steps are not tried, neither with an updated matrix nor with the inverse of the Jacobian. */
const [SHORT, SHORTEST] = [2 ** -4, 2 ** -40];

/**
 * Broyden's method: one value of F and O(n²) operations an iteration, superlinear convergence. It begins with the
 * inverse H of the Jacobian, and returns to it if the updated one gives no descent of |F|: H := H + (s - H y) sᵀH /
 * (sᵀH y), s the step, y the change of F.
 * Source: Broyden, Math. Comp. 19 (1965), the first of his methods; Nocedal and Wright, Algorithm 11.3, with
 * Sherman-Morrison.
 * @example
 * optim.rootFind(F, y0, optim.broyden());
 */
export function broyden(): RootMethod {
  return {
    name: 'broyden',
    maxIterations: 1000,
    startRoot(root) {
      const [jacobian, inverse] = [squareFor(root.x, 'rootFind'), squareFor(root.x, 'rootFind')];
      const vector = () => root.source.parameters.vector();
      const [p, change, row] = [vector(), vector(), vector()];
      let isFresh = false;
      const renew = (): SolutionStatus | undefined => {
        root.source.jacobian(root.x, jacobian);
        if (!Number.isFinite(maxAbsOf(jacobian))) return 'notFinite';
        isFresh = true;
        try {
          scope(() => assign(inv(jacobian), inverse));
          return undefined;
        } catch (error) {
          if (error instanceof SingularMatrixError) return 'singular';
          throw error;
        }
      };
      const update = () => {
        // s, y, H y and sᵀH.
        scale(root.step, p);
        assign(root.residual, change);
        axpy(-1, root.previousResidual, change);
        gemv(1, inverse, p, 0, row, { transpose: true });
        const denominator = dot(row, change);
        gemv(-1, inverse, change, 1, p);
        isFresh = false;
        if (Math.abs(denominator) > 1e-8 * norm2(row) * norm2(change))
          addOuter(1 / denominator, p, row, inverse);
      };
      let isStarted = false;
      return {
        step() {
          if (!isStarted) {
            isStarted = true;
            const wrong = renew();
            if (wrong !== undefined) return wrong;
          }
          for (;;) {
            gemv(-1, inverse, root.residual, 0, p);
            if (!Number.isFinite(maxAbsOf(p))) return 'singular';
            if (isFresh && root.isLost(p)) return 'converged';
            if (root.damped(p, isFresh ? SHORTEST : SHORT)) break;
            if (isFresh) return 'stalled';
            const wrong = renew();
            if (wrong !== undefined) return wrong;
          }
          update();
          return undefined;
        },
      };
    },
  };
}
