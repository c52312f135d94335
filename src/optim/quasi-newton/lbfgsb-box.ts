// The box l <= x <= u.
import { ArgumentError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import type { Parameters } from '../../solve/parameters.js';

/** A bound for all variables, or one per variable in the structure of x0. */
export type Bound = number | Tree;

/** The box of a problem, in f64 numbers that are exact in the dtype of x. */
export class Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Whether any variable is bounded at all, and whether all are bounded on both sides. */
  readonly isBounded: boolean;
  readonly isClosed: boolean;

  constructor(parameters: Parameters, lower: Bound, upper: Bound) {
    this.lower = read(parameters, 'lower', lower);
    this.upper = read(parameters, 'upper', upper);
    let [bounded, closed] = [false, true];
    for (let i = 0; i < this.lower.length; i++) {
      const [low, high] = [this.lower[i], this.upper[i]];
      if (!(low <= high) || low === Number.POSITIVE_INFINITY || high === Number.NEGATIVE_INFINITY) {
        throw new ArgumentError(
          `lbfgsb: lower must be at most upper, got ${low} and ${high} for variable ${i} (counted over all tensors of x0)`,
        );
      }
      const sides = Number(Number.isFinite(low)) + Number(Number.isFinite(high));
      bounded ||= sides > 0;
      closed &&= sides === 2;
    }
    this.isBounded = bounded;
    this.isClosed = closed;
  }

  clamp(i: number, value: number): number {
    return value < this.lower[i] ? this.lower[i] : value > this.upper[i] ? this.upper[i] : value;
  }

  /** x := the nearest point of the box; returns whether x has changed. */
  project(x: Tensor): boolean {
    const data = x.data();
    let moved = false;
    for (let i = 0; i < data.length; i++) {
      const inside = this.clamp(i, data[i]);
      if (inside !== data[i] && !Number.isNaN(data[i])) {
        data[i] = inside;
        moved = true;
      }
    }
    return moved;
  }

  /** The largest entry of the projected gradient, x - P(x - ∇f). */
  stationarity(x: Tensor, gradient: Tensor): number {
    const [X, G] = [x.data(), gradient.data()];
    let largest = 0;
    for (let i = 0; i < X.length; i++) {
      if (Number.isNaN(G[i])) return Number.NaN;
      const size = G[i] < 0 ? Math.min(this.upper[i] - X[i], -G[i]) : Math.min(X[i] - this.lower[i], G[i]);
      if (size > largest) largest = size;
    }
    return largest;
  }

  /** The largest t with x + t d in the box, for x in it. */
  reach(x: Tensor, d: Tensor): number {
    const [X, D] = [x.data(), d.data()];
    let t = Number.POSITIVE_INFINITY;
    for (let i = 0; i < X.length; i++) {
      if (D[i] === 0) continue;
      t = Math.min(t, ((D[i] < 0 ? this.lower[i] : this.upper[i]) - X[i]) / D[i]);
    }
    return t;
  }
}

function read(parameters: Parameters, argument: 'lower' | 'upper', bound: Bound): Float64Array {
  const vector = parameters.vector();
  if (typeof bound === 'number') vector.data().fill(bound);
  else parameters.gather(bound, vector, argument);
  const numbers = Float64Array.from(vector.data());
  vector.dispose();
  return numbers;
}
