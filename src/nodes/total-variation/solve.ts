// The exact minimizer of 1/2 |u - x|² + lambda Σ |u_{i+1} - u_i| in time linear in n, for a monotone ramp as well.
import type { TypedArray } from '../../core/dtype.js';
import { exponentOf, timesPowerOfTwo } from '../../linalg/powers-of-two.js';
import { type LevelValue, levelsOf } from './levels.js';

/** A solver with scratch for signals of n numbers: writes u. */
export function totalVariationSolver(n: number): (x: TypedArray, lambda: number, u: TypedArray) => void {
  const [y, v] = [new Float64Array(n), new Float64Array(n)];
  const messages = new Messages(n);
  return (x, lambda, u) => {
    if (lambda === 0 || n < 2) {
      u.set(x);
      return;
    }
    // Scaled, so that no sum overflows; and without an offset, where taking it away is exact.
    let most = 0;
    let isNear = true;
    for (let i = 0; i < n; i++) {
      most = Math.max(most, Math.abs(x[i]));
      isNear &&= x[i] / x[0] >= 0.5 && x[i] / x[0] <= 2;
    }
    const exponent = most === 0 ? 0 : exponentOf(most);
    const offset = isNear ? timesPowerOfTwo(x[0], -exponent) : 0;
    for (let i = 0; i < n; i++) y[i] = timesPowerOfTwo(x[i], -exponent) - offset;
    // Far above what makes u constant, lambda would swallow the digits of x.
    const weight = timesPowerOfTwo(lambda, -exponent);
    if (weight >= leastForConstant(y)) v.fill(0);
    else messages.solve(y, weight, v);
    const numberOf: LevelValue = (mean, isMoved, first, end) =>
      isMoved || !isConstant(x, first, end) ? timesPowerOfTwo(mean + offset, exponent) : x[first];
    for (const { first, end, value } of levelsOf(y, weight, v, numberOf)) u.fill(value, first, end);
  };
}

function isConstant(x: TypedArray, first: number, end: number): boolean {
  for (let i = first + 1; i < end; i++) if (x[i] !== x[first]) return false;
  return true;
}

/** From this lambda on the solution is constant: the largest |Σ_{i <= k} (y_i - mean)|. */
function leastForConstant(y: Float64Array): number {
  const n = y.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += y[i] - y[0];
  const mean = y[0] + sum / n;
  let [partial, most] = [0, 0];
  for (let i = 0; i < n - 1; i++) {
    partial += y[i] - mean;
    most = Math.max(most, Math.abs(partial));
  }
  return most;
}

/**
 * Dynamic programming. The least objective of the first k + 1 entries, as a function of the last of them, has a
 * piecewise linear derivative. Its knots, with the changes of slope and intercept there, are a queue with two ends:
 * each step cuts the derivative at -lambda and at lambda, which takes knots away at both ends and adds one there. Then
 * u_k is u_{k+1} clipped to the interval between the cuts of step k, so that the numbers of a segment are the same bit
 * by bit. Source: Johnson, A dynamic programming algorithm for the fused lasso and L0-segmentation (2013).
 */
class Messages {
  readonly #knots: Float64Array;
  readonly #slopes: Float64Array;
  readonly #intercepts: Float64Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;

  constructor(n: number) {
    this.#knots = new Float64Array(2 * n);
    this.#slopes = new Float64Array(2 * n);
    this.#intercepts = new Float64Array(2 * n);
    this.#low = new Float64Array(n);
    this.#high = new Float64Array(n);
  }

  /** For n >= 2 and lambda > 0. */
  solve(y: Float64Array, lambda: number, u: Float64Array): void {
    const n = y.length;
    const [knots, slopes, intercepts] = [this.#knots, this.#slopes, this.#intercepts];
    const [low, high] = [this.#low, this.#high];
    let [left, right] = [n, n - 1];
    for (let k = 0; k < n - 1; k++) {
      // What is cut is the function before this step, between -lambda and lambda, plus u - y_k.
      let slope = 1;
      let intercept = (k === 0 ? 0 : -lambda) - y[k];
      while (left <= right && slope * knots[left] + intercept <= -lambda) {
        slope += slopes[left];
        intercept += intercepts[left++];
      }
      low[k] = (-lambda - intercept) / slope;
      const [slopeAtLow, interceptAtLow] = [slope, intercept];
      slope = 1;
      intercept = (k === 0 ? 0 : lambda) - y[k];
      while (left <= right && slope * knots[right] + intercept >= lambda) {
        slope -= slopes[right];
        intercept -= intercepts[right--];
      }
      high[k] = (lambda - intercept) / slope;
      left--;
      knots[left] = low[k];
      slopes[left] = slopeAtLow;
      intercepts[left] = interceptAtLow + lambda;
      right++;
      knots[right] = high[k];
      slopes[right] = -slope;
      intercepts[right] = lambda - intercept;
    }
    let slope = 1;
    let intercept = -lambda - y[n - 1];
    while (left <= right && slope * knots[left] + intercept <= 0) {
      slope += slopes[left];
      intercept += intercepts[left++];
    }
    u[n - 1] = -intercept / slope;
    for (let k = n - 2; k >= 0; k--) u[k] = Math.min(Math.max(u[k + 1], low[k]), high[k]);
  }
}
