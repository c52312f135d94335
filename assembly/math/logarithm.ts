// log(x) = k log(2) + log(1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), two doubles at a time. T is f32 where that is all that the result has to hold.
import { madd } from '../simd/lanes';
import {
  EXPONENT_BIAS, FIFTY_FOUR, HALF, LN2_HIGH, LN2_LOW, LOW52, MIDDLE, MIN_NORMAL, ONE, TINY, TO_EXPONENT, TWO, TWO52, TWO54,
} from './constants';
import { LOG1P } from './functions';
import { LOG, LOG_SHORT } from './polynomials';
import { add, at, div, mul, select, sub, polynomial3, polynomial7 } from './vector';

/** The bits of x so that the exponent k + 1024 of x = 2^k m comes to stand above the mantissa of m, m in [sqrt(1/2), sqrt(2)). */
// @ts-ignore: decorator
@inline
export function split(x: v128): v128 {
  return i64x2.add(x, at(TO_EXPONENT));
}
// @ts-ignore: decorator
@inline
export function exponentOf(bits: v128): v128 {
  return sub(v128.or(i64x2.shr_u(bits, 52), at(TWO52)), at(EXPONENT_BIAS));
}
// @ts-ignore: decorator
@inline
export function mantissaOf(bits: v128): v128 {
  return i64x2.add(v128.and(bits, at(LOW52)), at(MIDDLE));
}

/** What log is where x is not positive and finite. */
// @ts-ignore: decorator
@inline
function outside(x: v128, y: v128, good: v128): v128 {
  const zero = f64x2.eq(x, f64x2.splat(0.0));
  const edge = select(zero, f64x2.splat(-Infinity), select(f64x2.lt(x, f64x2.splat(0.0)), f64x2.splat(NaN), x));
  return select(good, y, edge);
}

/** log(x) or log(1 + x): error below 1 ULP. */
// @ts-ignore: decorator
@inline
export function logarithm<T>(op: i32, x: v128): v128 {
  let u = x, c = f64x2.splat(0.0), extra = c;
  if (op == LOG1P) {
    // 1 + x and what its rounding lost.
    u = add(at(ONE), x);
    const back = sub(u, at(ONE));
    c = add(sub(at(ONE), sub(u, back)), sub(x, back));
    c = sizeof<T>() == 4 ? v128.and(f64x2.lt(u, at(TWO)), c) : div(c, u);
  }
  const good = v128.and(f64x2.gt(u, f64x2.splat(0.0)), f64x2.lt(u, f64x2.splat(Infinity)));
  let v = u;
  if (op != LOG1P && sizeof<T>() == 8) {
    const small = f64x2.lt(u, at(MIN_NORMAL));
    v = select(small, mul(u, at(TWO54)), u);
    extra = v128.and(small, at(FIFTY_FOUR));
  }
  const bits = split(v);
  const k = sub(exponentOf(bits), extra);
  const f = sub(mantissaOf(bits), at(ONE));
  const s = div(f, add(at(TWO), f));
  const z = mul(s, s);
  const r = mul(z, sizeof<T>() == 4 ? polynomial3(LOG_SHORT, z) : polynomial7(LOG, z));
  const half = mul(mul(f, f), at(HALF));
  const low = madd<f64>(k, at(LN2_LOW), c);
  let y = sub(mul(k, at(LN2_HIGH)), sub(sub(half, madd<f64>(s, add(half, r), low)), f));
  if (op == LOG1P) y = select(f64x2.lt(f64x2.abs(x), at(TINY)), x, y);
  return v128.bitmask<i64>(good) == 3 ? y : outside(u, y, good);
}
