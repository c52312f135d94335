// Two doubles side by side: short names, constants from memory (literals inside loops are slow), polynomials.
import { madd } from '../simd/lanes';

// @ts-ignore: decorator
@inline
export function at(constant: usize): v128 {
  return v128.load64_splat(constant);
}
// @ts-ignore: decorator
@inline
export function add(x: v128, y: v128): v128 {
  return f64x2.add(x, y);
}
// @ts-ignore: decorator
@inline
export function sub(x: v128, y: v128): v128 {
  return f64x2.sub(x, y);
}
// @ts-ignore: decorator
@inline
export function mul(x: v128, y: v128): v128 {
  return f64x2.mul(x, y);
}
// @ts-ignore: decorator
@inline
export function div(x: v128, y: v128): v128 {
  return f64x2.div(x, y);
}

/** x where the mask is set, y elsewhere. */
// @ts-ignore: decorator
@inline
export function select(mask: v128, x: v128, y: v128): v128 {
  return v128.bitselect(x, y, mask);
}

/** x with the sign of y; x is not negative. */
// @ts-ignore: decorator
@inline
export function signed(x: v128, y: v128): v128 {
  return v128.or(x, v128.andnot(y, f64x2.abs(y)));
}

/** x cut to [low, high]; NaN stays. */
// @ts-ignore: decorator
@inline
export function clamp(x: v128, low: usize, high: usize): v128 {
  return f64x2.pmax(f64x2.pmin(x, at(high)), at(low));
}

// @ts-ignore: decorator
@inline
function block(p: usize, q: usize, terms: i32, x: v128, x2: v128): v128 {
  if (terms == 1) return pair(p, q);
  const low = madd<f64>(pair(p + 8, q + 8), x, pair(p, q));
  if (terms == 2) return low;
  if (terms == 3) return madd<f64>(pair(p + 16, q + 16), x2, low);
  return madd<f64>(madd<f64>(pair(p + 24, q + 24), x, pair(p + 16, q + 16)), x2, low);
}

/** One double from each of two places. */
// @ts-ignore: decorator
@inline
export function pair(p: usize, q: usize): v128 {
  if (p == q) return at(p);
  return v128.load64_lane(q, v128.load64_zero(p), 1);
}

/** Polynomial with its lowest coefficient first, at p for the first lane and q for the second: Estrin in blocks of four. */
// @ts-ignore: decorator
@inline
export function polynomials(p: usize, q: usize, terms: i32, x: v128): v128 {
  const x2 = mul(x, x);
  if (terms <= 4) return block(p, q, terms, x, x2);
  const x4 = mul(x2, x2);
  const low = block(p, q, 4, x, x2);
  if (terms <= 8) return madd<f64>(block(p + 32, q + 32, terms - 4, x, x2), x4, low);
  const next = block(p + 32, q + 32, 4, x, x2);
  if (terms <= 12) {
    const high = madd<f64>(block(p + 64, q + 64, terms - 8, x, x2), x4, next);
    return madd<f64>(high, x4, low);
  }
  const third = block(p + 64, q + 64, 4, x, x2);
  const top = madd<f64>(block(p + 96, q + 96, terms - 12, x, x2), x4, third);
  return madd<f64>(madd<f64>(top, x4, next), x4, low);
}

/** The same polynomial in both lanes. */
// @ts-ignore: decorator
@inline
export function polynomial(p: usize, terms: i32, x: v128): v128 {
  return polynomials(p, p, terms, x);
}
