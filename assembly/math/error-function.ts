// erf(x) by one polynomial for each quarter of [0, 6), two doubles at a time; halves of [0, 4) for f32.
import { EIGHTH, FOUR, HALF, ONE, QUARTER, ROUND, SIX, TWO } from './constants';
import { ERF, ERF_SHORT } from './tables';
import { add, at, mul, select, signed, sub, polynomials12, polynomials8 } from './vector';

/** Error below 2.4 ULP. */
// @ts-ignore: decorator
@inline
export function erf<T>(x: v128): v128 {
  const a = f64x2.pmin(sizeof<T>() == 4 ? at(FOUR) : at(SIX), f64x2.abs(x));
  const t = add(sub(mul(a, sizeof<T>() == 4 ? at(TWO) : at(FOUR)), at(HALF)), at(ROUND));
  const i = sub(t, at(ROUND));
  const p = i32x4.extract_lane(t, 0), q = i32x4.extract_lane(t, 2);
  const half = v128.and(f64x2.gt(i, f64x2.splat(0.0)), sizeof<T>() == 4 ? at(QUARTER) : at(EIGHTH));
  const d = sub(a, add(mul(i, sizeof<T>() == 4 ? at(HALF) : at(QUARTER)), half));
  const y = sizeof<T>() == 4
    ? polynomials8(ERF_SHORT + (<usize>p << 6), ERF_SHORT + (<usize>q << 6), d)
    : polynomials12(ERF + <usize>(p * 96), ERF + <usize>(q * 96), d);
  return select(f64x2.ne(x, x), x, signed(y, x));
}
