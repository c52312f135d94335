// Strong Wolfe: f(x + t p) <= f(x) + c1 t ∇fᵀp and |∇f(x + t p)ᵀp| <= c2 |∇fᵀp|, by the search of Moré and Thuente
// (1994).

import { checkBetween, checkCount } from '../../core/check.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Line, LineSearch } from './line.js';
import { Interval, type Sample } from './more-thuente.js';

/** Options of `strongWolfe`. */
export interface StrongWolfeOptions {
  /** c1 in (0, c2): the required fraction of the decrease that the slope predicts; default 1e-4. */
  c1?: number;
  /** c2 in (c1, 1): the fraction of the slope that may remain; default 0.9, which suits quasi-Newton methods. */
  c2?: number;
  /** Largest number of evaluations of f and its gradient in one search; default 40. */
  maxEvaluations?: number;
}

const STRONG_WOLFE_OPTIONS: OptionNames<StrongWolfeOptions> = { c1: true, c2: true, maxEvaluations: true };

/** Changes of f by less than this many roundings of f are computed from the slopes. */
const NOISE = 512;
/** How far an open interval is extended: to between 1.1 and 4 times the last advance. */
const [NEAR, FAR] = [1.1, 4];
/** A closed interval that shrinks by less than this factor in two trials is halved. */
const SHRINK = 0.66;
/**
 * After a NaN or infinite value: the fraction of the way to try next; its square after another such value, and so on.
 */
const RETREAT = 0.25;

/**
 * The line search of Moré and Thuente, which finds a step that satisfies the strong Wolfe conditions. Steps to points
 * where f or its slope is NaN or infinite are shortened. If f changes by less than its rounding, the change is computed
 * from the slopes, t (φ'(0) + φ'(t)) / 2: the approximate Wolfe conditions of Hager and Zhang, with which gradients
 * fall to the level of their rounding.
 * Source: dissertation, equations (10) and (11); Moré and Thuente, ACM Trans. Math. Softw. 20 (1994); Hager and Zhang,
 * SIAM J.
 * Optim. 16 (2005), equation (4.1).
 * @throws ArgumentError unless 0 < c1 < c2 < 1.
 * @example
 * optim.minimize(f, x0, optim.lbfgs({ lineSearch: optim.strongWolfe({ c2: 0.5 }) }));
 */
export function strongWolfe(options: StrongWolfeOptions = {}): LineSearch {
  checkOptions('strongWolfe', options, STRONG_WOLFE_OPTIONS);
  const { c1 = 1e-4, c2 = 0.9, maxEvaluations = 40 } = options;
  checkBetween('strongWolfe', 'c1', c1, 0, 1);
  checkBetween('strongWolfe', 'c2', c2, 0, 1);
  checkCount('strongWolfe', 'maxEvaluations', maxEvaluations, 1);
  if (!(c1 < c2)) throw new ArgumentError(`strongWolfe: c1 must be less than c2, got ${c1} and ${c2}`);
  return {
    name: 'strongWolfe',
    wolfe: true,
    initialStep: 1,
    search: (line, first, longest) => search(line, first, longest, c1, c2, maxEvaluations),
  };
}

function search(
  line: Line,
  first: number,
  longest = Number.POSITIVE_INFINITY,
  c1: number,
  c2: number,
  maxEvaluations: number,
): boolean {
  const { value0, slope0 } = line;
  if (!(slope0 < 0)) return false;
  const promised = c1 * slope0;
  let t = Math.min(first > 0 && first < Number.POSITIVE_INFINITY ? first : 1, longest);
  line.evaluateAt(t);
  // Most searches end here.
  if (Number.isFinite(line.value) && Number.isFinite(line.slope)) {
    if (measured(line) <= value0 + t * promised && Math.abs(line.slope) <= -c2 * slope0) return true;
  }
  const interval = new Interval(value0, slope0);
  const { best, other } = interval;
  const trial: Sample = { step: 0, value: 0, slope: 0 };
  let [low, high] = [0, (1 + FAR) * t];
  let ceiling = longest;
  let retreat = RETREAT;
  let [width, widthBefore] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // Until a trial has enough decrease and a rising slope, search the function less the required decrease.
  let lowered = true;
  for (let evaluation = 0; evaluation < maxEvaluations; evaluation++) {
    if (evaluation > 0) line.evaluateAt(t);
    if (line.value === Number.NEGATIVE_INFINITY) return true;
    if (!Number.isFinite(line.value) || !Number.isFinite(line.slope)) {
      ceiling = t;
      t = best.step + retreat * (t - best.step);
      retreat *= retreat;
      if (!interval.closed) high = Math.min(best.step + (1 + FAR) * (t - best.step), ceiling);
      if (t === best.step || t === ceiling) break;
      continue;
    }
    retreat = RETREAT;
    trial.step = t;
    trial.value = measured(line);
    trial.slope = line.slope;
    const enough = trial.value <= value0 + t * promised;
    if (enough && Math.abs(trial.slope) <= -c2 * slope0) return true;
    if (enough && t >= longest && trial.slope <= promised) return true;
    if (enough && trial.slope >= 0) lowered = false;
    if (lowered && trial.value <= best.value && !enough) {
      for (const sample of [best, other, trial]) tilt(sample, -promised);
      t = interval.update(trial, low, high);
      for (const sample of [best, other]) tilt(sample, promised);
    } else t = interval.update(trial, low, high);
    if (interval.closed) {
      const now = Math.abs(other.step - best.step);
      if (now >= SHRINK * widthBefore) t = best.step + (other.step - best.step) / 2;
      widthBefore = width;
      width = now;
      low = Math.min(best.step, other.step);
      high = Math.max(best.step, other.step);
      if (!(t > low && t < high) || high - low <= 8 * line.rounding * high) break;
    } else {
      low = t + NEAR * (t - best.step);
      high = t + FAR * (t - best.step);
      // Do not try steps beyond the ceiling, nor the ceiling itself if f is not finite there.
      const top = ceiling < longest ? best.step + (ceiling - best.step) / 2 : longest;
      t = Math.min(t, top);
      if (!(t > best.step)) break;
    }
  }
  // No trial satisfies the conditions; the best one is good enough if it lowers f by more than rounding.
  if (!(best.step > 0 && best.value <= value0 + best.step * promised)) return false;
  if (line.step !== best.step) line.evaluateAt(best.step);
  return line.value < value0 - noiseOf(line);
}

/** Differences from φ(0) below this are noise. */
function noiseOf({ value0, rounding }: Line): number {
  return NOISE * rounding * Math.abs(value0);
}

/** φ at the trial; if its difference from φ(0) is rounding, by the trapezoidal rule, which is exact for parabolas. */
function measured(line: Line): number {
  const { step, value, slope, value0, slope0 } = line;
  if (Math.abs(value - value0) > noiseOf(line)) return value;
  return value0 + (step * (slope0 + slope)) / 2;
}

/** Adds a line through the origin. */
function tilt(sample: Sample, slope: number): void {
  sample.value += sample.step * slope;
  sample.slope += slope;
}
