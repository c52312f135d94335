// Newton's method without a matrix: solves ∇²f(x) p = -∇f(x) by conjugate gradients, to an adaptive tolerance.

import { checkCount } from '../../core/check.js';
import type { OptionNames } from '../../core/options.js';
import { squared } from '../../core/scalars.js';
import type { Tensor } from '../../core/tensor.js';
import { assign, axpy, dot, norm2, scale } from '../../linalg/blas/tensors.js';
import { backtracking } from '../line-search/backtracking.js';
import { checkLineSearch, type LineSearch } from '../line-search/line.js';
import type { DescentState, Method } from '../method.js';
import { StallDetector } from '../stall-detector.js';
import { newtonStep } from './newton-step.js';

/** Options of `newtonCg`. */
export interface NewtonCgOptions {
  /** Default backtracking, starting at 1. */
  lineSearch?: LineSearch;
  /** Largest number of Hessian-vector products in an iteration; default 2 n, at least 20. */
  innerIterations?: number;
}

const OPTIONS: OptionNames<NewtonCgOptions> = { lineSearch: true, innerIterations: true };

/** The largest forcing term, and the constants γ and α of Eisenstat and Walker's second choice. */
const [LARGEST, GAMMA] = [0.5, 0.9];

/**
 * Newton-CG: Hessian-vector products only, so it needs memory for a few vectors. The residual of the inner system is η
 * |∇f|, η = 0.9 (|∇f_k| / |∇f_{k-1}|)², at most 1/2, with the safeguard of Eisenstat and Walker (SIAM J. Sci. Comput.
 * 17, 1996, choice 2), which makes it superlinear. At a direction of negative curvature it stops with the step so far;
 * at the first iteration with -∇f.
 * Source: Nocedal and Wright, Algorithm 7.1.
 * @param options `lineSearch`, `innerIterations`.
 * @throws ArgumentError for an invalid option.
 * @example
 * optim.minimize(f, x0, optim.newtonCg());
 */
export function newtonCg(options: NewtonCgOptions = {}): Method {
  const search = checkLineSearch('newtonCg', options, OPTIONS, backtracking());
  const { innerIterations } = options;
  if (innerIterations !== undefined) checkCount('newtonCg', 'innerIterations', innerIterations, 1);
  return {
    name: 'newtonCg',
    maxIterations: 10_000,
    start(descent) {
      const { parameters } = descent.objective;
      const limit = innerIterations ?? Math.max(20, 2 * parameters.size);
      const [r, d, product] = [parameters.vector(), parameters.vector(), parameters.vector()];
      const patience = new StallDetector();
      let eta = LARGEST;
      let before = Number.NaN;
      const forcing = (norm: number) => {
        const least = GAMMA * squared(eta);
        const wanted = Number.isNaN(before) ? LARGEST : GAMMA * squared(norm / before);
        before = norm;
        eta = Math.min(LARGEST, least > 0.1 ? Math.max(wanted, least) : wanted);
        return eta;
      };
      return {
        step() {
          const norm = norm2(descent.gradient);
          solve(descent, forcing(norm) * norm, limit, r, d, product);
          return newtonStep(descent, search, patience);
        },
      };
    },
  };
}

/** p := about -H⁻¹ g, written to the ray's direction. */
function solve(
  { objective, ray, gradient, x }: DescentState,
  tolerance: number,
  limit: number,
  r: Tensor,
  d: Tensor,
  product: Tensor,
): void {
  const p = ray.direction;
  p.data().fill(0);
  assign(gradient, r);
  assign(gradient, d);
  scale(-1, d);
  // Lengths are relative to that of the gradient: squares of small ones would underflow in f32.
  const unit = norm2(gradient);
  scale(1 / unit, r);
  scale(1 / unit, d);
  let rr = dot(r, r);
  const least = squared(tolerance / unit);
  for (let j = 0; j < limit; j++) {
    objective.product(x, d, product);
    const curvature = dot(d, product);
    const alpha = rr / curvature;
    // Also if they are NaN.
    if (!(curvature > 0) || !Number.isFinite(alpha)) {
      if (j === 0) assign(d, p);
      break;
    }
    axpy(alpha, d, p);
    axpy(alpha, product, r);
    const next = dot(r, r);
    if (!(next > least)) break;
    scale(next / rr, d);
    axpy(-1, r, d);
    rr = next;
  }
  scale(unit, p);
}
