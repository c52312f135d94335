// e^x and what is made of it, two doubles at a time: x = k log(2) + r, e^x = 2^k e^r. T is f32 where that is all that the result has to hold.
import { madd } from '../simd/lanes';
import {
  BIT0, EXPM1_LEAST, EXPM1_MOST, FIVE_EIGHTHS, GELU_MOST, GELU_MOST_SHORT, HALF, HIGH26, HIGH_OCTAVE, LEAST, LEAST_SHORT, LN2_HIGH, LN2_LOW, LOG2E,
  MOST, MOST_SHORT, NEGLIGIBLE, OCTAVE_MIDDLE, ONE, QUARTER, ROUND, TINY, TWO,
} from './constants';
import { COSH } from './functions';
import { EXP as E, EXP_SHORT as E_SHORT, LOG_WIDE, LOG_WIDE_SHORT, SINH as S, SINH_SHORT as S_SHORT } from './polynomials';
import { GELU as TABLE, GELU_SHORT } from './tables';
import { add, at, clamp, div, mul, pair, select, signed, sub, polynomial10, polynomial11, polynomial4, polynomial5, polynomial6, polynomial7, polynomials14, polynomials8 } from './vector';

/** x / log(2) to an integer, plus ROUND: the integer lies in the low bits. */
// @ts-ignore: decorator
@inline
export function scaleOf(x: v128): v128 {
  return madd<f64>(x, at(LOG2E), at(ROUND));
}

/** 2^n for the integer in the low bits. */
// @ts-ignore: decorator
@inline
export function power(n: v128): v128 {
  return i64x2.add(i64x2.shl(n, 52), at(ONE));
}

/** The integer nearest to half of that in t, plus ROUND. */
// @ts-ignore: decorator
@inline
export function halfOf(t: v128): v128 {
  return madd<f64>(sub(t, at(ROUND)), at(HALF), at(ROUND));
}

/** 2^k x for the k in t, with one rounding, the last. */
// @ts-ignore: decorator
@inline
export function scaled<T>(x: v128, t: v128): v128 {
  if (sizeof<T>() == 4) return mul(x, power(t));
  const first = halfOf(t);
  return mul(mul(x, power(first)), power(i64x2.sub(t, first)));
}

/** r of x + low, and what its rounding left: x - k log(2) is exact in the first part of log(2). */
// @ts-ignore: decorator
@inline
function reduced(x: v128, low: v128, k: v128): v128 {
  return add(sub(x, mul(k, at(LN2_HIGH))), sub(low, mul(k, at(LN2_LOW))));
}
// @ts-ignore: decorator
@inline
function residue(x: v128, low: v128, k: v128, r: v128): v128 {
  return add(sub(sub(x, mul(k, at(LN2_HIGH))), r), sub(low, mul(k, at(LN2_LOW))));
}

/** e^r - 1 for x + low = k log(2) + r: error below 0.6 ULP. */
// @ts-ignore: decorator
@inline
function less1<T>(x: v128, low: v128, t: v128): v128 {
  const k = sub(t, at(ROUND));
  const r = reduced(x, low, k);
  const r2 = mul(r, r);
  if (sizeof<T>() == 4) return madd<f64>(polynomial6(E_SHORT, r), r2, r);
  return add(r, madd<f64>(polynomial11(E, r), r2, residue(x, low, k, r)));
}

/** e^r for x + low = k log(2) + r: error 0.05 ULP before the last rounding. */
// @ts-ignore: decorator
@inline
export function mantissa<T>(x: v128, low: v128, t: v128): v128 {
  if (sizeof<T>() == 4) return add(at(ONE), less1<T>(x, low, t));
  const k = sub(t, at(ROUND));
  const r = reduced(x, low, k);
  const c = residue(x, low, k, r);
  const sum = add(at(ONE), r);
  const rest = add(sub(at(ONE), sum), r);
  return add(sum, add(rest, madd<f64>(polynomial11(E, r), mul(r, r), c)));
}

/** x cut to where powers of e are out of range. */
// @ts-ignore: decorator
@inline
export function inRange<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? clamp(x, LEAST_SHORT, MOST_SHORT) : clamp(x, LEAST, MOST);
}

/** log(1 + z) for z in [0, 1]: 2 atanh(z / (2 + z)). */
// @ts-ignore: decorator
@inline
function log1pOfUnit<T>(z: v128): v128 {
  const s = div(z, add(at(TWO), z));
  const s2 = mul(s, s);
  const l = sizeof<T>() == 4 ? polynomial5(LOG_WIDE_SHORT, s2) : polynomial10(LOG_WIDE, s2);
  const y = madd<f64>(mul(s, s2), l, add(s, s));
  return sizeof<T>() == 4 ? y : select(f64x2.lt(z, at(TINY)), z, y);
}

/** a times the tail of the normal distribution from a on, times e^(a^2 / 2); a <= 63, not NaN. */
// @ts-ignore: decorator
@inline
export function tail<T>(a: v128): v128 {
  const v = add(a, at(HALF));
  const middle = sub(v128.or(v128.and(v, at(HIGH_OCTAVE)), at(OCTAVE_MIDDLE)), at(HALF));
  const first = f64x2.lt(v, at(FIVE_EIGHTHS));
  const d = select(first, a, sub(a, middle));
  // Quarters of octaves, counted from 1/2, whose bits are 4088 here.
  const i = i64x2.shr_u(v, 50);
  const p = i32x4.extract_lane(i, 0) - 4088, q = i32x4.extract_lane(i, 2) - 4088;
  if (sizeof<T>() == 4) return polynomials8(GELU_SHORT + (<usize>p << 6), GELU_SHORT + (<usize>q << 6), d);
  const b = TABLE + (<usize>p << 7), c = TABLE + (<usize>q << 7);
  // Around 0 the constant is 0, and a / 2 takes its place.
  const constant = select(first, mul(a, at(HALF)), pair(b + 8, c + 8));
  return add(constant, madd<f64>(polynomials14(b + 16, c + 16, d), d, pair(b, c)));
}

/** x Phi(x): -G e^(-a^2 / 2) for x < 0, x - G e^(-a^2 / 2) above, with a = |x| and the power of the exact square; error below 2.3 ULP. */
// @ts-ignore: decorator
@inline
export function gelu<T>(x: v128): v128 {
  const a = f64x2.pmin(sizeof<T>() == 4 ? at(GELU_MOST_SHORT) : at(GELU_MOST), f64x2.abs(x));
  const high = v128.and(a, at(HIGH26));
  const square = mul(mul(high, high), at(HALF));
  const rest = mul(mul(add(a, high), sub(a, high)), at(HALF));
  const e = f64x2.neg(square);
  const t = scaleOf(e);
  const y = scaled<T>(mul(tail<T>(a), mantissa<T>(e, f64x2.neg(rest), t)), t);
  return select(f64x2.lt(x, f64x2.splat(0.0)), f64x2.neg(y), sub(x, y));
}

/** e^x - 1 = 2 (2^(k-1) p + (2^(k-1) - 1/2)) with p = e^r - 1; error below 1.5 ULP. */
// @ts-ignore: decorator
@inline
export function expm1<T>(x: v128): v128 {
  const v = clamp(x, EXPM1_LEAST, EXPM1_MOST);
  const t = scaleOf(v);
  const s = power(i64x2.sub(t, at(BIT0)));
  const y = add(mul(s, less1<T>(v, f64x2.splat(0.0), t)), sub(s, at(HALF)));
  return select(f64x2.lt(f64x2.abs(x), at(TINY)), x, add(y, y));
}

/** tanh(x) = (e^2a - 1) / (e^2a + 1) with a = |x|; error below 2.5 ULP. */
// @ts-ignore: decorator
@inline
export function tanh<T>(x: v128): v128 {
  const a = f64x2.abs(x);
  const v = f64x2.pmin(add(a, a), f64x2.neg(at(EXPM1_LEAST)));
  const t = scaleOf(v);
  const s = power(t);
  const y = madd<f64>(s, less1<T>(v, f64x2.splat(0.0), t), sub(s, at(ONE)));
  return signed(div(y, add(y, at(TWO))), x);
}

/** e^a / 2 -+ e^-a / 2 with a = |x|; sinh by its series up to 1; error below 1.7 ULP. */
// @ts-ignore: decorator
@inline
export function hyperbolic<T>(op: i32, x: v128): v128 {
  const a = f64x2.abs(x);
  const v = inRange<T>(a);
  const t = scaleOf(v);
  const h = scaled<T>(mul(mantissa<T>(v, f64x2.splat(0.0), t), at(HALF)), t);
  const inverse = div(at(QUARTER), h);
  if (op == COSH) return add(h, inverse);
  const z = mul(x, x);
  const p = sizeof<T>() == 4 ? polynomial4(S_SHORT, z) : polynomial7(S, z);
  return signed(select(f64x2.lt(a, at(ONE)), madd<f64>(mul(a, z), p, a), sub(h, inverse)), x);
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|); error below 2.5 ULP. */
// @ts-ignore: decorator
@inline
export function softplus<T>(x: v128): v128 {
  return add(f64x2.pmax(f64x2.splat(0.0), x), log1pOfUnit<T>(exp<T>(f64x2.neg(f64x2.abs(x)))));
}

/** top / (1 + e^-x) = top / (2^-k + e^r) 2^-k: nothing is lost where the result is subnormal; error below 2.2 ULP. */
// @ts-ignore: decorator
@inline
export function logistic<T>(top: v128, x: v128): v128 {
  const v = clamp(f64x2.neg(x), EXPM1_LEAST, sizeof<T>() == 4 ? MOST_SHORT : MOST);
  const t = scaleOf(v);
  const back = sub(at(ROUND), sub(t, at(ROUND)));
  const y = div(top, add(power(f64x2.pmax(back, at(NEGLIGIBLE))), mantissa<T>(v, f64x2.splat(0.0), t)));
  return scaled<T>(y, back);
}

/** x / (1 + e^-x); error below 2.2 ULP. */
// @ts-ignore: decorator
@inline
export function silu<T>(x: v128): v128 {
  return logistic<T>(f64x2.pmax(x, sizeof<T>() == 4 ? at(LEAST_SHORT) : at(LEAST)), x);
}

/** e^x: error below 0.7 ULP. */
// @ts-ignore: decorator
@inline
export function exp<T>(x: v128): v128 {
  const v = inRange<T>(x);
  const t = scaleOf(v);
  return scaled<T>(mantissa<T>(v, f64x2.splat(0.0), t), t);
}

/** x above 0, e^x - 1 below; error below 1.5 ULP. */
// @ts-ignore: decorator
@inline
export function elu<T>(x: v128): v128 {
  return select(f64x2.gt(x, f64x2.splat(0.0)), x, expm1<T>(x));
}
