// x^y = e^(y log(x)) with log(x) in two doubles (relative error 2^-67), two at a time. T is f32 where that is all that the result has to hold.
import { madd } from '../simd/lanes';
import {
  HALF, HIGH21, HIGH26, FIFTY_FOUR, LN2_HIGH, LN2_LOW, MIN_NORMAL, ONE, POW_MOST, TWO54,
} from './constants';
import { inRange, mantissa, scaled, scaleOf } from './exponential';
import { LOG } from './functions';
import { exponentOf, logarithm, mantissaOf, split } from './logarithm';
import { LOG_NEAR } from './polynomials';
import { POW } from './tables';
import { add, at, mul, pair, select, sub, polynomial7 } from './vector';

/** The cases of C's pow with x <= 0 or something not finite; r is |x|^y where both are finite. */
function special1(x: f64, y: f64, r: f64): f64 {
  if (y == 0.0 || x == 1.0) return 1.0;
  if (x != x || y != y) return x + y;
  const a = Math.abs(x);
  if (Math.abs(y) == Infinity) return a == 1.0 ? 1.0 : a > 1.0 == y > 0.0 ? Infinity : 0.0;
  const integer = Math.floor(y) == y;
  const odd = integer && Math.abs(y) < 9007199254740992.0 && Math.floor(y * 0.5) != y * 0.5;
  if (a == 0.0 || a == Infinity) r = (a == 0.0) == y > 0.0 ? 0.0 : Infinity;
  else if (x < 0.0 && !integer) return NaN;
  return odd ? copysign<f64>(r, x) : r;
}

function special(x: v128, y: v128, r: v128): v128 {
  const first = special1(f64x2.extract_lane(x, 0), f64x2.extract_lane(y, 0), f64x2.extract_lane(r, 0));
  const second = special1(f64x2.extract_lane(x, 1), f64x2.extract_lane(y, 1), f64x2.extract_lane(r, 1));
  return f64x2.replace_lane(f64x2.splat(first), 1, second);
}

/** |x|^(y + rest), where `rest` is what the rounding of y lost, in double-double: log(m) = log(c) + log(1 + r) with r = m / c - 1 exact in two doubles. */
// @ts-ignore: decorator
@inline
function precise(inParts: bool, a: v128, y: v128, lost: v128): v128 {
  const subnormal = f64x2.lt(a, at(MIN_NORMAL));
  const bits = split(select(subnormal, mul(a, at(TWO54)), a));
  const k = sub(exponentOf(bits), v128.and(subnormal, at(FIFTY_FOUR)));
  const m = mantissaOf(bits);
  const i = i64x2.shr_u(bits, 45);
  const p = POW + <usize>((i32x4.extract_lane(i, 0) & 127) * 24), q = POW + <usize>((i32x4.extract_lane(i, 2) & 127) * 24);
  const inverse = pair(p, q);
  // 1 / c has 10 bits: both products are exact, and so is their sum in two doubles.
  const mh = v128.and(m, at(HIGH21));
  const first = sub(mul(mh, inverse), at(ONE)), second = mul(sub(m, mh), inverse);
  const r = add(first, second);
  const rl = sub(second, sub(r, first));
  const table = madd<f64>(k, at(LN2_HIGH), pair(p + 8, q + 8));
  const t2 = add(table, r);
  const lost2 = add(sub(table, t2), r);
  const rh = v128.and(r, at(HIGH26));
  const square = mul(mul(rh, rh), at(HALF));
  const t3 = sub(t2, square);
  const lost3 = sub(sub(t2, t3), square);
  const square2 = madd<f64>(mul(add(r, rh), at(HALF)), sub(r, rh), mul(rl, r));
  const cube = mul(mul(mul(r, r), r), polynomial7(LOG_NEAR, r));
  const small = add(madd<f64>(k, at(LN2_LOW), pair(p + 16, q + 16)), rl);
  const low = add(sub(add(add(lost2, lost3), cube), square2), small);
  const log = add(t3, low);
  const logLow = add(sub(t3, log), low);
  // The product of y and the logarithm, again in two parts.
  const yh = v128.and(y, at(HIGH26)), lh = v128.and(log, at(HIGH26));
  const e = mul(yh, lh);
  let rest = madd<f64>(sub(y, yh), lh, mul(y, add(sub(log, lh), logLow)));
  if (inParts) rest = madd<f64>(lost, log, rest);
  const inside = f64x2.lt(f64x2.abs(e), at(POW_MOST));
  const v = inRange<f64>(e);
  const t = scaleOf(v);
  return scaled<f64>(mantissa<f64>(v, v128.and(inside, rest), t), t);
}

/** Error below 0.7 ULP. */
// @ts-ignore: decorator
@inline
export function pow<T>(x: v128, y: v128): v128 {
  const a = f64x2.abs(x);
  let r: v128;
  if (sizeof<T>() == 4) {
    const v = inRange<f32>(mul(y, logarithm<f64>(LOG, a)));
    const t = scaleOf(v);
    r = scaled<f32>(mantissa<f32>(v, f64x2.splat(0.0), t), t);
  } else {
    r = precise(false, a, y, y);
  }
  const inf = f64x2.splat(Infinity);
  const plain = v128.and(v128.and(f64x2.gt(x, f64x2.splat(0.0)), f64x2.lt(x, inf)), f64x2.lt(f64x2.abs(y), inf));
  return v128.bitmask<i64>(plain) == 3 ? r : special(x, y, r);
}

/** x^(y + z), where the sum of y and z keeps what its rounding loses; error below 0.8 ULP. */
// @ts-ignore: decorator
@inline
export function powSum<T>(x: v128, y: v128, z: v128): v128 {
  const sum = add(y, z);
  if (sizeof<T>() == 4) return pow<f32>(x, sum);
  const back = sub(sum, y);
  const lost = add(sub(y, sub(sum, back)), sub(z, back));
  const a = f64x2.abs(x);
  const r = precise(true, a, sum, v128.and(f64x2.eq(lost, lost), lost));
  const inf = f64x2.splat(Infinity);
  const plain = v128.and(v128.and(f64x2.gt(x, f64x2.splat(0.0)), f64x2.lt(x, inf)), f64x2.lt(f64x2.abs(sum), inf));
  return v128.bitmask<i64>(plain) == 3 ? r : special(x, sum, r);
}
