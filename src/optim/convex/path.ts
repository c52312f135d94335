// The central path: Newton's method for t, μ t, μ² t, … from one centre to the next.
import type { Tensor } from '../../core/tensor.js';
import { maxAbs } from '../../linalg/blas/addresses.js';
import type { SolutionStatus } from '../../solve/solution.js';
import type { ConstrainedNewton } from './constrained-newton.js';
import type { Centering } from './log-barrier.js';

/** A centre counts as reached when f can fall by at most this fraction of the gap. */
const CENTRED = 1e-3;
/** Decrease that is lost in rounding at a centre, and the number of steps tried to meet the tolerance from there. */
const NEGLIGIBLE = 1e-6;
const IDLE = 4;
/**
 * Values below this count as unbounded: -1e30 in units of what f is at the start, or changes by where x changes by its
 * size.
 */
export function lowestOf({ value, slope, x }: { value: number; slope: number; x: Tensor }): number {
  return -1e30 * Math.max(1, Math.abs(value), slope * Math.max(1, maxAbs(x.data())));
}

/** How to follow the path. */
export interface PathOptions {
  /** Number of inequalities. */
  count: number;
  /** The factor by which t grows. */
  mu: number;
  /** Total number of steps. */
  maxIterations: number;
  /** f below this counts as unbounded. */
  lowest: number;
  /** Largest |∇f + Σ λ_i ∇f_i + Aᵀν| at the end. */
  tolerance(): number;
  /** Largest count / t at the end. */
  gapTolerance(): number;
  /** Called after every step; returns a reason to end. */
  after(): SolutionStatus | undefined;
  /** Called at every centre; returns a reason to end. */
  atCentre?(): SolutionStatus | undefined;
}

/** Follows the path and returns why it ended. `steps.count` counts the steps. */
export function followPath(
  newton: ConstrainedNewton,
  centering: Centering,
  steps: { count: number },
  options: PathOptions,
): SolutionStatus {
  const { count, mu, tolerance, maxIterations, lowest, after, atCentre, gapTolerance } = options;
  for (;;) {
    const isLast = () => count / centering.t <= gapTolerance();
    const isCentred = () =>
      newton.isFeasible &&
      (newton.stationarity <= tolerance() || !isLast()) &&
      newton.decrement * centering.t <= 2 * CENTRED * Math.max(1, count);
    // A centre is recognised by the step that leads there; the first step for each t is always taken.
    let failed = 0;
    let idle = 0;
    do {
      if (!Number.isFinite(newton.value)) return 'notFinite';
      if (steps.count >= maxIterations) return 'maxIterations';
      const wrong = newton.advance();
      if (wrong !== undefined) {
        // Rounding: f cannot be reduced further, so continue with the next centre.
        if ((wrong !== 'stalled' && wrong !== 'lineSearch') || !newton.isFeasible) return wrong;
        failed++;
        break;
      }
      steps.count++;
      const ended = after();
      if (ended !== undefined) return ended;
      if (newton.value < lowest) return 'unbounded';
      // At the centre up to the rounding of the f_i, which their logarithms magnify.
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
