// A sum of products with twice the digits: each product and each sum with its rounding error (Dekker, 1971; Knuth, The Art of Computer
// Programming, vol. 2, 4.2.2), without fused operations, which not every engine has.

let high: f64 = 0;
let low: f64 = 0;

/** Begins with a number. */
export function startSum(x: f64): void {
  high = x;
  low = 0;
}

/** Adds p q. */
export function addProduct(p: f64, q: f64): void {
  const product = p * q;
  // The leading 26 bits of each factor, and the others.
  const u = p * 134217729.0, v = q * 134217729.0;
  const ph = u - (u - p), qh = v - (v - q), pl = p - ph, ql = q - qh;
  const error = pl * ql - (product - ph * qh - pl * qh - ph * ql);
  const sum = high + product, t = sum - high;
  low += error + ((high - (sum - t)) + (product - t));
  high = sum;
}

/** The sum. */
export function totalSum(): f64 {
  return high + low;
}
