// Patience: what to make of steps whose gain is lost in the rounding of f, where only the gradient shows progress.
import type { SolutionStatus } from '../solve/solution.js';

/** Changes of f that are below this many units of its rounding say nothing. */
export const NOISE = 1000;

/** Steps without progress that are allowed. */
const MOST = 10;

/** Counts them. */
export class StallDetector {
  /** The least gradient since gains are lost, and the steps since then. */
  #least = Number.POSITIVE_INFINITY;
  #idle = 0;

  /** After a step that changed the norm of the gradient: 'stalled' when this has not fallen for some steps. */
  judge(isLost: boolean, before: number, after: number): SolutionStatus | undefined {
    if (!isLost) {
      this.#least = Number.POSITIVE_INFINITY;
      this.#idle = 0;
      return undefined;
    }
    const least = Math.min(this.#least, before);
    this.#least = Math.min(least, after);
    if (after < 0.99 * least) this.#idle = 0;
    else if (++this.#idle >= MOST) return 'stalled';
    return undefined;
  }
}
