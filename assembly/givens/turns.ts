// Cosine and sine of many angles at once: one reduction and both polynomials, x = k π/2 + r by Cody and Waite's parts of π/2. Where
// assembly/math holds each function to less than one ULP, r is one double here: errors are below 4 ULP.
import { BIT0, BIT1, HALF, ONE, PIO2_1, PIO2_2, PIO2_3, PIO2_4, ROUND, TRIG_MOST, TWO_OVER_PI } from '../math/constants';
import { COS, SIN } from '../math/functions';
import { COS as C, SIN as S } from '../math/polynomials';
import { trigonometric } from '../math/trigonometric';
import { add, at, mul, polynomial6, select, sub } from '../math/vector';
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

/** turns[t] := (cos, sin) of angles[t], f64, rounded to T; for `inverse` of -angles[t]. */
export function writeTurns<T>(count: i32, angles: usize, inverse: bool, turns: usize): void {
  const flip = i64x2.splat(inverse ? i64.MIN_VALUE : 0);
  for (let t = 0; t < count; t += 2, angles += 16, turns += 4 * sizeof<T>()) {
    const both = t + 1 < count;
    const x = both ? v128.load(angles) : v128.load64_splat(angles);
    // Large angles, infinities and NaN go the long way.
    if (!i64x2.all_true(f64x2.lt(f64x2.abs(x), at(TRIG_MOST)))) {
      storeTurns<T>(turns, trigonometric<f64>(COS, x), v128.xor(trigonometric<f64>(SIN, x), flip), both);
      continue;
    }
    const k = madd<f64>(x, at(TWO_OVER_PI), at(ROUND)), n = sub(k, at(ROUND));
    // The last part counts next to multiples of π/2, where the others leave little.
    const r = sub(sub(sub(sub(x, mul(n, at(PIO2_1))), mul(n, at(PIO2_2))), mul(n, at(PIO2_3))), mul(n, at(PIO2_4)));
    const z = mul(r, r), half = mul(z, at(HALF));
    const sine = madd<f64>(mul(r, z), polynomial6(S, z), r);
    const w = sub(at(ONE), half);
    const cosine = add(w, add(sub(sub(at(ONE), w), half), mul(mul(z, z), polynomial6(C, z))));
    const odd = i64x2.eq(v128.and(k, at(BIT0)), at(BIT0));
    const s = v128.xor(v128.xor(select(odd, cosine, sine), i64x2.shl(v128.and(k, at(BIT1)), 62)), flip);
    const c = v128.xor(select(odd, sine, cosine), i64x2.shl(v128.and(i64x2.add(k, at(BIT0)), at(BIT1)), 62));
    storeTurns<T>(turns, c, s, both);
  }
}
