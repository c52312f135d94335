// Backtracking: t, β t, β² t, … until f(x + t p) <= f(x) + c1 t ∇fᵀp (Armijo, 1966).
import { checkBetween } from '../../core/check.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { LineSearch } from './line.js';

/** Options of `backtracking`. */
export interface BacktrackingOptions {
  /** c1 in (0, 1), the required fraction of the decrease that the slope predicts; default 1e-4. */
  c1?: number;
  /** β in (0, 1), the factor between trials; default 1/2. */
  shrink?: number;
  /** The first t; default 1. */
  initialStep?: number;
}

const BACKTRACKING_OPTIONS: OptionNames<BacktrackingOptions> = { c1: true, shrink: true, initialStep: true };

/** Gives up at steps shorter than this times the first. */
const SHORTEST = 2 ** -60;

/**
 * The backtracking line search. Steps to points where f is NaN or infinite are shortened like any that do not lower f
 * enough.
 * Source: dissertation, Algorithm 1 and equation (10); Armijo, Pacific J. Math. 16 (1966).
 * @example
 * optim.minimize(f, x0, optim.gradientDescent({ lineSearch: optim.backtracking({ initialStep: 0.1 }) }));
 */
export function backtracking(options: BacktrackingOptions = {}): LineSearch {
  checkOptions('backtracking', options, BACKTRACKING_OPTIONS);
  const { c1 = 1e-4, shrink = 0.5, initialStep = 1 } = options;
  checkBetween('backtracking', 'c1', c1, 0, 1);
  checkBetween('backtracking', 'shrink', shrink, 0, 1);
  checkBetween('backtracking', 'initialStep', initialStep, 0, Number.POSITIVE_INFINITY);
  return {
    name: 'backtracking',
    wolfe: false,
    initialStep,
    search(line, first) {
      if (!(line.slope0 < 0)) return false;
      for (let t = first; t >= first * SHORTEST; t *= shrink) {
        const value = line.valueAt(t);
        // -Infinity passes: f is unbounded below, which the caller reports.
        if (value <= line.value0 + c1 * t * line.slope0) return true;
      }
      return false;
    },
  };
}
