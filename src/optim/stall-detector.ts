// StallDetector: what to make of steps whose decrease is lost in the rounding of f, where only the gradient shows
// progress.
import type { SolutionStatus } from '../solve/solution.js';

/** Changes of f below this many units of its rounding are noise. */
export const NOISE = 1000;

/** Number of steps allowed without progress. */
const MOST = 10;

/** Counts them. */
export class StallDetector {
  /** The least gradient since decreases are lost in rounding, and the number of steps since then. */
  #least = Number.POSITIVE_INFINITY;
  #idle = 0;

  /** After a step that changed the norm of the gradient: 'stalled' if it has not fallen for some steps. */
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
