// Derivatives of G(α) x along directions of the angles, of any order: x over the algebra of k nilpotent numbers, ε_p² = 0, with the angles
// α_t + Σ ε_p w_pt. Coefficient S, a set of p as bits, of row i lies at (S n + i) `width`. The coefficient of ε_1 … ε_k of a sweep
// is the derivative along w_1 … w_k. All in f64, a tile of columns at a time.
import { madd } from '../simd/lanes';

/** A sequence of rotations, and directions of its angles. */
// @ts-ignore: decorator
@unmanaged
export class Sequence {
  n: i32;
  count: i32;
  /** (i, j) in i32 and (cos, sin) in f64 of each rotation. */
  pairs: usize;
  turns: usize;
  /** Directions: `order` times `count` numbers. */
  order: i32;
  directions: usize;
  /** Gᵀ applies its first factor first, with negative angles; G its last. */
  inverse: bool;
  /** Columns of a tile, an even number. */
  width: i32;
}

/** Bytes of a sequence's header. */
export const SEQUENCE_BYTES: usize = 64;

/** Columns of a tile for m columns. */
export function widthOf(m: i32): i32 {
  return m > 2 ? 8 : 2;
}

/** Bytes of a series. */
export function seriesBytes(n: i32, order: i32, width: i32): usize {
  return (<usize>n << (order + 3)) * <usize>width;
}

/** Takes columns of x, with strides in elements, as the coefficient of 1. */
export function loadSeries<T>(sequence: Sequence, z: usize, columns: i32, x: usize, rs: i32, cs: i32): void {
  const n = sequence.n, width = sequence.width;
  memory.fill(z, 0, seriesBytes(n, sequence.order, width));
  for (let i = 0; i < n; i++) {
    let from = x + <usize>i * <usize>rs * sizeof<T>(), to = z + (<usize>i * <usize>width << 3);
    for (let j = 0; j < columns; j++, from += <usize>cs * sizeof<T>(), to += 8) store<f64>(to, <f64>load<T>(from));
  }
}

/** Stores the coefficient of ε_1 … ε_k. */
export function storeSeries<T>(sequence: Sequence, z: usize, columns: i32, y: usize, rs: i32, cs: i32): void {
  const n = sequence.n, width = sequence.width, last = (1 << sequence.order) - 1;
  z += seriesBytes(n, 0, width) * <usize>last;
  for (let i = 0; i < n; i++) {
    let from = z + (<usize>i * <usize>width << 3), to = y + <usize>i * <usize>rs * sizeof<T>();
    for (let j = 0; j < columns; j++, from += 8, to += <usize>cs * sizeof<T>()) store<T>(to, <T>load<f64>(from));
  }
}

/** (to_i, to_j) += w (from_j, -from_i), rows of `bytes`. */
// @ts-ignore: decorator
@inline
function addTurned(bytes: usize, w: f64, toI: usize, toJ: usize, fromI: usize, fromJ: usize): void {
  const plus = f64x2.splat(w), minus = f64x2.splat(-w);
  for (let k: usize = 0; k < bytes; k += 16) {
    v128.store(toI + k, madd<f64>(plus, v128.load(fromJ + k), v128.load(toI + k)));
    v128.store(toJ + k, madd<f64>(minus, v128.load(fromI + k), v128.load(toJ + k)));
  }
}

/** The index of the factor that is applied at this step. */
// @ts-ignore: decorator
@inline
export function factorAt(sequence: Sequence, step: i32): i32 {
  return sequence.inverse ? step : sequence.count - 1 - step;
}

/** Applies a step, or, with the direction -1, undoes it. */
export function turnSeries(sequence: Sequence, z: usize, step: i32, direction: f64): void {
  const t = factorAt(sequence, step), sign = sequence.inverse ? -direction : direction;
  const pair = sequence.pairs + (<usize>t << 3), turn = sequence.turns + (<usize>t << 4);
  const bytes = <usize>sequence.width << 3, part = <usize>sequence.n * bytes, size = 1 << sequence.order;
  const i = z + <usize>load<i32>(pair) * bytes, j = z + <usize>load<i32>(pair, 4) * bytes;
  for (let p = 0; p < sequence.order; p++) {
    const w = sign * load<f64>(sequence.directions + (<usize>(p * sequence.count + t) << 3));
    for (let set = 0; set < size; set++) {
      if ((set & (1 << p)) == 0) continue;
      const to = <usize>set * part, from = <usize>(set ^ (1 << p)) * part;
      addTurned(bytes, w, i + to, j + to, i + from, j + from);
    }
  }
  const c = f64x2.splat(load<f64>(turn)), s = f64x2.splat(sign * load<f64>(turn, 8)), minus = f64x2.neg(s);
  for (let set = 0; set < size; set++) {
    const at = <usize>set * part;
    for (let k = at, end = at + bytes; k < end; k += 16) {
      const a = v128.load(i + k), b = v128.load(j + k);
      v128.store(i + k, madd<f64>(s, b, f64x2.mul(c, a)));
      v128.store(j + k, madd<f64>(minus, a, f64x2.mul(c, b)));
    }
  }
}

/** Σ_S u_S J z_{all but S} in the plane of a step: the part of <u, z> that depends on its angle. */
export function momentOf(sequence: Sequence, step: i32, u: usize, z: usize): f64 {
  const pair = sequence.pairs + (<usize>factorAt(sequence, step) << 3);
  const bytes = <usize>sequence.width << 3, part = <usize>sequence.n * bytes, size = 1 << sequence.order;
  const i = <usize>load<i32>(pair) * bytes, j = <usize>load<i32>(pair, 4) * bytes;
  let total = f64x2.splat(0.0);
  for (let set = 0; set < size; set++) {
    const left = u + <usize>set * part, right = z + <usize>(size - 1 - set) * part;
    for (let k: usize = 0; k < bytes; k += 16) {
      total = madd<f64>(v128.load(left + i + k), v128.load(right + j + k), total);
      total = f64x2.sub(total, f64x2.mul(v128.load(left + j + k), v128.load(right + i + k)));
    }
  }
  const sum = f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
  return sequence.inverse ? -sum : sum;
}
