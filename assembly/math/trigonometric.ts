// sin, cos and tan: x = k pi / 2 + r by Cody and Waite's parts of pi / 2, r in two doubles. T is f32 where that is all that the result has to hold.
import { madd } from '../simd/lanes';
import {
  BIT0, BIT1, HALF, ONE, PIO2_1, PIO2_2, PIO2_23, PIO2_3, PIO2_4, ROUND, TRIG_MOST, TWO_OVER_PI,
} from './constants';
import { COS, SIN, TAN } from './functions';
import { reduceHuge } from './payne-hanek';
import { COS as C, COS_SHORT, SIN as S, SIN_SHORT } from './polynomials';
import { add, at, mul, div, select, sub, polynomial4, polynomial6 } from './vector';

/** The function of k pi / 2 + r + low; k in the low bits. Errors of sin and cos below 0.9 ULP, of tan below 2.2. */
// @ts-ignore: decorator
@inline
function quadrant<T>(op: i32, r: v128, low: v128, k: v128): v128 {
  const z = mul(r, r);
  const half = mul(z, at(HALF));
  let sine: v128, cosine: v128;
  if (sizeof<T>() == 4) {
    sine = madd<f64>(mul(r, z), polynomial4(SIN_SHORT, z), r);
    cosine = add(at(ONE), madd<f64>(mul(z, z), polynomial4(COS_SHORT, z), f64x2.neg(half)));
  } else {
    sine = add(r, madd<f64>(mul(r, z), polynomial6(S, z), sub(low, mul(low, half))));
    const w = sub(at(ONE), half);
    const rest = sub(sub(at(ONE), w), half);
    cosine = add(w, add(rest, sub(mul(mul(z, z), polynomial6(C, z)), mul(r, low))));
  }
  const odd = i64x2.eq(v128.and(k, at(BIT0)), at(BIT0));
  if (op == TAN) {
    return v128.xor(div(select(odd, cosine, sine), select(odd, sine, cosine)), i64x2.shl(k, 63));
  }
  if (op == SIN) return v128.xor(select(odd, cosine, sine), i64x2.shl(v128.and(k, at(BIT1)), 62));
  return v128.xor(select(odd, sine, cosine), i64x2.shl(v128.and(i64x2.add(k, at(BIT0)), at(BIT1)), 62));
}

/** Lanes beyond TRIG_MOST by themselves, with the sign of x in place of none for sin and tan. */
function beyond(op: i32, x: v128, y: v128): v128 {
  const first = reduceHuge(f64x2.extract_lane(x, 0)), second = reduceHuge(f64x2.extract_lane(x, 1));
  const low = i64x2.shuffle(first, second, 1, 3);
  const far = quadrant<f64>(op, i64x2.shuffle(first, second, 0, 2), low, low);
  const a = f64x2.abs(x);
  const near = op == COS ? y : v128.xor(y, v128.xor(x, a));
  return select(f64x2.eq(a, f64x2.splat(Infinity)), sub(x, x), select(f64x2.ge(a, at(TRIG_MOST)), far, near));
}

// @ts-ignore: decorator
@inline
export function trigonometric<T>(op: i32, x: v128): v128 {
  const a = f64x2.abs(x);
  const t = madd<f64>(a, at(TWO_OVER_PI), at(ROUND));
  const k = sub(t, at(ROUND));
  // Exact: k has 20 bits at most, each part of pi / 2 33.
  let r = sub(a, mul(k, at(PIO2_1))), low = f64x2.splat(0.0);
  if (sizeof<T>() == 4) {
    r = sub(r, mul(k, at(PIO2_23)));
  } else {
    const second = mul(k, at(PIO2_2)), third = mul(k, at(PIO2_3));
    const h = sub(r, second);
    const b = sub(h, r);
    const error = sub(sub(r, sub(h, b)), add(second, b));
    const g = sub(h, third);
    const d = sub(g, h);
    low = sub(add(error, sub(sub(h, sub(g, d)), add(third, d))), mul(k, at(PIO2_4)));
    r = add(g, low);
    low = sub(low, sub(r, g));
  }
  const y = quadrant<T>(op, r, low, t);
  return v128.any_true(f64x2.ge(a, at(TRIG_MOST))) ? beyond(op, x, y) : op == COS ? y : v128.xor(y, v128.xor(x, a));
}
