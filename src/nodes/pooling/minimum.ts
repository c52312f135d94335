// Minima of Σ φ(y - x_i) over a number y.
import { exponential } from '../problems/exponential.js';
import type { Penalty } from './penalties.js';

/** A minimum, and the iterations that it took. */
export interface Minimum {
  y: number;
  iterations: number;
}

const total = (x: Float64Array, f: (v: number) => number) => x.reduce((sum, v) => sum + f(v), 0);

/** The mean; entries near the largest number do not overflow. */
export function meanOf(x: Float64Array): number {
  const mean = total(x, (v) => v / x.length);
  // Once more: rounding errors of the first sum are as large as x, those of the second as its spread.
  return mean + total(x, (v) => (v - mean) / x.length);
}

/** The middle of the sorted entries. */
export function medianOf(sorted: Float64Array): number {
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === high ? low : low / 2 + high / 2;
}

/** Of a convex penalty: Newton's method in a bracket. */
export function convexMinimum(
  sorted: Float64Array,
  alpha: number,
  { slope, curvature }: Penalty,
  limit: number,
): Minimum {
  let [low, high] = [sorted[0], sorted[sorted.length - 1]];
  let y = medianOf(sorted);
  let iterations = 0;
  while (iterations < limit && low < high) {
    iterations++;
    const g = total(sorted, (v) => slope(y - v, alpha));
    if (g === 0) break;
    if (g > 0) high = y;
    else low = y;
    const k = total(sorted, (v) => curvature(y - v, alpha));
    const next = y - g / k;
    if (next === y) break;
    const isInside = next > low && next < high;
    const isRounding = isInside && Math.abs(next - y) <= 2 ** -52 * Math.abs(y);
    y = isInside ? next : low / 2 + high / 2;
    if (isRounding || y === low || y === high) break;
  }
  return { y, iterations };
}

/** Where the Huber penalty is flat between two halves of the points; undefined if it is nowhere. */
export function flatMinimum(sorted: Float64Array, alpha: number): number | undefined {
  const half = sorted.length / 2;
  const isFlat = Number.isInteger(half) && sorted[half] - alpha > sorted[half - 1] + alpha;
  return isFlat ? medianOf(sorted) : undefined;
}

/** Bounds the third derivative of exp(-u²/2). */
const THIRD = 1.39;

/**
 * Of Welsch's penalty: the minimum that lies downhill from `start`. A step to the mean, weighted by exp(-u²/2), never
 * passes a stationary point, as that mean grows with y, nor does one that bounds the third derivative; Newton's method
 * ends where it is sure to stay with this minimum.
 */
export function welschMinimum(sorted: Float64Array, alpha: number, start: number, limit: number): Minimum {
  let y = start;
  let iterations = 0;
  let last = Number.POSITIVE_INFINITY;
  while (iterations < limit) {
    iterations++;
    let nearest = Number.POSITIVE_INFINITY;
    for (const v of sorted) nearest = Math.min(nearest, Math.abs((y - v) / alpha));
    let [weights, slope, terms, curvature] = [0, 0, 0, 0];
    for (const v of sorted) {
      const u = (y - v) / alpha;
      // Relative to the largest weight: far from all points none would be left.
      const weight = exponential(((nearest - Math.abs(u)) * (nearest + Math.abs(u))) / 2);
      if (weight === 0) continue;
      weights += weight;
      slope += weight * (y - v);
      terms += weight * Math.abs(y - v);
      curvature += weight * (1 - u * u);
    }
    if (Math.abs(slope) <= 2 ** -53 * terms && curvature >= 0) break;
    const scale = exponential((-nearest * nearest) / 2);
    const isSure =
      curvature > 0 && 2 * THIRD * sorted.length * Math.abs(slope / alpha) < scale * curvature * curvature;
    // No further than the slope lasts if the curvature grows as fast as it can.
    const [first, second] = [scale * Math.abs(slope / alpha), scale * curvature];
    const growth = THIRD * sorted.length;
    const root = Math.sqrt(second * second + 2 * growth * first);
    const safe = second > 0 ? (2 * first) / (second + root) : (root - second) / growth;
    const isTop = curvature < 0 && Math.abs(slope / alpha) <= 1e-14 * weights;
    let step = slope / (isSure ? curvature : weights);
    if (isTop) step = -1e-3 * alpha;
    else if (!isSure && safe * alpha > Math.abs(step)) step = Math.sign(slope) * safe * alpha;
    const next = y - step;
    if (next === y) break;
    y = next;
    // Newton's steps shrink until they are those of rounding.
    if (isSure && Math.abs(step) > last / 2) break;
    last = isSure ? Math.abs(step) : Number.POSITIVE_INFINITY;
  }
  return { y, iterations };
}

/** Of the truncated quadratic: walks downhill from `start`, from one set of near points to the next. */
export function truncatedMinimum(sorted: Float64Array, alpha: number, start: number, limit: number): Minimum {
  const n = sorted.length;
  const direction = downhill(sorted, alpha, start);
  if (direction === 0) return { y: start, iterations: 0 };
  // To the left is to the right of what is mirrored.
  const x = direction > 0 ? sorted : sorted.map((_, i) => -sorted[n - 1 - i]);
  let y = direction > 0 ? start : -start;
  let [low, high] = [0, 0];
  let iterations = 0;
  while (iterations < limit) {
    iterations++;
    while (low < n && x[low] + alpha <= y) low++;
    while (high < n && x[high] - alpha <= y) high++;
    const mean = meanOf(x.subarray(low, high));
    const next = Math.min(x[low] + alpha, high < n ? x[high] - alpha : Number.POSITIVE_INFINITY);
    if (low === high || mean <= next) {
      if (low < high) y = mean;
      break;
    }
    y = next;
  }
  return { y: direction > 0 ? y : -y, iterations };
}

/** 1 or -1 for the direction in which the sum falls faster, 0 if it does not fall. */
function downhill(x: Float64Array, alpha: number, y: number): number {
  let [right, left] = [0, 0];
  for (const v of x) {
    const z = y - v;
    if (z >= -alpha && z < alpha) right += z;
    if (z > -alpha && z <= alpha) left += z;
  }
  if (right >= 0 && left <= 0) return 0;
  return -right >= left ? 1 : -1;
}
