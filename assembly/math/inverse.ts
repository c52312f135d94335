// asin, acos, atan and atan2, two doubles at a time. T is f32 where that is all that the result has to hold.
import { madd } from '../simd/lanes';
import {
  ASIN_MIDDLE, FOUR, HALF, LARGE, ONE, PIO2_HIGH, PIO2_LOW, PIO4_HIGH, PIO4_LOW, QUARTER, SMALL, TAN_3PI8, TAN_PI8, TWO,
} from './constants';
import { ASIN } from './functions';
import { ASIN as ARC, ASIN_SHORT, ATAN as A, ATAN_SHORT } from './polynomials';
import { add, at, div, mul, select, signed, sub, polynomial11, polynomial14, polynomial6, polynomial7 } from './vector';

/** asin and acos: by the series up to 0.55, beyond by asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2)); error below 1.6 ULP. */
// @ts-ignore: decorator
@inline
export function arc<T>(op: i32, x: v128): v128 {
  const a = f64x2.abs(x);
  const big = f64x2.gt(a, at(ASIN_MIDDLE));
  const z = select(big, mul(sub(at(ONE), a), at(HALF)), mul(a, a));
  const s = select(big, f64x2.sqrt(z), a);
  const p = mul(mul(s, z), sizeof<T>() == 4 ? polynomial7(ASIN_SHORT, z) : polynomial14(ARC, z));
  const y = add(s, p);
  const twice = add(y, y);
  if (op == ASIN) return signed(select(big, sub(at(PIO2_HIGH), sub(twice, at(PIO2_LOW))), y), x);
  const middle = sub(at(PIO2_HIGH), sub(x, sub(at(PIO2_LOW), signed(p, x))));
  const below = sub(at(PIO2_HIGH), sub(y, at(PIO2_LOW)));
  return select(big, select(f64x2.lt(x, f64x2.splat(0.0)), add(below, below), twice), middle);
}

/** atan(t) - t for |t| <= tan(pi / 8). */
// @ts-ignore: decorator
@inline
function rest<T>(t: v128): v128 {
  const z = mul(t, t);
  return mul(mul(t, z), sizeof<T>() == 4 ? polynomial6(ATAN_SHORT, z) : polynomial11(A, z));
}

/** atan(x): around 0, pi / 4 and pi / 2; error below 1.6 ULP. */
// @ts-ignore: decorator
@inline
export function atan<T>(x: v128): v128 {
  const a = f64x2.abs(x);
  const middle = f64x2.gt(a, at(TAN_PI8)), big = f64x2.gt(a, at(TAN_3PI8));
  const one = at(ONE);
  const top = select(big, f64x2.neg(one), select(middle, sub(a, one), a));
  const t = div(top, select(big, a, select(middle, add(a, one), one)));
  const high = add(v128.and(middle, at(PIO4_HIGH)), v128.and(big, at(PIO4_HIGH)));
  const low = add(v128.and(middle, at(PIO4_LOW)), v128.and(big, at(PIO4_LOW)));
  return signed(add(high, add(t, add(rest<T>(t), low))), x);
}

/** The angle of (x, y) as C has it; error below 2 ULP. */
// @ts-ignore: decorator
@inline
export function atan2<T>(y: v128, x: v128): v128 {
  const ax = f64x2.abs(x), ay = f64x2.abs(y);
  let large = f64x2.max(ax, ay), small = f64x2.min(ax, ay);
  if (v128.any_true(v128.or(f64x2.gt(large, at(LARGE)), f64x2.lt(large, at(SMALL))))) {
    // Two infinities stand in the ratio 1, two zeros in the ratio 0 to 1; sums of large numbers must not overflow.
    const inf = f64x2.splat(Infinity), zero = f64x2.splat(0.0), unbounded = f64x2.eq(large, inf);
    small = select(unbounded, v128.and(f64x2.eq(small, inf), at(ONE)), small);
    large = select(v128.or(unbounded, f64x2.eq(large, zero)), at(ONE), large);
    const over = f64x2.gt(large, at(LARGE));
    small = select(over, mul(small, at(QUARTER)), small);
    large = select(over, mul(large, at(QUARTER)), large);
  }
  const middle = f64x2.gt(small, mul(large, at(TAN_PI8)));
  const t = div(select(middle, sub(small, large), small), select(middle, add(small, large), large));
  // The angle is an eighth of a turn times `count`, plus or minus atan(t).
  let count = v128.and(middle, at(ONE));
  const swap = f64x2.gt(ay, ax);
  count = select(swap, sub(at(TWO), count), count);
  const left = f64x2.lt(signed(at(ONE), x), f64x2.splat(0.0));
  count = select(left, sub(at(FOUR), count), count);
  const flip = v128.and(v128.xor(swap, left), f64x2.splat(-0.0));
  const p = v128.xor(t, flip), q = v128.xor(rest<T>(t), flip);
  return signed(f64x2.abs(madd<f64>(count, at(PIO4_HIGH), add(p, madd<f64>(count, at(PIO4_LOW), q)))), y);
}
