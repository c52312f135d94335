// The central path: Newton's method at t, 10 t, 100 t, … from one centre to the next.
import type { SolutionStatus } from '../../solve/solution.js';
import type { ConstrainedNewton } from './constrained-newton.js';
import type { Centering } from './log-barrier.js';

/** A centre counts as reached where f can fall by this share of the gap, at most. */
const CENTRED = 1e-3;
/** What cannot be told from a centre, and how many steps are tried to meet the tolerance from there. */
const NEGLIGIBLE = 1e-6;
const IDLE = 4;
/** Values below this have no bound. */
export const LOWEST = -1e30;

/** How a path is followed. */
export interface PathOptions {
  /** Inequalities. */
  count: number;
  /** Factor of t. */
  mu: number;
  /** Steps in all. */
  maxIterations: number;
  /** Largest |∇f + Σ λ_i ∇f_i + Aᵀν| at the end. */
  tolerance(): number;
  /** Largest count / t at the end. */
  gapTolerance(): number;
  /** Called after every step: a reason to end. */
  after(): SolutionStatus | undefined;
  /** Called at every centre: a reason to end. */
  atCentre?(): SolutionStatus | undefined;
}

/** Follows the path; why it ended. `steps.count` counts the steps. */
export function followPath(
  newton: ConstrainedNewton,
  centering: Centering,
  steps: { count: number },
  options: PathOptions,
): SolutionStatus {
  const { count, mu, tolerance, maxIterations, after, atCentre, gapTolerance } = options;
  for (;;) {
    const isLast = () => count / centering.t <= gapTolerance();
    const isCentred = () =>
      newton.isFeasible &&
      (newton.stationarity <= tolerance() || !isLast()) &&
      newton.decrement * centering.t <= 2 * CENTRED * Math.max(1, count);
    // A centre is known by the step that leads there; the first step of each is always taken.
    let failed = 0;
    let idle = 0;
    do {
      if (!Number.isFinite(newton.value)) return 'notFinite';
      if (steps.count >= maxIterations) return 'maxIterations';
      const wrong = newton.advance();
      if (wrong !== undefined) {
        // Rounding: where f is as low as it gets, go on to the next centre.
        if ((wrong !== 'stalled' && wrong !== 'lineSearch') || !newton.isFeasible) return wrong;
        failed++;
        break;
      }
      steps.count++;
      const ended = after();
      if (ended !== undefined) return ended;
      if (newton.value < LOWEST) return 'unbounded';
      // At the centre but for the rounding of the f_i, whose logarithms magnify it.
      if (newton.decrement * centering.t < NEGLIGIBLE && ++idle > IDLE) {
        failed++;
        break;
      }
    } while (!isCentred());
    const ended = atCentre?.();
    if (ended !== undefined) return ended;
    if (isLast()) return failed === 0 || newton.stationarity <= tolerance() ? 'converged' : 'stalled';
    centering.t = Math.min(mu * centering.t, Math.max(2 * centering.t, (1.001 * count) / gapTolerance()));
    newton.refresh();
  }
}
