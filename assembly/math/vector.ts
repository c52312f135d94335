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

/** One double from each of two places. */
// @ts-ignore: decorator
@inline
export function pair(p: usize, q: usize): v128 {
  return v128.load64_lane(q, v128.load64_zero(p), 1);
}

// Polynomials with their lowest coefficient first: Estrin in blocks of four. One function for each number of terms, since
// a branch on an argument would be carried through all passes of the compiler wherever it is inlined.
// @ts-ignore: decorator
@inline
function linear(p: usize, x: v128): v128 {
  return madd<f64>(at(p + 8), x, at(p));
}
// @ts-ignore: decorator
@inline
function quadratic(p: usize, x: v128, x2: v128): v128 {
  return madd<f64>(at(p + 16), x2, linear(p, x));
}
// @ts-ignore: decorator
@inline
function cubic(p: usize, x: v128, x2: v128): v128 {
  return madd<f64>(linear(p + 16, x), x2, linear(p, x));
}
// @ts-ignore: decorator
@inline
export function polynomial3(p: usize, x: v128): v128 {
  const x2 = mul(x, x);
  return quadratic(p, x, x2);
}
// @ts-ignore: decorator
@inline
export function polynomial4(p: usize, x: v128): v128 {
  const x2 = mul(x, x);
  return cubic(p, x, x2);
}
// @ts-ignore: decorator
@inline
export function polynomial5(p: usize, x: v128): v128 {
  const x2 = mul(x, x);
  const x4 = mul(x2, x2);
  return madd<f64>(at(p + 32), x4, cubic(p, x, x2));
}
// @ts-ignore: decorator
@inline
export function polynomial6(p: usize, x: v128): v128 {
  const x2 = mul(x, x);
  const x4 = mul(x2, x2);
  return madd<f64>(linear(p + 32, x), x4, cubic(p, x, x2));
}
// @ts-ignore: decorator
@inline
export function polynomial7(p: usize, x: v128): v128 {
  const x2 = mul(x, x);
  const x4 = mul(x2, x2);
  return madd<f64>(quadratic(p + 32, x, x2), x4, cubic(p, x, x2));
}
// @ts-ignore: decorator
@inline
export function polynomial8(p: usize, x: v128): v128 {
  const x2 = mul(x, x);
  const x4 = mul(x2, x2);
  return madd<f64>(cubic(p + 32, x, x2), x4, cubic(p, x, x2));
}
// @ts-ignore: decorator
@inline
export function polynomial10(p: usize, x: v128): v128 {
  const x2 = mul(x, x);
  const x4 = mul(x2, x2);
  const high = madd<f64>(linear(p + 64, x), x4, cubic(p + 32, x, x2));
  return madd<f64>(high, x4, cubic(p, x, x2));
}
// @ts-ignore: decorator
@inline
export function polynomial11(p: usize, x: v128): v128 {
  const x2 = mul(x, x);
  const x4 = mul(x2, x2);
  const high = madd<f64>(quadratic(p + 64, x, x2), x4, cubic(p + 32, x, x2));
  return madd<f64>(high, x4, cubic(p, x, x2));
}
// @ts-ignore: decorator
@inline
export function polynomial14(p: usize, x: v128): v128 {
  const x2 = mul(x, x);
  const x4 = mul(x2, x2);
  const high = madd<f64>(linear(p + 96, x), x4, cubic(p + 64, x, x2));
  const middle = madd<f64>(high, x4, cubic(p + 32, x, x2));
  return madd<f64>(middle, x4, cubic(p, x, x2));
}

/** Cubic with a table for each lane. */
// @ts-ignore: decorator
@inline
function cubics(p: usize, q: usize, x: v128, x2: v128): v128 {
  const high = madd<f64>(pair(p + 24, q + 24), x, pair(p + 16, q + 16));
  return madd<f64>(high, x2, madd<f64>(pair(p + 8, q + 8), x, pair(p, q)));
}
// @ts-ignore: decorator
@inline
export function polynomials8(p: usize, q: usize, x: v128): v128 {
  const x2 = mul(x, x);
  return madd<f64>(cubics(p + 32, q + 32, x, x2), mul(x2, x2), cubics(p, q, x, x2));
}
// @ts-ignore: decorator
@inline
export function polynomials12(p: usize, q: usize, x: v128): v128 {
  const x2 = mul(x, x);
  const x4 = mul(x2, x2);
  const high = madd<f64>(cubics(p + 64, q + 64, x, x2), x4, cubics(p + 32, q + 32, x, x2));
  return madd<f64>(high, x4, cubics(p, q, x, x2));
}
// @ts-ignore: decorator
@inline
export function polynomials14(p: usize, q: usize, x: v128): v128 {
  const x2 = mul(x, x);
  const x4 = mul(x2, x2);
  const top = madd<f64>(pair(p + 104, q + 104), x, pair(p + 96, q + 96));
  const high = madd<f64>(top, x4, cubics(p + 64, q + 64, x, x2));
  return madd<f64>(madd<f64>(high, x4, cubics(p + 32, q + 32, x, x2)), x4, cubics(p, q, x, x2));
}
