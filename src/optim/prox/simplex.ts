// τ with Σ max(u_i - τ, 0) = radius, which projections to the simplex and the L1 ball subtract; exact, in linear time.
import type { TypedArray } from '../../core/dtype.js';

/** Number of rounds after which the rest is sorted: only artificial rows need that many. */
const ROUNDS = 20;

/** max(u - τ, 0) into `out`, for radius > 0; `near` is memory for as many numbers. */
export function thresholdTo(u: TypedArray, radius: number, out: TypedArray, near: Float64Array): void {
  const { top, below } = threshold(u, radius, near);
  for (let i = 0; i < u.length; i++) out[i] = Math.max(u[i] - top - below, 0);
}

/**
 * τ = top + below: the largest entry, and the distance from it (0 or less); NaN if a u_i is NaN or the largest is
 * infinite. Everything is relative to the largest entry, so that sums stay of the order of the radius for any u. The
 * entries above τ are found in rounds: the τ of a subset is not above that of all entries, and entries not above it are
 * dropped.
 * Source: Michelot, J. Optim. Theory Appl. 50 (1986); Condat, Math. Program. 158 (2016); the end by sorting: Held,
 * Wolfe and Crowder, Math. Programming 6 (1974).
 */
export function threshold(u: TypedArray, radius: number, near: Float64Array): { top: number; below: number } {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < u.length; i++) {
    if (Number.isNaN(u[i])) return { top: Number.NaN, below: 0 };
    if (u[i] > top) top = u[i];
  }
  if (!Number.isFinite(top)) return { top: Number.NaN, below: 0 };
  let [count, sum, below] = [0, 0, -radius];
  for (let i = 0; i < u.length; i++) {
    const distance = u[i] - top;
    // Condat: the τ of the entries so far is a bound, too.
    if (!(distance > below) && distance !== 0) continue;
    near[count++] = distance;
    sum += distance;
    below = Math.max(below, (sum - radius) / count);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const before = count;
    let next = 0;
    count = 0;
    for (let i = 0; i < before; i++) {
      const distance = near[i];
      if (!(distance > below) && distance !== 0) continue;
      near[count++] = distance;
      next += distance;
    }
    below = (next - radius) / count;
    if (count === before) return { top, below };
  }
  return { top, below: bySorting(near.subarray(0, count).sort(), radius) };
}

function bySorting(sorted: Float64Array, radius: number): number {
  let [sum, below] = [0, -radius];
  for (let k = 1; k <= sorted.length; k++) {
    const next = sorted[sorted.length - k];
    if (!(next > below)) break;
    sum += next;
    below = (sum - radius) / k;
  }
  return below;
}
