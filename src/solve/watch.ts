// Watch: limits, callbacks and traces, the same for every iteration.
import { checkAtLeast, checkFlag, checkFunction, checkLimit } from '../core/check.js';
import type { OptionNames } from '../core/options.js';
import type { Evaluations } from './objective.js';
import { type CompileOption, checkCompile } from './replay.js';
import type { SolutionStatus, TraceEntry } from './solution.js';

/** What is known after an iteration. */
// biome-ignore lint/suspicious/noExplicitAny: x has the structure of x0
export interface Progress<X = any> {
  iteration: number;
  /** Where the iteration is; read when asked for, and gone after the callback. */
  readonly x: X;
  value: number;
  gradientNorm: number;
  step: number;
  evaluations: Evaluations;
}

/** Options of every iterative solver of this library's solve and optim. */
export interface IterationOptions {
  /** Stop when the largest absolute entry of the gradient is at most this; default 1e-6 in f64, 1e-3 in f32. */
  gradientTolerance?: number;
  /** Most iterations; a limit that is given is no error when it is reached. */
  maxIterations?: number;
  /** Called after every iteration; returning true stops. */
  onIteration?(progress: Progress): unknown;
  /** false: whatever happens is returned; default true: a ConvergenceError with `.solution` where it did not converge. */
  throws?: boolean;
  /** true: the solution has a `trace`. */
  trace?: boolean;
  /**
   * Whether f is compiled: default, if it can be (it cannot where it reads values); false for a function that does not do the
   * same on every call; true to be told why it cannot.
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

/** Options with their defaults. */
export interface Limits {
  tolerance: number;
  maxIterations: number;
  compile: CompileOption;
}

/** Checks the values of the options; their names are the caller's to check. */
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

/** What an iteration reports. */
export interface IterationInfo {
  value: number;
  gradientNorm: number;
  step: number;
}

/** Notes a trace and asks the caller whether to go on. */
export class IterationMonitor {
  readonly trace: TraceEntry[] | undefined;
  readonly #options: IterationOptions;
  readonly #evaluations: Evaluations;
  readonly #point: () => unknown;
  readonly #start = performance.now();

  /** `point` gives the tree of where the iteration is. */
  constructor(options: IterationOptions, evaluations: Evaluations, point: () => unknown) {
    this.#options = options;
    this.#evaluations = evaluations;
    this.#point = point;
    if (options.trace) this.trace = [];
  }

  /** Notes where the iteration stands; 'stopped' where the caller wants no more. Iteration 0 is the start. */
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

/** A class, since an object with an accessor of its own costs as much as a small step. */
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
