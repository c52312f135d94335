// Lower bounds of min over α of ‖R(α) [x; y]‖₁ for two rows x and y: each is cheap beside the minimum itself, and a pair whose
// bound promises no more than another pair gains need not be looked at. In f32, with what that may lose taken off, unless so little
// is left to gain that it shows.
import { madd, sumLanes } from '../simd/lanes';

/** Intervals of the slope t = y / (x + y) in [0, 1] of points in the first quadrant. */
export const INTERVALS: i32 = 32;
/** Bytes of scratch: the sums of x and of y of the points in each interval, in f32. */
export const INTERVAL_BYTES: usize = 8 * (INTERVALS + 8);

/** What a bound in f32 of rows of `length` may lose, beside their L1 norms: a rounding for each number that is summed. */
// @ts-ignore: decorator
@inline
export function lossOf(length: i32): f64 {
  return <f64>(length + 16) * 1.1920928955078125e-7;
}

/** Σ √(x_k² + y_k²): no rotation takes the L1 norm of a point below its length. Rows of `length` elements, a multiple of 16. */
export function sumOfLengths<T>(length: i32, x: usize, y: usize): f64 {
  let sum0 = v128.splat<T>(0), sum1 = sum0;
  for (const end = x + <usize>length * sizeof<T>(); x < end; x += 32, y += 32) {
    const a = v128.load(x), b = v128.load(y), c = v128.load(x, 16), d = v128.load(y, 16);
    sum0 = v128.add<T>(sum0, v128.sqrt<T>(madd<T>(a, a, v128.mul<T>(b, b))));
    sum1 = v128.add<T>(sum1, v128.sqrt<T>(madd<T>(c, c, v128.mul<T>(d, d))));
  }
  return <f64>sumLanes<T>(v128.add<T>(sum0, sum1));
}

/** The offsets in the sums of the intervals of points whose coordinates are p and q, the second of them v after the fold. */
// @ts-ignore: decorator
@inline
function placesOf(p: v128, q: v128, v: v128): v128 {
  // A small number beside 0 / 0.
  const sum = f32x4.add(f32x4.add(p, q), f32x4.splat(1e-30));
  return i32x4.shl(i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.mul(v, f32x4.splat(<f32>INTERVALS)), sum)), 3);
}

/** Adds a point, in the low half of `point`, to the sum at `place`. */
// @ts-ignore: decorator
@inline
function addPoint(place: usize, point: v128): void {
  v128.store64_lane(place, f32x4.add(v128.load64_zero(place), point), 0);
}

/** Adds four points to the sums of their intervals. */
// @ts-ignore: decorator
@inline
function addPoints(sums: usize, places: v128, u: v128, v: v128): void {
  const low = i32x4.shuffle(u, v, 0, 4, 1, 5), high = i32x4.shuffle(u, v, 2, 6, 3, 7);
  addPoint(sums + <usize>i32x4.extract_lane(places, 0), low);
  addPoint(sums + <usize>i32x4.extract_lane(places, 1), i64x2.shuffle(low, low, 1, 1));
  addPoint(sums + <usize>i32x4.extract_lane(places, 2), high);
  addPoint(sums + <usize>i32x4.extract_lane(places, 3), i64x2.shuffle(high, high, 1, 1));
}

/**
 * The points (x_k, y_k), brought into the first quadrant by right angles, which change no L1 norm, and summed by intervals of their slope:
 * two numbers an interval. Sixteen points at a time: a processor lets no load pass a store whose address it has yet to divide for,
 * so what is loaded comes first.
 */
// @ts-ignore: decorator
@inline
function sumByInterval(length: i32, x: usize, y: usize, sums: usize): void {
  const zero = f32x4.splat(0.0);
  for (let at: usize = 0; at < INTERVAL_BYTES; at += 16) v128.store(sums + at, zero);
  for (const end = x + (<usize>length << 2); x < end; x += 64, y += 64) {
    const x0 = v128.load(x), y0 = v128.load(y), x1 = v128.load(x, 16), y1 = v128.load(y, 16);
    const x2 = v128.load(x, 32), y2 = v128.load(y, 32), x3 = v128.load(x, 48), y3 = v128.load(y, 48);
    // Points of the second and the fourth quadrant: their coordinates change places. Where the product underflows, both are as good as 0.
    const across0 = f32x4.lt(f32x4.mul(x0, y0), zero), across1 = f32x4.lt(f32x4.mul(x1, y1), zero);
    const across2 = f32x4.lt(f32x4.mul(x2, y2), zero), across3 = f32x4.lt(f32x4.mul(x3, y3), zero);
    const p0 = f32x4.abs(x0), q0 = f32x4.abs(y0), p1 = f32x4.abs(x1), q1 = f32x4.abs(y1);
    const p2 = f32x4.abs(x2), q2 = f32x4.abs(y2), p3 = f32x4.abs(x3), q3 = f32x4.abs(y3);
    const u0 = v128.bitselect(q0, p0, across0), v0 = v128.bitselect(p0, q0, across0);
    const u1 = v128.bitselect(q1, p1, across1), v1 = v128.bitselect(p1, q1, across1);
    const u2 = v128.bitselect(q2, p2, across2), v2 = v128.bitselect(p2, q2, across2);
    const u3 = v128.bitselect(q3, p3, across3), v3 = v128.bitselect(p3, q3, across3);
    const t0 = placesOf(p0, q0, v0), t1 = placesOf(p1, q1, v1), t2 = placesOf(p2, q2, v2), t3 = placesOf(p3, q3, v3);
    addPoints(sums, t0, u0, v0);
    addPoints(sums, t1, u1, v1);
    addPoints(sums, t2, u2, v2);
    addPoints(sums, t3, u3, v3);
  }
}

/** Bytes of a table for `boundByIntervals`. */
export const DIRECTION_BYTES: usize = 32 * (INTERVALS + 2);

/** Writes the unit vectors at the start and in the middle of each interval, the last of which is the single slope 1: (c, s, c, s) each. */
export function writeDirections(table: usize): void {
  let c0 = 1.0, s0 = 0.0;
  for (let b = 0; b < INTERVALS + 2; b++, table += 32) {
    const t = min(1.0, <f64>(b + 1) / <f64>INTERVALS);
    const unit = 1.0 / Math.sqrt(t * t + (1.0 - t) * (1.0 - t));
    const c1 = (1.0 - t) * unit, s1 = t * unit;
    const c = c0 + c1, s = s0 + s1, norm = 1.0 / Math.sqrt(c * c + s * s);
    store<f64>(table, c0);
    store<f64>(table, s0, 8);
    store<f64>(table, c * norm, 16);
    store<f64>(table, s * norm, 24);
    c0 = c1;
    s0 = s1;
  }
}

/**
 * A bound that is close, of rows in f32: the points by intervals of their slope. While the axis turns through one interval, the points
 * outside of it add A cos θ + B sin θ, which is concave and so least at an end of the interval, and the points in it at least their
 * lengths, which are at least their projection on any unit vector. A minimum lies at a point's own angle, so intervals without points
 * do not count.
 */
export function boundByIntervals(length: i32, x: usize, y: usize, directions: usize, sums: usize): f64 {
  sumByInterval(length, x, y, sums);
  let total = f64x2.splat(0.0);
  for (let at: usize = 0; at < 8 * (INTERVALS + 1); at += 8) total = f64x2.add(total, f64x2.promote_low_f32x4(v128.load64_zero(sums + at)));
  const sumX = f64x2.extract_lane(total, 0), sumY = f64x2.extract_lane(total, 1);
  let beforeX = 0.0, beforeY = 0.0, least = Infinity;
  for (let b = 0; b <= INTERVALS; b++, sums += 8, directions += 32) {
    const hereX = <f64>load<f32>(sums), hereY = <f64>load<f32>(sums, 4);
    if (hereX + hereY > 0.0) {
      const afterX = sumX - beforeX - hereX, afterY = sumY - beforeY - hereY;
      const A = beforeX + afterX + (afterY - beforeY), B = beforeY + afterY + (beforeX - afterX);
      const here = load<f64>(directions, 16) * hereX + load<f64>(directions, 24) * hereY;
      const first = A * load<f64>(directions) + B * load<f64>(directions, 8);
      const last = A * load<f64>(directions, 32) + B * load<f64>(directions, 40);
      least = min(least, min(first, last) + here);
      beforeX += hereX;
      beforeY += hereY;
    }
  }
  return least;
}
