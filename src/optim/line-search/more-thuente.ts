// The interval of uncertainty of Moré and Thuente: chooses the next trial by cubics and parabolas through values and
// slopes.

import { squared } from '../../core/scalars.js';

/** A step, with the function value and slope there. */
export interface Sample {
  step: number;
  value: number;
  slope: number;
}

/**
 * Keeps the best step so far and another one; once `closed`, a minimiser lies between them.
 * Source: Moré and Thuente, ACM Trans. Math. Softw. 20 (1994) 286-307, section 4; the safeguards are those of
 * MINPACK-2.
 */
export class Interval {
  readonly best: Sample;
  readonly other: Sample;
  closed = false;

  constructor(value: number, slope: number) {
    this.best = { step: 0, value, slope };
    this.other = { step: 0, value, slope };
  }

  /** Adds a trial and returns the next one, between `least` and `most` while the interval is open. */
  update(trial: Sample, least: number, most: number): number {
    const next = this.#propose(trial, least, most);
    const { best, other } = this;
    const turned = trial.slope * Math.sign(best.slope) < 0;
    if (trial.value > best.value) Object.assign(other, trial);
    else {
      if (turned) Object.assign(other, best);
      Object.assign(best, trial);
    }
    return next;
  }

  #propose(trial: Sample, least: number, most: number): number {
    const { best, other, closed } = this;
    const [d, s] = [trial.step - best.step, trial.step];
    // 1: a higher value; a minimiser is bracketed. The cubic's minimiser, or halfway to that of the parabola through
    // the slope at the best.
    if (trial.value > best.value) {
      this.closed = true;
      const cubic = cubicStep(best, trial);
      const parabola = best.step + (best.slope / ((best.value - trial.value) / d + best.slope) / 2) * d;
      return Math.abs(cubic - best.step) < Math.abs(parabola - best.step)
        ? cubic
        : cubic + (parabola - cubic) / 2;
    }
    const secant = s + (trial.slope / (trial.slope - best.slope)) * -d;
    // 2: a lower value, and the slope has changed its sign; bracketed as well. The minimiser of cubic or secant that is
    // farther away.
    if (trial.slope * Math.sign(best.slope) < 0) {
      this.closed = true;
      const cubic = cubicStep(trial, best);
      return Math.abs(cubic - s) > Math.abs(secant - s) ? cubic : secant;
    }
    // 3: a lower value, the same sign, a gentler slope: the cubic may have no minimiser beyond the trial.
    if (Math.abs(trial.slope) < Math.abs(best.slope)) {
      const limit = d > 0 ? most : least;
      const found = cubicStep(trial, best, limit);
      const cubic = (found - s) * d > 0 ? found : limit;
      const nearer = Math.abs(cubic - s) < Math.abs(secant - s);
      if (!closed) return Math.min(Math.max(nearer ? secant : cubic, least), most);
      const next = nearer ? cubic : secant;
      const safe = s + 0.66 * (other.step - s);
      return d > 0 ? Math.min(safe, next) : Math.max(safe, next);
    }
    // 4: a lower value and a slope that is not gentler.
    if (closed) return cubicStep(trial, other);
    return d > 0 ? most : least;
  }
}

/**
 * The minimiser of the cubic through two samples, seen from the first; without a minimiser, the inflection or
 * `otherwise`.
 */
function cubicStep(from: Sample, to: Sample, otherwise?: number): number {
  const d = to.step - from.step;
  const theta = (3 * (from.value - to.value)) / d + from.slope + to.slope;
  const scale = Math.max(Math.abs(theta), Math.abs(from.slope), Math.abs(to.slope));
  if (scale === 0) return from.step;
  const inside = squared(theta / scale) - (from.slope / scale) * (to.slope / scale);
  if (otherwise !== undefined && !(inside > 0)) return otherwise;
  const root = Math.sign(d) * scale * Math.sqrt(Math.max(0, inside));
  return from.step + ((root - from.slope + theta) / (root - from.slope + root + to.slope)) * d;
}
