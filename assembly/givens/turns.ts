// Cosine and sine of many angles at once: one reduction and both polynomials, x = k π/2 + r by Cody and Waite's parts of π/2. Where
// assembly/math holds each function to less than one ULP, r is one double here: errors are below 4 ULP.
import { BIT0, BIT1, HALF, ONE, PIO2_1, PIO2_2, PIO2_3, PIO2_4, ROUND, TRIG_MOST, TWO_OVER_PI } from '../math/constants';
import { COS, SIN } from '../math/functions';
import { COS as C, SIN as S } from '../math/polynomials';
import { trigonometric } from '../math/trigonometric';
import { add, at, mul, polynomial6, sub } from '../math/vector';
import { madd } from '../simd/lanes';

// @ts-ignore: decorator
@inline
function storeTurns<T>(turns: usize, c: v128, s: v128, both: bool): void {
  if (sizeof<T>() == 8) {
    v128.store(turns, i64x2.shuffle(c, s, 0, 2));
    if (both) v128.store(turns, i64x2.shuffle(c, s, 1, 3), 16);
  } else {
    store<T>(turns, <T>f64x2.extract_lane(c, 0));
    store<T>(turns, <T>f64x2.extract_lane(s, 0), sizeof<T>());
    if (both) {
      store<T>(turns, <T>f64x2.extract_lane(c, 1), 2 * sizeof<T>());
      store<T>(turns, <T>f64x2.extract_lane(s, 1), 3 * sizeof<T>());
    }
  }
}

/** x - n π/2; the last part counts next to multiples of π/2, where the others leave little. */
// @ts-ignore: decorator
@inline
function reduced(x: v128, n: v128): v128 {
  return sub(sub(sub(sub(x, mul(n, at(PIO2_1))), mul(n, at(PIO2_2))), mul(n, at(PIO2_3))), mul(n, at(PIO2_4)));
}
/** sin r, where z = r². */
// @ts-ignore: decorator
@inline
function sineOf(r: v128, z: v128): v128 {
  return madd<f64>(mul(r, z), polynomial6(S, z), r);
}
/** cos r, where z = r². */
// @ts-ignore: decorator
@inline
function cosineOf(z: v128): v128 {
  const half = mul(z, at(HALF)), w = sub(at(ONE), half);
  return add(w, add(sub(sub(at(ONE), w), half), mul(mul(z, z), polynomial6(C, z))));
}

/** Stores those of x = k π/2 + r from the cosine and sine of r. */
// @ts-ignore: decorator
@inline
function storeQuarter<T>(turns: usize, k: v128, cosine: v128, sine: v128, flip: v128, both: bool): void {
  // Where k is odd, each is the other.
  const change = v128.and(v128.xor(cosine, sine), i64x2.eq(v128.and(k, at(BIT0)), at(BIT0)));
  const c = v128.xor(v128.xor(cosine, change), i64x2.shl(v128.and(i64x2.add(k, at(BIT0)), at(BIT1)), 62));
  const s = v128.xor(v128.xor(sine, change), i64x2.shl(v128.and(k, at(BIT1)), 62));
  storeTurns<T>(turns, c, v128.xor(s, flip), both);
}

/** Writes those of `left` angles, up to four, in x and y. */
// @ts-ignore: decorator
@inline
function writeFour<T>(x: v128, y: v128, flip: v128, turns: usize, left: i32): void {
  const step: usize = 4 * sizeof<T>();
  const small = v128.and(f64x2.lt(f64x2.abs(x), at(TRIG_MOST)), f64x2.lt(f64x2.abs(y), at(TRIG_MOST)));
  // Large angles, infinities and NaN go the long way.
  if (i64x2.bitmask(small) != 3) {
    storeTurns<T>(turns, trigonometric<f64>(COS, x), v128.xor(trigonometric<f64>(SIN, x), flip), left > 1);
    if (left > 2) storeTurns<T>(turns + step, trigonometric<f64>(COS, y), v128.xor(trigonometric<f64>(SIN, y), flip), left > 3);
    return;
  }
  const kx = madd<f64>(x, at(TWO_OVER_PI), at(ROUND)), ky = madd<f64>(y, at(TWO_OVER_PI), at(ROUND));
  const rx = reduced(x, sub(kx, at(ROUND))), ry = reduced(y, sub(ky, at(ROUND)));
  const zx = mul(rx, rx), zy = mul(ry, ry);
  const sx = sineOf(rx, zx), sy = sineOf(ry, zy), cx = cosineOf(zx), cy = cosineOf(zy);
  storeQuarter<T>(turns, kx, cx, sx, flip, left > 1);
  if (left > 2) storeQuarter<T>(turns + step, ky, cy, sy, flip, left > 3);
}

/** turns[t] := (cos, sin) of angles[t], f64, rounded to T; for `inverse` of -angles[t]. Two vectors side by side, so that one need not wait. */
export function writeTurns<T>(count: i32, angles: usize, inverse: bool, turns: usize): void {
  const flip = i64x2.splat(inverse ? i64.MIN_VALUE : 0);
  let left = count;
  for (; left >= 4; left -= 4, angles += 32, turns += 8 * sizeof<T>()) writeFour<T>(v128.load(angles), v128.load(angles, 16), flip, turns, 4);
  if (left == 0) return;
  const x = left > 1 ? v128.load(angles) : v128.load64_splat(angles);
  writeFour<T>(x, left > 2 ? v128.load64_splat(angles, 16) : x, flip, turns, left);
}
