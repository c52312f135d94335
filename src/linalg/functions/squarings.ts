// How often to halve a matrix before its Padé approximant of degree 13: by the norm, or by the norms of its powers, which are much
// smaller for matrices far from normal (Al-Mohy and Higham, SIAM J. Matrix Anal. Appl. 31, 2009).
import type { TypedArray } from '../../core/dtype.js';
import { exponentOf, halvings, powerOfTwo, timesPowerOfTwo } from '../powers-of-two.js';

/**
 * Up to this 1-norm, or size of max(‖A⁴‖^¼, ‖A⁶‖^⅙), the approximant is exact to f64 roundoff and its denominator well conditioned (2009,
 * section 5). Up to 5.37 it would be by the norm of its error (Higham, 2005, table 2.3), but not entry by entry: the corner of a Jordan
 * block of size 9, an eighth derivative, was off by 6e-10 there.
 */
const THETA = 4.25;
/** |c_27| / u, u = 2^-53: the first coefficient of the backward error of degree 13, (13!)² / (26! 27!), over the roundoff. */
const LEADING = 7.953322356109421e-20;

/** The first power of the backward error of degree 13. */
const POWER = 27;

/** ‖A‖_1 of n x n numbers. */
export function norm1Of(a: TypedArray, n: number): number {
  return largestOf(sumsOfColumns(a, n, undefined));
}

function largestOf(numbers: Float64Array): number {
  let largest = 0;
  for (const x of numbers) if (!(x <= largest)) largest = x;
  return largest;
}

/** Whether x 2^e is at most `limit`. */
function fits(x: number, e: number, limit: number): boolean {
  return x === 0 || timesPowerOfTwo(x, Math.min(e, 2044)) <= limit;
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

/** A halved matrix as it was given: A = 2^halved D X D⁻¹, D = diag(2^exponents) or I. */
export interface Halved {
  readonly a: TypedArray;
  readonly exponents: Int32Array | undefined;
  readonly halved: number;
  /** ‖X‖_1. */
  readonly norm: number;
}

/**
 * How many of `squarings` halvings can be done without, given X⁴ and X⁶: the bound by powers, corrected where |X|^27 says that rounding
 * errors of the powers would show (algorithm 5.1 and (5.1) there).
 */
export function spareSquarings(
  squarings: number,
  n: number,
  x: Halved,
  fourth: TypedArray,
  sixth: TypedArray,
): number {
  if (squarings === 0) return 0;
  const [n4, n6] = [norm1Of(fourth, n), norm1Of(sixth, n)];
  const square = THETA * THETA;
  const [t4, t6] = [square * square, square * square * square];
  const most = Math.min(squarings, MOST_SPARE);
  let spare = 0;
  while (spare < most && fits(n4, 4 * (spare + 1), t4) && fits(n6, 6 * (spare + 1), t6)) spare++;
  return spare === 0 ? 0 : Math.max(0, spare - correction(n, x, spare));
}

/** So that the sixth power of 2^spare is a number. */
const MOST_SPARE = 170;

/** ℓ of the paper for Y = 2^spare X: the smallest ℓ >= 0 with |c_27| ‖|Y|^27‖ / (u ‖Y‖) <= 2^(26 ℓ). */
function correction(n: number, { a, exponents, halved, norm }: Halved, spare: number): number {
  // ‖|X|^k‖_1 is the largest entry of 1ᵀ|X|^k = 1ᵀD⁻¹ |A|^k D / 2^(k halved); powers of two are kept apart.
  const exponentAt = (j: number) => (exponents === undefined ? 0 : exponents[j]);
  let sums: Float64Array = Float64Array.from({ length: n }, (_, i) => powerOfTwo(-exponentAt(i)));
  let exponent = 0;
  for (let k = 1; k <= POWER; k++) {
    sums = sumsOfColumns(a, n, sums);
    const e = exponentOf(largestOf(sums));
    exponent += e - halved;
    for (let j = 0; j < n; j++) sums[j] = timesPowerOfTwo(sums[j], -e);
  }
  const size = largestOf(sums.map((sum, j) => sum * powerOfTwo(exponentAt(j))));
  if (size === 0) return 0;
  // The quotient for X; that for Y is 2^(26 spare) times as large.
  const e = exponentOf((LEADING * size) / norm) + 1 + exponent + (POWER - 1) * spare;
  return Math.max(0, Math.ceil(e / (POWER - 1)));
}
