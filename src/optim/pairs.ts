// The last m pairs s = x - x₋, y = ∇f(x) - ∇f(x₋), and the product of their inverse BFGS matrix with a vector.
import type { TypedArray } from '../core/dtype.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { blas } from '../generated/blas.js';
import type { Float } from '../linalg/stack.js';
import type { Ray } from './line.js';
import type { Descent } from './method.js';

/** A ring of pairs, one after the other in one tensor [2 m, n]: s, y, s, y, … */
export class Pairs {
  count = 0;
  readonly limit: number;
  /** sᵀy / yᵀy of the last pair. */
  scaling = 1;
  readonly #descent: Descent;
  readonly #history: Tensor;
  /** 1 / sᵀy of each pair, and the coefficients of the recursion. */
  readonly #rho: Float64Array;
  readonly #alpha: Float64Array;
  /** Where the next pair goes. */
  #next = 0;

  constructor(descent: Descent, limit: number) {
    const { x } = descent;
    this.#descent = descent;
    this.limit = limit;
    this.#history = allocate([2 * limit, x.size], x.dtype, 'lbfgs');
    this.#rho = new Float64Array(limit);
    this.#alpha = new Float64Array(limit);
  }

  clear(): void {
    this.count = 0;
    this.scaling = 1;
  }

  /** The place of the pair that is j-th from the oldest. */
  slot(j: number): number {
    return (this.#next - this.count + j + 2 * this.limit) % this.limit;
  }

  /** s and y of all places, one after the other; s of place p begins at 2 p n. */
  get data(): TypedArray {
    return this.#history.data();
  }

  /** The address of s (half 0) or y (half 1) of a pair. */
  at(pair: number, half: 0 | 1): number {
    const { size, dtype } = this.#descent.x;
    return this.#history.address + (2 * pair + half) * size * (dtype === 'f64' ? 8 : 4);
  }

  /** Remembers the step that was just accepted, unless it has no curvature. */
  add(): boolean {
    const { x, gradient, ray } = this.#descent;
    const { exports } = blas;
    const dtype = x.dtype as Float;
    const [n, s, y] = [x.size, this.at(this.#next, 0), this.at(this.#next, 1)];
    exports[`minus_${dtype}`](n, x.address, ray.previous.x.address, s);
    exports[`minus_${dtype}`](n, gradient.address, ray.previous.gradient.address, y);
    const curvature = exports[`dot_${dtype}`](n, s, 1, y, 1);
    const square = exports[`dot_${dtype}`](n, y, 1, y, 1);
    if (!hasCurvature(ray, curvature)) return false;
    this.#rho[this.#next] = 1 / curvature;
    this.scaling = curvature / square;
    this.#next = (this.#next + 1) % this.limit;
    this.count = Math.min(this.count + 1, this.limit);
    return true;
  }

  /** q := -H q for at least one pair, by the two-loop recursion (Nocedal and Wright, Algorithm 7.4). */
  applyNegative(q: Tensor): void {
    const { count } = this;
    const dtype = q.dtype as Float;
    const [n, at] = [q.size, q.address];
    const { exports } = blas;
    const axpyDot = exports[`axpy_dot_${dtype}`];
    const [alpha, rho] = [this.#alpha, this.#rho];
    const before = (i: number) => (i === 0 ? this.limit : i) - 1;
    // Each pass takes one vector off and multiplies with the next.
    let pair = before(this.#next);
    let product = exports[`dot_${dtype}`](n, this.at(pair, 0), 1, at, 1);
    for (let k = 1; ; k++) {
      alpha[pair] = rho[pair] * product;
      const follower = k < count ? this.at(before(pair), 0) : this.at(pair, 1);
      product = axpyDot(n, -alpha[pair], this.at(pair, 1), at, follower);
      if (k === count) break;
      pair = before(pair);
    }
    exports[`scal_${dtype}`](n, -this.scaling, at, 1);
    product *= -this.scaling;
    for (let k = 1; ; k++) {
      const factor = -alpha[pair] - rho[pair] * product;
      if (k === count) {
        exports[`axpy_${dtype}`](n, factor, this.at(pair, 0), 1, at, 1);
        return;
      }
      const follower = (pair + 1) % this.limit;
      product = axpyDot(n, factor, this.at(pair, 0), at, this.at(follower, 1));
      pair = follower;
    }
  }
}

/** Whether sᵀy of the last step is more than what rounding leaves of its slope, u |sᵀ∇f|. */
export function hasCurvature({ step, slope0, rounding }: Ray, curvature: number): boolean {
  return curvature > -rounding * step * slope0 && curvature < Number.POSITIVE_INFINITY;
}
