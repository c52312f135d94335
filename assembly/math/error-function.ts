// erf(x) by one polynomial for each quarter of [0, 6), two doubles at a time; halves of [0, 4) for f32.
import { EIGHTH, FOUR, HALF, ONE, QUARTER, ROUND, SIX, TWO } from './constants';
import { ERF, ERF_SHORT } from './tables';
import { add, at, mul, polynomials, select, signed, sub } from './vector';

/** Error below 1.3 ULP. */
// @ts-ignore: decorator
@inline
export function erf(short: bool, x: v128): v128 {
  const a = f64x2.pmin(short ? at(FOUR) : at(SIX), f64x2.abs(x));
  const t = add(sub(mul(a, short ? at(TWO) : at(FOUR)), at(HALF)), at(ROUND));
  const i = sub(t, at(ROUND));
  const p = i32x4.extract_lane(t, 0), q = i32x4.extract_lane(t, 2);
  const half = v128.and(f64x2.gt(i, f64x2.splat(0.0)), short ? at(QUARTER) : at(EIGHTH));
  const d = sub(a, add(mul(i, short ? at(HALF) : at(QUARTER)), half));
  const y = short
    ? polynomials(ERF_SHORT + (<usize>p << 6), ERF_SHORT + (<usize>q << 6), 8, d)
    : polynomials(ERF + <usize>(p * 96), ERF + <usize>(q * 96), 12, d);
  return select(f64x2.ne(x, x), x, signed(y, x));
}
