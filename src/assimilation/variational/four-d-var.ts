// fourDVar: the initial state that minimises the objective of a problem.

import { ArgumentError, ConvergenceError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { allFinite } from '../../dynamics/finite.js';
import { batchOf, checkState, type System } from '../../dynamics/system.js';
import { trajectory } from '../../dynamics/trajectory.js';
import { cloneTensor } from '../../linalg/stack.js';
import { isTransforming } from '../../ops/level.js';
import { sum } from '../../ops/sum.js';
import { isKnown, Tracer } from '../../ops/tracer.js';
import type { Method } from '../../optim/method.js';
import { minimize } from '../../optim/minimize.js';
import { lbfgs } from '../../optim/quasi-newton/lbfgs.js';
import { type Solution, solutionOf } from '../../solve/solution.js';
import type { IterationOptions, Progress } from '../../solve/watch.js';
import { objectiveAt, termsAt } from '../objective/objective.js';
import { type CheckedProblem, checkProblem } from '../problem/checked.js';
import type { Problem } from '../problem/problem.js';
import { type ControlVariable, controlVariable } from './control-variable.js';
import { type Incremental, isIncremental, minimizeIncrementally } from './incremental.js';
import { type Analysis, FOUR_D_VAR_OPTIONS, type FourDVarOptions } from './options.js';

/** The default method. */
export const defaultMethod = (): Method => lbfgs({ history: 10 });

/**
 * Minimises the objective of a problem over the initial state (4D-Var). A batch of windows is minimised as one problem, the sum of their objectives.
 * @param x0 where the minimisation starts, [...state], or [...batch, ...state].
 * @param method of `optim`, default `optim.lbfgs({ history: 10 })`; or `assimilation.incremental()`.
 * @param options `precondition`; `maxIterations`, `gradientTolerance`, `onIteration` (its `x` is the state), `throws`, `trace`, `compile` as of `optim.minimize`.
 * @returns the Solution with `forecast` and `terms`; x is the analysis at step 0, also with `precondition`, and the caller owns it. Inside differentiated functions
 * x has derivatives in the observations, by the implicit function theorem (methods of `optim` only).
 * @throws as `objective`; ArgumentError for an x0 that is not finite; ConvergenceError, with `.solution`, if it does not converge (see `throws`).
 * @example
 * const { x, forecast } = assimilation.fourDVar({ system, operator, observations }, x0, undefined, { maxIterations: 200 });
 * forecast(20); // [21, ...state]
 */
export function fourDVar(
  problem: Problem,
  x0: Tensor,
  method: Method | Incremental = defaultMethod(),
  options: FourDVarOptions = {},
): Analysis {
  const name = 'fourDVar';
  const checked = checkProblem(name, problem);
  checkOptions(name, options, FOUR_D_VAR_OPTIONS);
  return analysed(name, checked, problem.system, x0, method, options);
}

/** The same for a problem that is checked; `name` is the function that errors name. */
export function analysed(
  name: string,
  checked: CheckedProblem,
  system: System,
  x0: Tensor,
  method: Method | Incremental,
  { precondition, ...options }: FourDVarOptions,
): Analysis {
  checkStart(name, checked, x0);
  const control = controlVariable(name, checked, precondition);
  if (isIncremental(method)) checkUntraced(name, checked, x0);
  const J = (z: Tensor) => {
    const value = objectiveAt(name, checked, control.toState(z));
    return value.ndim === 0 ? value : sum(value);
  };
  const settings = inStates(options, control, precondition !== undefined);
  // Errors are thrown outside of the scope, so that the solution that they hold lives on.
  const { analysis, failure } = scope(() => {
    const z0 = control.fromState(x0);
    let [solution, failure]: [Solution<Tensor>?, ConvergenceError?] = [];
    if (isIncremental(method)) solution = minimizeIncrementally(checked, J, control, z0, method, settings);
    else {
      try {
        solution = minimize(J, z0, method, settings);
      } catch (error) {
        if (!(error instanceof ConvergenceError) || error.solution === undefined) throw error;
        failure = error;
        solution = error.solution as Solution<Tensor>;
      }
    }
    return { analysis: finished(name, checked, system, control, solution), failure };
  });
  if (failure !== undefined)
    throw new ConvergenceError(analysis.message, failure.iterations, failure.residual, analysis);
  if (!isIncremental(method)) return analysis;
  // Loops that were asked for are no failure.
  const limit = method.outer ?? options.maxIterations;
  return solutionOf(analysis, { ...options, ...(limit !== undefined && { maxIterations: limit }) });
}

function checkStart(name: string, checked: CheckedProblem, x0: unknown): void {
  const x = checkState(name, 'x0', checked.own, x0);
  if (isKnown(x) && !allFinite(x))
    throw new ArgumentError(`${name}: x0 must be finite, got NaN or Infinity in it`);
  void batchOf(checked.own, x);
}

/** Incremental 4D-Var runs on values. */
function checkUntraced(name: string, checked: CheckedProblem, x0: Tensor): void {
  const { observations, background } = checked;
  if (!isTransforming()) return;
  if ([x0, observations, background?.xb].some((x) => x !== undefined && (x instanceof Tracer || !isKnown(x))))
    throw new ArgumentError(
      `${name}: incremental has no derivative, and is not compiled (a method of optim has one; or pass stopGradient(x))`,
    );
}

/** Options whose callback sees states. */
function inStates(options: IterationOptions, control: ControlVariable, isChanged: boolean): IterationOptions {
  const { onIteration } = options;
  if (onIteration === undefined || typeof onIteration !== 'function' || !isChanged) return options;
  return {
    ...options,
    onIteration(progress: Progress) {
      const { iteration, value, gradientNorm, step, evaluations } = progress;
      const seen = { iteration, value, gradientNorm, step, evaluations };
      return onIteration(
        Object.defineProperty(seen, 'x', {
          enumerable: true,
          get: () => control.toState(progress.x),
        }) as Progress,
      );
    },
  };
}

/** The solution in x, with what a 4D-Var adds to it. */
function finished(
  name: string,
  checked: CheckedProblem,
  system: System,
  control: ControlVariable,
  solution: Solution<Tensor>,
): Analysis {
  const z = solution.x;
  const state = control.toState(z);
  const x = state instanceof Tracer ? state : cloneTensor(state, name);
  const { background, observations } = termsAt(name, checked, x);
  const number = (term: Tensor | undefined): number => {
    if (term === undefined) return 0;
    const total = term.ndim === 0 ? term : sum(term);
    // Where the value is not known yet, the terms are scalar tensors, as the value is.
    return isKnown(total) ? total.item() : (total as never);
  };
  Object.defineProperties(solution, {
    x: { value: x, enumerable: true, configurable: true, writable: true },
    ...(typeof Object.getOwnPropertyDescriptor(solution, 'message')?.value === 'string' && {
      message: {
        value: solution.message.replace(/^minimize/, name),
        enumerable: true,
        configurable: true,
        writable: true,
      },
    }),
  });
  return Object.assign(solution, {
    terms: { background: number(background), observations: number(observations) },
    forecast: (steps: number) => trajectory(system, x, { steps }),
  }) as Analysis;
}
