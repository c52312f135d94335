// Derivatives that cancel or overflow when they are made of the functions' values, two doubles at a time. T is f32 where that is
// all that the result has to hold. Errors are below 4 ULP, near zeros of the derivative below 4 ULP of its terms.
import {
  ERF_MOST, ERF_MOST_SHORT, FOUR, GELU_MOST, GELU_MOST_SHORT, HALF, HIGH26, LARGE_SQUARE, NORMAL_DENSITY, ONE, ROOT_PI, SERIES_MOST,
  EXPM1_MOST, TINY,
} from './constants';
import { exp, expm1, inRange, mantissa, scaled, scaleOf, tail } from './exponential';
import { EXP as E, EXP_SHORT as E_SHORT } from './polynomials';
import { add, at, div, mul, polynomial11, polynomial6, select, signed, sub } from './vector';

/** e^-|x| (1 + e^-|x|)^-2, the derivative of 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function sigmoidSlope<T>(x: v128): v128 {
  const v = inRange<T>(f64x2.neg(f64x2.abs(x)));
  const t = scaleOf(v);
  const m = mantissa<T>(v, f64x2.splat(0.0), t);
  const d = add(at(ONE), scaled<T>(m, t));
  return scaled<T>(div(m, mul(d, d)), t);
}

/** 4 e^-2|x| (1 + e^-2|x|)^-2, the derivative of tanh. */
// @ts-ignore: decorator
@inline
export function tanhSlope<T>(x: v128): v128 {
  const a = f64x2.abs(x);
  const v = inRange<T>(f64x2.neg(add(a, a)));
  const t = scaleOf(v);
  const m = mantissa<T>(v, f64x2.splat(0.0), t);
  const d = add(at(ONE), scaled<T>(m, t));
  return scaled<T>(mul(at(FOUR), div(m, mul(d, d))), t);
}

/** s (1 + x (1 - s)) with s = 1 / (1 + e^-x), the derivative of x s. */
// @ts-ignore: decorator
@inline
export function siluSlope<T>(x: v128): v128 {
  const z = inRange<T>(x);
  const v = f64x2.neg(f64x2.abs(z));
  const t = scaleOf(v);
  const m = mantissa<T>(v, f64x2.splat(0.0), t);
  const e = scaled<T>(m, t);
  const q = div(at(ONE), add(at(ONE), e));
  const below = scaled<T>(mul(mul(m, q), add(at(ONE), mul(z, q))), t);
  const above = add(q, mul(mul(z, e), mul(q, q)));
  return select(f64x2.lt(x, f64x2.splat(0.0)), below, above);
}

/** The tail Q of the normal distribution from |x| on, less |x| times its density: 1 minus that is the derivative of x Phi(x). */
// @ts-ignore: decorator
@inline
export function geluSlope<T>(x: v128): v128 {
  const a = f64x2.pmin(sizeof<T>() == 4 ? at(GELU_MOST_SHORT) : at(GELU_MOST), f64x2.abs(x));
  const high = v128.and(a, at(HIGH26));
  const e = f64x2.neg(mul(mul(high, high), at(HALF)));
  const rest = f64x2.neg(mul(mul(add(a, high), sub(a, high)), at(HALF)));
  const t = scaleOf(e);
  const ratio = select(f64x2.lt(a, at(TINY)), at(HALF), div(tail<T>(a), a));
  const y = scaled<T>(mul(sub(ratio, mul(a, at(NORMAL_DENSITY))), mantissa<T>(e, rest, t)), t);
  const z = select(f64x2.lt(x, f64x2.splat(0.0)), y, sub(at(ONE), y));
  return select(f64x2.ne(x, x), x, z);
}

/** e^(-x^2 / 2) / sqrt(2 pi), by the exact square. */
// @ts-ignore: decorator
@inline
export function normalDensity<T>(x: v128): v128 {
  const a = f64x2.pmin(sizeof<T>() == 4 ? at(GELU_MOST_SHORT) : at(GELU_MOST), f64x2.abs(x));
  const high = v128.and(a, at(HIGH26));
  const e = f64x2.neg(mul(mul(high, high), at(HALF)));
  const rest = f64x2.neg(mul(mul(add(a, high), sub(a, high)), at(HALF)));
  const t = scaleOf(e);
  return select(f64x2.ne(x, x), x, scaled<T>(mul(at(NORMAL_DENSITY), mantissa<T>(e, rest, t)), t));
}

/** 2 e^(-x^2) / sqrt(pi), the derivative of erf, by the exact square. */
// @ts-ignore: decorator
@inline
export function erfSlope<T>(x: v128): v128 {
  const a = f64x2.pmin(sizeof<T>() == 4 ? at(ERF_MOST_SHORT) : at(ERF_MOST), f64x2.abs(x));
  const high = v128.and(a, at(HIGH26));
  const e = f64x2.neg(mul(high, high));
  const rest = f64x2.neg(mul(add(a, high), sub(a, high)));
  const t = scaleOf(e);
  return select(f64x2.ne(x, x), x, scaled<T>(mul(at(ROOT_PI), mantissa<T>(e, rest, t)), t));
}

/** (1 - x^2)^-1/2, the derivative of asin. */
// @ts-ignore: decorator
@inline
export function asinSlope(x: v128): v128 {
  return div(at(ONE), f64x2.sqrt(mul(sub(at(ONE), x), add(at(ONE), x))));
}

/** 1 / (1 + x^2), the derivative of atan. */
// @ts-ignore: decorator
@inline
export function atanSlope<T>(x: v128): v128 {
  const y = div(at(ONE), add(at(ONE), mul(x, x)));
  if (sizeof<T>() == 4) return y;
  const inverse = div(at(ONE), x);
  return select(f64x2.gt(f64x2.abs(x), at(LARGE_SQUARE)), mul(inverse, inverse), y);
}

/** 1 above 0, e^x below: the derivative of elu. */
// @ts-ignore: decorator
@inline
export function eluSlope<T>(x: v128): v128 {
  return select(f64x2.gt(x, f64x2.splat(0.0)), at(ONE), exp<T>(x));
}

/** e^x - 1 - x. */
// @ts-ignore: decorator
@inline
export function expRest<T>(x: v128): v128 {
  const near = mul(mul(x, x), sizeof<T>() == 4 ? polynomial6(E_SHORT, x) : polynomial11(E, x));
  const y = expm1<T>(x);
  const far = select(f64x2.gt(x, at(EXPM1_MOST)), y, sub(y, x));
  return select(f64x2.lt(f64x2.abs(x), at(SERIES_MOST)), near, far);
}

/** x / (1 + |x|). */
// @ts-ignore: decorator
@inline
export function softsign(x: v128): v128 {
  const a = f64x2.abs(x);
  return select(f64x2.eq(a, f64x2.splat(Infinity)), signed(at(ONE), x), div(x, add(at(ONE), a)));
}

/** e^(a - b) with the difference in two doubles; 0 where a is -Infinity, 1 where both are Infinity. */
// @ts-ignore: decorator
@inline
export function expDifference<T>(a: v128, b: v128): v128 {
  const d = sub(a, b);
  const v = inRange<T>(d);
  const back = sub(d, a);
  const lost = sub(sub(a, sub(d, back)), add(b, back));
  const t = scaleOf(v);
  const y = scaled<T>(mantissa<T>(v, v128.and(f64x2.eq(v, d), lost), t), t);
  const inf = f64x2.splat(Infinity);
  const equal = v128.and(f64x2.eq(a, b), f64x2.eq(f64x2.abs(a), inf));
  return select(equal, v128.and(f64x2.eq(a, inf), at(ONE)), y);
}

/** x / (x^2 + y^2), the derivative of the angle of (x, y) in y; 0 where either is infinite, NaN at (0, 0). */
// @ts-ignore: decorator
@inline
export function atan2Slope<T>(y: v128, x: v128): v128 {
  const most = f64x2.max(f64x2.abs(x), f64x2.abs(y)), inf = f64x2.splat(Infinity);
  let r: v128;
  if (sizeof<T>() == 4) {
    r = div(x, add(mul(x, x), mul(y, y)));
  } else {
    // A power of two brings the larger one near 1.
    const exponent = i64x2.shr_u(most, 52);
    const biased = i64x2.sub(i64x2.splat(2046), exponent);
    const small = i64x2.splat(23);
    const s = i64x2.shl(select(i64x2.gt_s(biased, small), biased, small), 52);
    const xs = mul(x, s), ys = mul(y, s);
    r = mul(div(xs, add(mul(xs, xs), mul(ys, ys))), s);
  }
  return select(f64x2.eq(most, inf), mul(f64x2.splat(0.0), signed(at(ONE), x)), r);
}
