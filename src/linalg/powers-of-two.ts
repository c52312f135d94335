// Scaling by powers of two: exact, unless the result is subnormal or overflows.
import { exponentOf as exactExponentOf, powerOfTwo } from '../core/scalars.js';

export { powerOfTwo };

/** x 2^e for an integer |e| <= 2044. */
export function timesPowerOfTwo(x: number, e: number): number {
  const half = e >> 1;
  return x * powerOfTwo(half) * powerOfTwo(e - half);
}

/** floor(log2 |x|) as a number to count with: -1075 for 0, 1024 for Infinity and NaN. */
export function exponentOf(x: number): number {
  const e = exactExponentOf(x);
  return Number.isNaN(e) ? 1024 : Math.max(-1075, Math.min(1024, e));
}

/** The smallest s >= 0 with x 2^-s <= limit, for finite x >= 0 and limit > 0. */
export function halvings(x: number, limit: number): number {
  const s = Math.max(0, exponentOf(x) - exponentOf(limit));
  return timesPowerOfTwo(x, -s) <= limit ? s : s + 1;
}
