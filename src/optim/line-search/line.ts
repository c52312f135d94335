// φ(t) = f(x + t p): the objective along a line, for line searches.

import { describeMade } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { dot, unitRoundoffOf } from '../../linalg/blas/tensors.js';
import type { Objective } from '../../solve/objective.js';

/** A function of one number. `valueAt` and `evaluateAt` move the line to that t. */
export interface Line {
  /** φ(0) and φ'(0). */
  readonly value0: number;
  readonly slope0: number;
  /** The current t, and φ there. */
  readonly step: number;
  readonly value: number;
  /** φ' at the current t, after `evaluateAt`. */
  readonly slope: number;
  /** The unit roundoff of x's dtype: differences of φ below some multiple of it, relative to φ, are noise. */
  readonly rounding: number;
  /** φ(t). */
  valueAt(t: number): number;
  /** Computes φ(t) and φ'(t), and stores them in `value` and `slope`. */
  evaluateAt(t: number): void;
}

/** A rule for the length of a step. */
export interface LineSearch {
  readonly name: string;
  /**
   * Whether accepted steps satisfy the curvature condition (11), which keeps quasi-Newton matrices positive definite.
   */
  readonly wolfe: boolean;
  /** The first trial step if the method has no better estimate. */
  readonly initialStep: number;
  /** Moves the line to an accepted step of at most `longest` and returns true, or returns false if there is none. */
  search(line: Line, first: number, longest?: number): boolean;
}

/** The option `lineSearch` of a method whose options have these names, or the default. */
export function checkLineSearch(
  name: string,
  options: { lineSearch?: LineSearch },
  names: OptionNames,
  fallback: LineSearch,
): LineSearch {
  checkOptions(name, options, names);
  const { lineSearch = fallback } = options;
  if (typeof lineSearch?.search !== 'function') {
    const got = describeMade(lineSearch);
    throw new ArgumentError(
      `${name}: lineSearch must be a line search like optim.backtracking(), got ${got}`,
    );
  }
  return lineSearch;
}

/** The line from x along p; only `accept` changes x and its gradient. */
export class LineEvaluation implements Line {
  value0 = 0;
  slope0 = 0;
  step = 0;
  value = 0;
  slope = 0;
  x: Tensor;
  gradient: Tensor;
  readonly direction: Tensor;
  readonly rounding: number;
  /**
   * Set by methods with a simple feasible set: moves a trial point that rounding has carried out of the set back into
   * it.
   */
  clip: ((trial: Tensor) => void) | undefined;
  readonly #objective: Objective;
  #trial: Tensor;
  #trialGradient: Tensor;
  /** Whether the gradient at the trial point is known. */
  #known = false;

  constructor(objective: Objective, x: Tensor, gradient: Tensor) {
    const vector = () => objective.parameters.vector();
    this.#objective = objective;
    this.x = x;
    this.gradient = gradient;
    this.rounding = unitRoundoffOf(x);
    this.direction = vector();
    this.#trial = vector();
    this.#trialGradient = vector();
  }

  /** Prepares a search from x, where f has `value`, along `direction`, which has been written. */
  begin(value: number, slope = dot(this.gradient, this.direction)): void {
    this.value0 = value;
    this.slope0 = slope;
    this.step = 0;
    this.value = value;
    this.slope = this.slope0;
  }

  valueAt(t: number): number {
    this.#moveTo(t);
    this.#known = false;
    this.slope = Number.NaN;
    this.value = this.#objective.value(this.#trial);
    return this.value;
  }

  evaluateAt(t: number): void {
    this.#moveTo(t);
    this.#known = true;
    this.value = this.#objective.valueAndGradient(this.#trial, this.#trialGradient, this.direction);
    this.slope = this.#objective.slope;
  }

  #moveTo(t: number): void {
    this.step = t;
    const { x } = this;
    const trial = this.#trial;
    this.#objective.kernels.plusScaled(x.size, t, x.address, this.direction.address, trial.address);
    this.clip?.(trial);
  }

  /**
   * Sets x and the gradient to those of the current t; the old ones stay readable in `previous` until the next search.
   */
  accept(): void {
    if (!this.#known) this.#objective.gradient(this.#trial, this.#trialGradient);
    [this.x, this.#trial] = [this.#trial, this.x];
    [this.gradient, this.#trialGradient] = [this.#trialGradient, this.gradient];
    this.#known = false;
  }

  /** The point at the current t, and the gradient there after `evaluateAt`, until the next `accept`. */
  get trial(): { x: Tensor; gradient: Tensor } {
    return { x: this.#trial, gradient: this.#trialGradient };
  }

  /** x and gradient before the last step. */
  get previous(): { x: Tensor; gradient: Tensor } {
    return { x: this.#trial, gradient: this.#trialGradient };
  }
}
