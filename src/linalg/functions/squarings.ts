// How often to halve a matrix before its Padé approximant of degree 13: by the norm, or by the norms of its powers, which are much
// smaller for matrices far from normal (Al-Mohy and Higham, SIAM J. Matrix Anal. Appl. 31, 2009).
import type { TypedArray } from '../../core/dtype.js';
import { exponentOf, halvings, timesPowerOfTwo } from '../powers-of-two.js';

/** Up to this 1-norm the approximant is exact to f64 roundoff (Higham, 2005, table 2.3). */
const THETA = 5.371920351148152;
/** Up to this size of max(‖A⁴‖^¼, ‖A⁶‖^⅙) it is, and its denominator is well conditioned (2009, section 5). */
const THETA_OF_POWERS = 4.25;
/** |c_27| / u, u = 2^-53: the first coefficient of the backward error of degree 13, (13!)² / (26! 27!), over the roundoff. */
const LEADING = 7.948e-20;

/** ‖A‖_1 of n x n numbers. */
export function norm1Of(a: TypedArray, n: number): number {
  return Math.max(0, ...sumsOfColumns(a, n, undefined));
}

/** Σ_i w_i |a_ij| for all j; the sums of the columns without weights. */
function sumsOfColumns(a: TypedArray, n: number, weights: Float64Array | undefined): Float64Array {
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const weight = weights === undefined ? 1 : weights[i];
    for (let j = 0; j < n; j++) sums[j] += weight * Math.abs(a[i * n + j]);
  }
  return sums;
}

/** By the norm alone: how many halvings bring it to THETA. */
export function squaringsForNorm(norm: number): number {
  return halvings(norm, THETA);
}

/**
 * How many of `squarings` halvings, after which A, A⁴ and A⁶ are what is given, can be done without: the bound by powers, corrected
 * where |A|^27 says that rounding errors of the powers would show (algorithm 5.1 and (5.1) there).
 */
export function spareSquarings(
  squarings: number,
  n: number,
  a: () => TypedArray,
  fourth: TypedArray,
  sixth: TypedArray,
): number {
  if (squarings === 0) return 0;
  const [n4, n6] = [norm1Of(fourth, n), norm1Of(sixth, n)];
  const [t2, t4] = [THETA_OF_POWERS * THETA_OF_POWERS, THETA_OF_POWERS ** 4];
  let spare = 0;
  while (
    spare < squarings &&
    timesPowerOfTwo(n4, 4 * (spare + 1)) <= t4 &&
    timesPowerOfTwo(n6, 6 * (spare + 1)) <= t4 * t2
  ) {
    spare++;
  }
  return spare === 0 ? 0 : Math.max(0, spare - correction(a(), n, spare));
}

/** ℓ of the paper for A 2^spare: the smallest ℓ >= 0 with |c_27| ‖|A|^27‖ / (u ‖A‖) <= 2^(26 ℓ). */
function correction(a: TypedArray, n: number, spare: number): number {
  let sums = new Float64Array(n).fill(1);
  let [exponent, first] = [0, 0];
  // ‖|A|^k‖_1 is the largest entry of 1ᵀ|A|^k; its powers of two are kept apart.
  for (let k = 1; k <= 27; k++) {
    sums = sumsOfColumns(a, n, sums) as Float64Array<ArrayBuffer>;
    const largest = Math.max(...sums);
    if (k === 1) first = largest;
    if (largest === 0) return 0;
    const e = exponentOf(largest);
    exponent += e;
    for (let j = 0; j < n; j++) sums[j] = timesPowerOfTwo(sums[j], -e);
  }
  const quotient = (LEADING * Math.max(...sums)) / first;
  // ‖|A|^27‖ / ‖A‖ grows as the 26th power of 2^spare.
  const e = exponentOf(quotient) + 1 + exponent + 26 * spare;
  return Math.max(0, Math.ceil(e / 26));
}
