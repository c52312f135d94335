// Limits, callbacks and traces of an iteration, the same for every solver.
import { checkAtLeast, checkFlag, checkFunction, checkLimit } from '../core/check.js';
import type { OptionNames } from '../core/options.js';
import type { Evaluations } from './objective.js';
import { type CompileOption, checkCompile } from './replay.js';
import type { SolutionStatus, TraceEntry } from './solution.js';

/** What is known after an iteration. */
// biome-ignore lint/suspicious/noExplicitAny: x has the structure of x0
export interface Progress<X = any> {
  iteration: number;
  /** The current point; created when it is read, and freed after the callback. */
  readonly x: X;
  value: number;
  gradientNorm: number;
  step: number;
  evaluations: Evaluations;
}

/** Options of every iterative solver of `solve` and `optim`. */
export interface IterationOptions {
  /** Stop when the largest absolute entry of the gradient is at most this; default 1e-6 in f64, 1e-3 in f32. */
  gradientTolerance?: number;
  /** Largest number of iterations; reaching a limit given here is not an error. */
  maxIterations?: number;
  /** Called after every iteration; returning true stops. */
  onIteration?(progress: Progress): unknown;
  /** false: never throws; default true: throws a ConvergenceError with `.solution` if it does not converge. */
  throws?: boolean;
  /** true: the solution has a `trace`. */
  trace?: boolean;
  /**
   * Whether to compile f. Default: if possible (it is not possible if f reads values). false: for a function that does
   * not do the same in every call. true: throws if f cannot be compiled.
   */
  compile?: boolean;
}

export const ITERATION_OPTIONS: OptionNames<IterationOptions> = {
  gradientTolerance: true,
  maxIterations: true,
  onIteration: true,
  throws: true,
  trace: true,
  compile: true,
};

/** Options, with defaults filled in. */
export interface Limits {
  tolerance: number;
  maxIterations: number;
  compile: CompileOption;
}

/** Checks the values of the options; the caller checks their names. */
export function limitsOf(
  name: string,
  options: IterationOptions,
  defaults: { tolerance: number; maxIterations: number },
): Limits {
  const { gradientTolerance: tolerance = defaults.tolerance, maxIterations = defaults.maxIterations } =
    options;
  checkAtLeast(name, 'gradientTolerance', tolerance, 0);
  checkLimit(name, 'maxIterations', maxIterations);
  for (const flag of ['throws', 'trace'] as const)
    if (options[flag] !== undefined) checkFlag(name, flag, options[flag]);
  if (options.onIteration !== undefined) checkFunction(name, 'onIteration', options.onIteration);
  return { tolerance, maxIterations, compile: checkCompile(name, options.compile) };
}

/** The report of an iteration. */
export interface IterationInfo {
  value: number;
  gradientNorm: number;
  step: number;
}

/** Records the trace and asks the caller whether to continue. */
export class IterationMonitor {
  readonly trace: TraceEntry[] | undefined;
  readonly #options: IterationOptions;
  readonly #evaluations: Evaluations;
  readonly #point: () => unknown;
  readonly #start = performance.now();

  /** `point` returns the tree of the current point. */
  constructor(options: IterationOptions, evaluations: Evaluations, point: () => unknown) {
    this.#options = options;
    this.#evaluations = evaluations;
    this.#point = point;
    if (options.trace) this.trace = [];
  }

  /** Records the state of the iteration; 'stopped' if the caller wants to stop. Iteration 0 is the start. */
  note(iteration: number, report: IterationInfo): SolutionStatus | undefined {
    const { onIteration } = this.#options;
    if (this.trace === undefined && onIteration === undefined) return undefined;
    const { value, gradient, hessian, product } = this.#evaluations;
    const evaluations = { value, gradient, hessian, product };
    if (this.trace !== undefined) {
      const { value, gradientNorm, step } = report;
      const seconds = (performance.now() - this.#start) / 1000;
      this.trace.push({ iteration, value, gradientNorm, step, evaluations, seconds });
    }
    if (onIteration === undefined || iteration === 0) return undefined;
    const progress = new Note(iteration, report, evaluations, this.#point);
    return onIteration(progress) === true ? 'stopped' : undefined;
  }
}

/** A class, because an object with its own accessor costs as much as a small step. */
class Note implements Progress {
  readonly iteration: number;
  readonly value: number;
  readonly gradientNorm: number;
  readonly step: number;
  readonly evaluations: Evaluations;
  readonly #point: () => unknown;

  constructor(
    iteration: number,
    { value, gradientNorm, step }: IterationInfo,
    evaluations: Evaluations,
    point: () => unknown,
  ) {
    this.iteration = iteration;
    this.value = value;
    this.gradientNorm = gradientNorm;
    this.step = step;
    this.evaluations = evaluations;
    this.#point = point;
  }

  get x(): unknown {
    return this.#point();
  }
}
