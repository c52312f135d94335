// cycle: one window after the other, each from the background that the one before gives.

import { checkCount } from '../core/check.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../core/options.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { spinUp } from '../dynamics/trajectory.js';
import { stack } from '../ops/concat.js';
import { narrow } from '../ops/slice.js';
import type { Method } from '../optim/method.js';
import { checkProblem } from './problem/checked.js';
import { PROBLEM, type Problem } from './problem/problem.js';
import { analysed, defaultMethod } from './variational/four-d-var.js';
import type { Incremental } from './variational/incremental.js';
import { type Analysis, FOUR_D_VAR_OPTIONS, type FourDVarOptions } from './variational/options.js';

/** A problem whose observations are those of the whole time, one row an interval. */
export interface CycleProblem extends Omit<Problem, 'observationSteps' | 'xb'> {
  /** The background of the first window, [...state]; without B only the start of its minimisation. */
  xb: Tensor;
  /** Rows in a window. */
  window: number;
  /** Rows from one window to the next, at most `window`; default `window`. */
  shift?: number;
}

/** Options of `cycle`. */
export interface CycleOptions extends FourDVarOptions {
  /** Default `optim.lbfgs({ history: 10 })`. */
  method?: Method | Incremental;
}

const { observationSteps: _, ...ROWS } = PROBLEM;
const CYCLE_PROBLEM: OptionNames<CycleProblem> = { ...ROWS, window: true, shift: true };
const CYCLE_OPTIONS: OptionNames<CycleOptions> = /* @__PURE__ */ joinNames(FOUR_D_VAR_OPTIONS, {
  method: true,
});

/** The result of `cycle`; the caller owns its tensors. */
export interface Cycle {
  /** Of each window, at its first step: [W, ...state]. */
  analyses: Tensor;
  /** What each window started from: [W, ...state]. */
  backgrounds: Tensor;
  solutions: Analysis[];
}

/**
 * Assimilates a long time in windows. Window w uses the rows w·shift … w·shift + window - 1, and starts from its background: xb for w = 0, then the analysis before,
 * advanced by `shift` intervals. With B every window has the background term; without B its background is the start only.
 * @param problem as of `objective`, without `observationSteps`, with `window` and `shift`. There are floor((rows - window)/shift) + 1 windows.
 * @param options `method`, and those of `fourDVar`.
 * @throws as `fourDVar`; ArgumentError without xb, for fewer rows than a window, and for a shift that is not from 1 to `window` (rows would be left out).
 * @example
 * const { analyses } = assimilation.cycle({ system, operator, observations, xb, B, R, window: 10, shift: 5 });
 */
export function cycle(problem: CycleProblem, options: CycleOptions = {}): Cycle {
  const name = 'cycle';
  checkOptions(name, problem, CYCLE_PROBLEM, 'problem');
  checkOptions(name, options, CYCLE_OPTIONS);
  const { window, shift = window, xb, mask, ...rest } = problem;
  const { method = defaultMethod(), ...settings } = options;
  if (xb === undefined)
    throw new ArgumentError(`${name}: xb is wanted, the start of the first window, got none`);
  checkCount(name, 'window', window, 1);
  checkCount(name, 'shift', shift, 1, window);
  const whole = checkProblem(name, {
    ...rest,
    ...(mask !== undefined && { mask }),
    ...(rest.B !== undefined && { xb }),
  });
  const rows = whole.steps.length;
  if (rows < window)
    throw new ArgumentError(`${name}: observations must have the ${window} rows of a window, got ${rows}`);
  const count = Math.floor((rows - window) / shift) + 1;
  const axis = whole.batch.length;
  return scope(() => {
    const [backgrounds, solutions]: [Tensor[], Analysis[]] = [[], []];
    let background = xb;
    for (let w = 0; w < count; w++) {
      if (w > 0) background = spinUp(problem.system, solutions[w - 1].x, { steps: shift });
      backgrounds.push(background);
      const from = w * shift;
      const one: Problem = {
        ...rest,
        observations: narrow(rest.observations, axis, from, window),
        ...(mask && { mask: narrow(mask, 0, from, window) }),
        ...(rest.B && { xb: background }),
      };
      const checked = checkProblem(name, one);
      solutions.push(scope(() => analysed(name, checked, problem.system, background, method, settings)));
    }
    const analyses = stack(
      solutions.map(({ x }) => x),
      0,
    );
    return { analyses, backgrounds: stack(backgrounds, 0), solutions };
  });
}
