// The last m pairs s = x - x₋, y = ∇f(x) - ∇f(x₋), and the product of their inverse BFGS matrix with a vector.
import type { TypedArray } from '../../core/dtype.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import type { VectorKernels } from '../../linalg/blas/addresses.js';
import type { LineEvaluation } from '../line-search/line.js';
import type { DescentState } from '../method.js';

/** A ring of pairs, one after the other in one tensor [2 m, n]: s, y, s, y, … */
export class CurvaturePairs {
  count = 0;
  readonly limit: number;
  /** sᵀy / yᵀy of the last pair. */
  scaling = 1;
  readonly #descent: DescentState;
  readonly #kernels: VectorKernels;
  readonly #history: Tensor;
  /** sᵀy and yᵀy of the last step. */
  readonly #numbers: Tensor;
  /** 1 / sᵀy of each pair, and the coefficients of the recursion. */
  readonly #rho: Float64Array;
  readonly #alpha: Float64Array;
  /** The position of the next pair. */
  #next = 0;

  constructor(descent: DescentState, limit: number) {
    const { x } = descent;
    this.#descent = descent;
    this.#kernels = descent.objective.kernels;
    this.limit = limit;
    this.#history = allocate([2 * limit, x.size], x.dtype, 'lbfgs');
    this.#numbers = allocate([2], x.dtype, 'lbfgs');
    this.#rho = new Float64Array(limit);
    this.#alpha = new Float64Array(limit);
  }

  clear(): void {
    this.count = 0;
    this.scaling = 1;
  }

  /** The position of the j-th oldest pair. */
  slot(j: number): number {
    return (this.#next - this.count + j + 2 * this.limit) % this.limit;
  }

  /** s and y of all positions, one after the other; s of position p begins at 2 p n. */
  get data(): TypedArray {
    return this.#history.data();
  }

  /** The address of s (half 0) or y (half 1) of a pair. */
  at(pair: number, half: 0 | 1): number {
    const { size, dtype } = this.#descent.x;
    return this.#history.address + (2 * pair + half) * size * (dtype === 'f64' ? 8 : 4);
  }

  /** Stores the pair of the accepted step, unless it has no curvature. */
  add(): boolean {
    const { x, gradient, ray } = this.#descent;
    const { previous } = ray;
    const place = this.#next;
    const out = this.#numbers;
    this.#kernels.curvature(
      x.size,
      x.address,
      previous.x.address,
      gradient.address,
      previous.gradient.address,
      this.at(place, 0),
      this.at(place, 1),
      out.address,
    );
    const products = out.data();
    const curvature = products[0];
    if (!hasCurvature(ray, curvature)) {
      // In a full ring the oldest pair has been overwritten.
      this.count = Math.min(this.count, this.limit - 1);
      return false;
    }
    this.#rho[place] = 1 / curvature;
    this.scaling = curvature / products[1];
    this.#next = place + 1 === this.limit ? 0 : place + 1;
    this.count = Math.min(this.count + 1, this.limit);
    return true;
  }

  /**
   * out := -H g for at least one pair, by the two-loop recursion (Nocedal and Wright, Algorithm 7.4); returns gᵀ out.
   */
  applyNegative(g: Tensor, out: Tensor): number {
    const { count, limit } = this;
    const [alpha, rho] = [this.#alpha, this.#rho];
    const { dot, axpyDot, axpbyDot } = this.#kernels;
    const [n, at] = [g.size, out.address];
    const [base, half] = [this.#history.address, n * (g.dtype === 'f64' ? 8 : 4)];
    // Each pass subtracts one vector and multiplies with the next one; the last pass multiplies with g.
    let pair = (this.#next === 0 ? limit : this.#next) - 1;
    let product = dot(n, base + 2 * pair * half, 1, g.address, 1);
    for (let k = 1; ; k++) {
      const s = base + 2 * pair * half;
      alpha[pair] = rho[pair] * product;
      const before = (pair === 0 ? limit : pair) - 1;
      const follower = k < count ? base + 2 * before * half : s + half;
      product =
        k === 1
          ? axpbyDot(n, -alpha[pair], s + half, 1, g.address, at, follower)
          : axpyDot(n, -alpha[pair], s + half, at, follower);
      if (k === count) break;
      pair = before;
    }
    product *= -this.scaling;
    for (let k = 1; ; k++) {
      const after = pair + 1 === limit ? 0 : pair + 1;
      const follower = k < count ? base + (2 * after + 1) * half : g.address;
      const [factor, s] = [-alpha[pair] - rho[pair] * product, base + 2 * pair * half];
      product =
        k === 1
          ? axpbyDot(n, factor, s, -this.scaling, at, at, follower)
          : axpyDot(n, factor, s, at, follower);
      if (k === count) return product;
      pair = after;
    }
  }
}

/** Whether sᵀy of the last step exceeds the rounding of its slope, u |sᵀ∇f|. */
export function hasCurvature({ step, slope0, rounding }: LineEvaluation, curvature: number): boolean {
  return curvature > -rounding * step * slope0 && curvature < Number.POSITIVE_INFINITY;
}
