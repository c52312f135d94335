// L-BFGS-B: min f(x) over l <= x <= u.

import { checkCount } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { flatten, mapTree, type Tree } from '../../core/tree.js';
import { norm2 } from '../../linalg/blas/tensors.js';
import { sub } from '../../ops/arithmetic.js';
import { maximum, minimum } from '../../ops/minmax.js';
import { strongWolfe } from '../line-search/strong-wolfe.js';
import type { DescentState, Method } from '../method.js';
import { type Bound, Box } from './lbfgsb-box.js';
import { cauchyPoint } from './lbfgsb-cauchy.js';
import { CompactHessian } from './lbfgsb-compact.js';

/** x - P(x - ∇f), leaf by leaf. */
function projectedGradient(x: Tree, gradient: Tree, lower: Bound, upper: Bound): Tree {
  const slopes = flatten(gradient).leaves;
  const bounds = [lower, upper].map((bound) =>
    typeof bound === 'number' ? undefined : flatten(bound).leaves,
  );
  return mapTree(x, (leaf, i) => {
    const [low, high] = bounds.map((leaves, k) => leaves?.[i] ?? ([lower, upper][k] as number));
    return sub(leaf, minimum(maximum(sub(leaf, slopes[i]), low), high));
  });
}

/** Options of `lbfgsb`. */
export interface LbfgsbOptions {
  /** l: a number for all, or a tensor or tree like x0; default none. -Infinity: no bound. */
  lower?: Bound;
  /** u; default none. */
  upper?: Bound;
  /** m, the number of stored steps; default 10. */
  history?: number;
}

const LBFGSB_OPTIONS: OptionNames<LbfgsbOptions> = { lower: true, upper: true, history: true };

/**
 * L-BFGS-B, quasi-Newton with bounds: a search along the projected gradient to the Cauchy point, which determines the
 * active bounds; then the minimum of the model over the other variables, and a line search from x towards its part in
 * the box. x0 is moved into the box first; f is never evaluated outside. `gradientNorm` is that of the projected
 * gradient x - P(x - ∇f), which is 0 at a solution.
 * Source: Byrd, Lu, Nocedal and Zhu, SIAM J. Sci. Comput. 16 (1995) 1190-1208; the projection of the subspace minimum
 * is that of Morales and Nocedal, ACM Trans. Math. Softw. 38 (2011).
 * @throws ArgumentError for bounds that contradict each other; ShapeError, DTypeError for bounds that do not match x0.
 * @example
 * optim.minimize(f, x0, optim.lbfgsb({ lower: 0 })); // no negative numbers
 */
export function lbfgsb(options: LbfgsbOptions = {}): Method {
  checkOptions('lbfgsb', options, LBFGSB_OPTIONS);
  const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY, history = 10 } = options;
  checkCount('lbfgsb', 'history', history, 1);
  for (const [name, bound] of [
    ['lower', lower],
    ['upper', upper],
  ] as const) {
    const fine = typeof bound === 'number' || (typeof bound === 'object' && bound !== null);
    if (!fine) throw new ArgumentError(`lbfgsb: ${name} must be a number or like x0, got ${describe(bound)}`);
  }
  const search = strongWolfe({ c1: 1e-3 });
  return {
    name: 'lbfgsb',
    stationarity: (x, gradient) => projectedGradient(x, gradient, lower, upper),
    start(descent) {
      const { ray, objective } = descent;
      const box = new Box(objective.parameters, lower, upper);
      const B = new CompactHessian(descent, history);
      if (box.project(descent.x)) descent.value = objective.valueAndGradient(descent.x, descent.gradient);
      ray.clip = (trial) => void box.project(trial);
      descent.measure = () => box.stationarity(descent.x, descent.gradient);
      descent.gradientNorm = descent.measure();
      /** The length of the last step. */
      let before = 0;
      return {
        step() {
          const first = descent.iteration === 0;
          // Where f shows no curvature the model has no length: that of the last step, which is not lost next to x.
          if (B.width === 0 && !first) B.pairs.scaling = Math.max(1, before / norm2(descent.gradient));
          aim(descent, box, B);
          const attempt = () => {
            const longest = box.isBounded ? (first ? 1 : box.reach(descent.x, ray.direction)) : undefined;
            const size = norm2(ray.direction);
            const t = first && !box.isClosed ? 1 / size : 1;
            const failed = descent.move(search, Math.min(t, longest ?? t), longest);
            if (failed === undefined) before = descent.step * size;
            return failed;
          };
          let failed = attempt();
          if (failed !== undefined && B.width > 0) {
            // The model gives no step: try the projected gradient once more.
            B.clear();
            aim(descent, box, B);
            failed = attempt();
          }
          if (failed === undefined) B.update();
          return failed;
        },
      };
    },
  };
}

/** ray.direction := x̄ - x, where x̄ is the (approximate) minimum of the model over the box. */
function aim(descent: DescentState, box: Box, B: CompactHessian): void {
  const { x, gradient, ray } = descent;
  const { direction } = ray;
  const { point, c, fixed } = cauchyPoint(x, gradient, direction, box, B);
  const [X, G, D, n] = [x.data(), gradient.data(), direction.data(), x.size];
  const free = n - fixed.reduce((sum, one) => sum + one, 0);
  const inner = B.width > 0 && free > 0 ? B.reduced(fixed) : undefined;
  if (inner === undefined) {
    for (let i = 0; i < n; i++) D[i] = point[i] - X[i];
    return;
  }
  // The model's gradient at the Cauchy point, and Newton's step for it, over the free variables (Byrd et al., (5.4),
  // (5.11)).
  const { theta } = B;
  const release = () => {
    for (let i = 0; i < n; i++) if (fixed[i] === 1) D[i] = 0;
  };
  for (let i = 0; i < n; i++) D[i] = -(G[i] + theta * (point[i] - X[i]));
  B.expand(B.solve(c), direction);
  release();
  const v = inner.solve(B.project(direction));
  for (let i = 0; i < n; i++) D[i] /= theta;
  B.expand(
    v.map((entry) => entry / (theta * theta)),
    direction,
  );
  release();
  // Projected if that gives descent; otherwise cut where the first variable meets its bound.
  let slope = 0;
  for (let i = 0; i < n; i++) slope += G[i] * (box.clamp(i, point[i] + D[i]) - X[i]);
  let t = 1;
  if (!(slope <= 0)) {
    for (let i = 0; i < n; i++) {
      const bound = D[i] < 0 ? box.lower[i] : box.upper[i];
      if (D[i] !== 0) t = Math.min(t, (bound - point[i]) / D[i]);
    }
  }
  for (let i = 0; i < n; i++) D[i] = box.clamp(i, point[i] + t * D[i]) - X[i];
}
