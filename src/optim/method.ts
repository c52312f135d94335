// Methods of unconstrained minimisation, which `minimize` runs.

import type { Tensor } from '../core/tensor.js';
import type { Tree } from '../core/tree.js';
import { maxAbsOf, unitRoundoffOf } from '../linalg/blas/tensors.js';
import type { Float } from '../linalg/stack.js';
import type { Objective } from '../solve/objective.js';
import type { SolutionStatus } from '../solve/solution.js';
import type { LineSearch } from './line-search/line.js';
import { LineEvaluation } from './line-search/line.js';

/** Values below this are near the end of the range: where a method fails there, f has led it to -Infinity. */
const LOWEST = { f64: -1e300, f32: -1e36 } as const;

/** Whether f has fallen to the end of the range of its dtype. */
export const hasFallen = (value: number, { dtype }: Tensor): boolean => value < LOWEST[dtype as Float];

/** The state of a minimisation. */
export class DescentState {
  readonly objective: Objective;
  /** Holds x and its gradient, and takes steps. */
  readonly ray: LineEvaluation;
  /** f(x). */
  value: number;
  /** The largest absolute entry of the gradient, or what `measure` gives. */
  gradientNorm = 0;
  /** Set by methods that measure the distance from stationarity in another way. */
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
   * Searches along `ray.direction`, which the method has written, and moves. Returns undefined, or what went wrong;
   * then x is unchanged.
   * `slope`: ∇fᵀp, if it is known.
   */
  move(search: LineSearch, first: number, longest?: number, slope?: number): SolutionStatus | undefined {
    const { ray } = this;
    ray.begin(this.value, slope);
    if (!search.search(ray, first, longest)) return this.#failure();
    return this.accept();
  }

  /** Moves to the ray's current point. */
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

  /** Why there is no step: the possible decrease is below rounding, or something is wrong. */
  #failure(): SolutionStatus {
    const { value0, slope0, value } = this.ray;
    if (hasFallen(value0, this.x)) return 'unbounded';
    if (Number.isNaN(slope0)) return 'notFinite';
    if (!Number.isFinite(value)) return value === Number.NEGATIVE_INFINITY ? 'unbounded' : 'notFinite';
    return Math.abs(slope0) <= 1e4 * unitRoundoffOf(this.x) * Math.max(Math.abs(value0), Number.MIN_VALUE)
      ? 'stalled'
      : 'lineSearch';
  }
}

/** A method at work. */
export interface Iteration {
  /** One iteration: moves the descent, or returns why it cannot. */
  step(): SolutionStatus | undefined;
}

/** A method: options, and how it starts. `minimize` frees tensors made by `start` and `step`. */
export interface Method {
  readonly name: string;
  /** Default limit of iterations. */
  readonly maxIterations?: number;
  start(descent: DescentState): Iteration;
  /** For methods with constraints: what is 0 at a solution, in operations on trees like x; default the gradient. */
  stationarity?(x: Tree, gradient: Tree): Tree;
}
