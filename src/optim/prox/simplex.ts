// τ with Σ max(u_i - τ, 0) = radius: what projections to the simplex and the L1 ball subtract, by sorting, O(n log n), exact.
import type { TypedArray } from '../../core/dtype.js';

/**
 * max(u - τ, 0) into `out`, for radius > 0. Everything is counted from the largest entry, so that sums stay of the order of the
 * radius however large u is, and what lies further below than the radius is not sorted at all. NaN where a u_i is NaN or the
 * largest is infinite.
 * Source: Held, Wolfe and Crowder, Math. Programming 6 (1974); Duchi et al., ICML (2008).
 */
export function thresholdTo(u: TypedArray, radius: number, out: TypedArray): void {
  const tau = threshold(u, radius);
  for (let i = 0; i < u.length; i++) out[i] = Math.max(u[i] - tau.top - tau.below, 0);
}

/** τ = top + below, the largest entry and how far from it (0 or less); NaN as above. */
export function threshold(u: TypedArray, radius: number): { top: number; below: number } {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < u.length; i++) {
    if (Number.isNaN(u[i])) return { top: Number.NaN, below: 0 };
    if (u[i] > top) top = u[i];
  }
  if (!Number.isFinite(top)) return { top: Number.NaN, below: 0 };
  const near = new Float64Array(u.length);
  let count = 0;
  for (let i = 0; i < u.length; i++) {
    const distance = u[i] - top;
    if (distance > -radius || distance === 0) near[count++] = distance;
  }
  const sorted = near.subarray(0, count).sort();
  let [sum, below] = [0, -radius];
  for (let k = 1; k <= count; k++) {
    const next = sorted[count - k];
    if (!(next > below)) break;
    sum += next;
    below = (sum - radius) / k;
  }
  return { top, below };
}
