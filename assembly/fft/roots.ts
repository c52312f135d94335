// exp(-2πi k/n), as exact as the functions are: the angle is brought into [0, π/4] in whole numbers.
import { COS, SIN } from '../math/functions';
import { trigonometric } from '../math/trigonometric';

/** Real and imaginary part of the last root. */
export let rootRe: f64 = 1.0;
export let rootIm: f64 = 0.0;

/** Computes exp(-2πi k/n) for 0 <= k < n. */
export function root(k: i64, n: i64): void {
  // The angle is π p/q.
  let p = 2 * k, q = n, isNegative = false, isLow = false, isSwapped = false;
  if (p > q) {
    p = 2 * q - p;
    isLow = true;
  }
  if (2 * p > q) {
    p = q - p;
    isNegative = true;
  }
  if (4 * p > q) {
    p = q - 2 * p;
    q *= 2;
    isSwapped = true;
  }
  const x = f64x2.splat((Math.PI * <f64>p) / <f64>q);
  const c = f64x2.extract_lane(trigonometric<f64>(COS, x), 0), s = f64x2.extract_lane(trigonometric<f64>(SIN, x), 0);
  const re = isSwapped ? s : c, im = isSwapped ? c : s;
  rootRe = isNegative ? -re : re;
  rootIm = isLow ? im : -im;
}
