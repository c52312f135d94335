// Dogleg: the minimiser of a convex quadratic model on the path 0 -> Cauchy point -> Newton point, within a radius.
import type { Tensor } from '../../core/tensor.js';
import { assign, axpy, dot, norm2, scale } from '../../linalg/blas/tensors.js';
import type { DescentState } from '../method.js';
import { ModifiedHessian } from './modified-hessian.js';
import type { Subproblem } from './trust-region.js';

/**
 * The dogleg step with the Hessian, whose eigenvalues are raised to a lower bound if it is not positive definite: then
 * the path turns at the Cauchy point towards negative curvature, bounded by the radius. One factorization per
 * iteration, and none for a smaller radius.
 * Source: Nocedal and Wright, section 4.1, equation (4.16); Powell (1970).
 */
export function dogleg(descent: DescentState): Subproblem {
  const { objective } = descent;
  const hessian = new ModifiedHessian(descent.x, { modification: 'eigenvalues', cutoff: 1e-6 });
  const vector = () => objective.parameters.vector();
  const [newton, cauchy, product] = [vector(), vector(), vector()];
  return {
    prepare() {
      const { gradient } = descent;
      objective.hessian(descent.x, hessian.matrix);
      if (!hessian.factor()) return false;
      assign(gradient, newton);
      scale(-1, newton);
      hessian.solve(newton);
      const length = norm2(gradient);
      assign(gradient, cauchy);
      scale(-1 / length, cauchy);
      hessian.multiply(cauchy, product);
      scale(length / dot(cauchy, product), cauchy);
      return true;
    },
    step(radius, p) {
      const isInside = alongPath(cauchy, newton, radius, p);
      hessian.multiply(p, product);
      return { predicted: -dot(descent.gradient, p) - 0.5 * dot(p, product), isInside };
    },
  };
}

/** p := the point of the path at this radius, or its end; returns whether it is the end. */
export function alongPath(cauchy: Tensor, newton: Tensor, radius: number, p: Tensor): boolean {
  assign(newton, p);
  if (norm2(newton) <= radius) return true;
  const length = norm2(cauchy);
  assign(cauchy, p);
  if (!(length < radius)) {
    scale(radius / length, p);
    return false;
  }
  // p := cauchy + τ (newton - cauchy); |p| grows along the path (Lemma 4.2).
  scale(-1, p);
  axpy(1, newton, p);
  const tau = toBoundary(length * length, dot(cauchy, p), dot(p, p), radius);
  scale(tau, p);
  axpy(1, cauchy, p);
  return false;
}

/** The positive root τ of |z + τ d| = radius, from zᵀz, zᵀd, dᵀd. */
export function toBoundary(zz: number, zd: number, dd: number, radius: number): number {
  const rest = Math.max(0, radius * radius - zz);
  const root = Math.sqrt(zd * zd + dd * rest);
  // The form without cancellation.
  return zd > 0 ? rest / (zd + root) : (root - zd) / dd;
}
