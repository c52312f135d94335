// Steihaug: conjugate gradients for H p = -g that end at the boundary of a trust region.
import { assign, axpy, dot, norm2, scale } from '../../linalg/blas/tensors.js';
import type { DescentState } from '../method.js';
import { toBoundary } from './dogleg.js';
import type { Subproblem } from './trust-region.js';

/**
 * The truncated conjugate gradients of Steihaug (SIAM J. Numer. Anal. 20, 1983) and Toint: Hessian-vector products
 * only; along a direction of negative curvature it goes to the boundary. Stops at a residual of min(1/2, √|∇f|) |∇f|,
 * which makes it superlinear.
 * Source: Nocedal and Wright, Algorithm 7.2.
 */
export function steihaug(descent: DescentState): Subproblem {
  const { objective } = descent;
  const vector = () => objective.parameters.vector();
  const [r, d, product] = [vector(), vector(), vector()];
  const limit = Math.max(20, 2 * descent.x.size);
  return {
    prepare: () => true,
    step(radius, p) {
      const { gradient, x } = descent;
      // In units of |g|, so that squares of small gradients do not underflow in f32.
      const unit = norm2(gradient);
      const [least, edge] = [Math.min(0.25, unit), radius / unit];
      p.data().fill(0);
      assign(gradient, r);
      scale(1 / unit, r);
      assign(r, d);
      scale(-1, d);
      let rr = dot(r, r);
      let isInside = true;
      for (let j = 0; j < limit; j++) {
        objective.product(x, d, product);
        const curvature = dot(d, product);
        const [pp, pd, dd] = [dot(p, p), dot(p, d), dot(d, d)];
        let alpha = rr / curvature;
        isInside = curvature > 0 && pp + alpha * (2 * pd + alpha * dd) < edge * edge;
        if (!isInside) alpha = toBoundary(pp, pd, dd, edge);
        axpy(alpha, d, p);
        axpy(alpha, product, r);
        if (!isInside) break;
        const next = dot(r, r);
        if (!(next > least)) break;
        scale(next / rr, d);
        axpy(-1, r, d);
        rr = next;
      }
      scale(unit, p);
      // With r = (g + H p) / |g|: -gᵀp - pᵀHp / 2.
      return { predicted: -0.5 * (dot(gradient, p) + unit * dot(p, r)), isInside };
    },
  };
}
