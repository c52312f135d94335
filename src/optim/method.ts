// A method of unconstrained minimisation: a value that `minimize` runs.

import type { Tensor } from '../core/tensor.js';
import type { Tree } from '../core/tree.js';
import { maxAbsOf, unitRoundoffOf } from '../linalg/blas/tensors.js';
import type { Objective } from '../solve/objective.js';
import type { SolutionStatus } from '../solve/solution.js';
import type { LineSearch } from './line-search/line.js';
import { LineEvaluation } from './line-search/line.js';

/** Where a minimisation stands. */
export class DescentState {
  readonly objective: Objective;
  /** Holds x and its gradient, and takes steps. */
  readonly ray: LineEvaluation;
  /** f(x). */
  value: number;
  /** The largest absolute entry of the gradient, or what `measure` gives. */
  gradientNorm = 0;
  /** Set by methods for which another number says how far x is from stationary. */
  measure: (() => number) | undefined;
  /** The last t. */
  step = 0;
  iteration = 0;
  /** f(x) before the last step; NaN at the start. */
  previousValue = Number.NaN;

  constructor(objective: Objective, x: Tensor) {
    this.objective = objective;
    const gradient = objective.parameters.vector();
    this.value = objective.valueAndGradient(x, gradient);
    this.gradientNorm = maxAbsOf(gradient);
    this.ray = new LineEvaluation(objective, x, gradient);
  }

  get x(): Tensor {
    return this.ray.x;
  }

  get gradient(): Tensor {
    return this.ray.gradient;
  }

  /**
   * Searches along `ray.direction`, which the method has written, and moves. What went wrong, or undefined; then x is where it
   * was. `slope`: ∇fᵀp, where it is known.
   */
  move(search: LineSearch, first: number, longest?: number, slope?: number): SolutionStatus | undefined {
    const { ray } = this;
    ray.begin(this.value, slope);
    if (!search.search(ray, first, longest)) return this.#failure();
    return this.accept();
  }

  /** Moves to where the ray stands. */
  accept(): SolutionStatus | undefined {
    const { ray } = this;
    this.previousValue = this.value;
    this.value = ray.value;
    this.step = ray.step;
    ray.accept();
    const { size, address } = ray.gradient;
    this.gradientNorm = this.measure?.() ?? this.objective.kernels.largest(size, address);
    return undefined;
  }

  /** Why there is no step: what can be gained is below rounding, or something is wrong. */
  #failure(): SolutionStatus {
    const { value0, slope0, value } = this.ray;
    if (Number.isNaN(slope0)) return 'notFinite';
    if (!Number.isFinite(value)) return value === Number.NEGATIVE_INFINITY ? 'unbounded' : 'notFinite';
    return Math.abs(slope0) <= 1e4 * unitRoundoffOf(this.x) * Math.max(Math.abs(value0), Number.MIN_VALUE)
      ? 'stalled'
      : 'lineSearch';
  }
}

/** What runs. */
export interface Iteration {
  /** One iteration: moves the descent, or says why it cannot. */
  step(): SolutionStatus | undefined;
}

/** A method: data, and how it starts. Tensors made by `start` and `step` are freed by `minimize`. */
export interface Method {
  readonly name: string;
  /** Most iterations where the caller gives none. */
  readonly maxIterations?: number;
  start(descent: DescentState): Iteration;
  /** What is 0 at a solution, for methods with constraints, in operations on trees like x; default the gradient. */
  stationarity?(x: Tree, gradient: Tree): Tree;
}
