// What leaves the module: the application of rotations, and its derivatives. Nothing is checked here.
import { unwrapped } from '../simd/lanes';
import { applyTurns, workOf } from './apply';
import { factorAt, loadSeries, momentOf, Sequence, SEQUENCE_BYTES, seriesBytes, storeSeries, turnSeries, widthOf } from './series';
import { writeTurns } from './turns';

/** Writes planes as pairs (i, j) in i32; returns the first that is none of d axes, or of which both are one, and -1 where all are. */
export function join_planes(count: i32, d: i32, i: usize, j: usize, pairs: usize): i32 {
  const end = i32x4.splat(d);
  let t: i32 = 0;
  // Four at a time, until one of them is wrong.
  for (; t + 4 <= count; t += 4) {
    const p = v128.load(i + (<usize>t << 2)), q = v128.load(j + (<usize>t << 2));
    const isPlane = v128.andnot(v128.and(i32x4.lt_u(p, end), i32x4.lt_u(q, end)), i32x4.eq(p, q));
    if (!i32x4.all_true(isPlane)) break;
    v128.store(pairs + (<usize>t << 3), v128.shuffle<i32>(p, q, 0, 4, 1, 5));
    v128.store(pairs + (<usize>t << 3), v128.shuffle<i32>(p, q, 2, 6, 3, 7), 16);
  }
  for (; t < count; t++) {
    const p = load<i32>(i + (<usize>t << 2)), q = load<i32>(j + (<usize>t << 2));
    // As unsigned numbers, negative ones are too large.
    if (<u32>p >= <u32>d || <u32>q >= <u32>d || p == q) return t;
    store<i32>(pairs + (<usize>t << 3), p);
    store<i32>(pairs + (<usize>t << 3), q, 4);
  }
  return -1;
}

/**
 * Copies a permutation of d rows, i32, and signs, f64, and writes the inverse permutation; returns the first place with a number that is no row or has
 * been before, or with a sign other than 1 and -1, and -1 where there is none.
 */
export function join_order(d: i32, permutation: usize, signs: usize, order: usize, factors: usize, places: usize): i32 {
  memory.fill(places, 255, <usize>d << 2);
  for (let c = 0; c < d; c++) {
    const row = load<i32>(permutation + (<usize>c << 2)), sign = load<f64>(signs + (<usize>c << 3));
    if (<u32>row >= <u32>d || Math.abs(sign) != 1) return c;
    const place = places + (<usize>row << 2);
    if (load<i32>(place) >= 0) return c;
    store<i32>(place, c);
    store<i32>(order + (<usize>c << 2), row);
    store<f64>(factors + (<usize>c << 3), sign);
  }
  return -1;
}

/** Writes (cos, sin) of `count` angles, two numbers each; for `inverse` of their negatives. */
export function turns_f64(count: i32, angles: usize, inverse: bool, turns: usize): void {
  writeTurns<f64>(count, angles, inverse, turns);
}
export function turns_f32(count: i32, angles: usize, inverse: bool, turns: usize): void {
  writeTurns<f32>(count, angles, inverse, turns);
}

/** Bytes of workspace for `apply_turns`. */
export function apply_turns_f64_work(n: i32, m: i32): usize {
  return workOf<f64>(n, m);
}
export function apply_turns_f32_work(n: i32, m: i32): usize {
  return workOf<f32>(n, m);
}

/** `batch` matrices X, n x m each, bsx elements apart; see apply.ts for the rest. */
export function apply_turns_f64(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, turns: usize, backward: bool, permutation: usize, signs: usize,
  x: usize, bsx: i32, rsx: i32, csx: i32, y: usize, bsy: i32, rsy: i32, csy: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    applyTurns<f64>(n, m, count, pairs, turns, backward, permutation, signs, x, rsx, csx, y, rsy, csy, work);
    x += <usize>bsx << 3;
    y += <usize>bsy << 3;
  }
}
export function apply_turns_f32(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, turns: usize, backward: bool, permutation: usize, signs: usize,
  x: usize, bsx: i32, rsx: i32, csx: i32, y: usize, bsy: i32, rsy: i32, csy: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    applyTurns<f32>(n, m, count, pairs, turns, backward, permutation, signs, x, rsx, csx, y, rsy, csy, work);
    x += <usize>bsx << 2;
    y += <usize>bsy << 2;
  }
}

/** Bytes of workspace for the derivatives along `order` directions. */
export function turn_series_work(n: i32, m: i32, order: i32): usize {
  return unwrapped(SEQUENCE_BYTES + 2 * seriesBytes(n, order, widthOf(m)), 16 * <f64>n * <f64>widthOf(m) * <f64>(1 << order));
}

function sequenceAt(work: usize, n: i32, m: i32, count: i32, pairs: usize, turns: usize, order: i32, directions: usize, inverse: bool): Sequence {
  const sequence = changetype<Sequence>(work);
  sequence.n = n;
  sequence.count = count;
  sequence.pairs = pairs;
  sequence.turns = turns;
  sequence.order = order;
  sequence.directions = directions;
  sequence.inverse = inverse;
  sequence.width = widthOf(m);
  return sequence;
}

// @ts-ignore: decorator
@inline
function series<T>(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, turns: usize, order: i32, directions: usize, inverse: bool,
  x: usize, bs: i32, rs: i32, cs: i32, y: usize, work: usize,
): void {
  const sequence = sequenceAt(work, n, m, count, pairs, turns, order, directions, inverse), z = work + SEQUENCE_BYTES;
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < m; j += sequence.width) {
      const columns = min(sequence.width, m - j), at = (<usize>b * <usize>bs + <usize>j * <usize>cs) * sizeof<T>();
      loadSeries<T>(sequence, z, columns, x + at, rs, cs);
      for (let step = 0; step < count; step++) turnSeries(sequence, z, step, 1.0);
      storeSeries<T>(sequence, z, columns, y + at, rs, cs);
    }
  }
}

// @ts-ignore: decorator
@inline
function moments<T>(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, turns: usize, order: i32, directions: usize, inverse: bool,
  u: usize, x: usize, bs: i32, rs: i32, cs: i32, sums: usize, work: usize,
): void {
  const sequence = sequenceAt(work, n, m, count, pairs, turns, order, directions, inverse);
  const left = work + SEQUENCE_BYTES, right = left + seriesBytes(n, order, sequence.width);
  memory.fill(sums, 0, <usize>count << 3);
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < m; j += sequence.width) {
      const columns = min(sequence.width, m - j), at = (<usize>b * <usize>bs + <usize>j * <usize>cs) * sizeof<T>();
      loadSeries<T>(sequence, left, columns, u + at, rs, cs);
      loadSeries<T>(sequence, right, columns, x + at, rs, cs);
      for (let step = 0; step < count; step++) turnSeries(sequence, right, step, 1.0);
      // Back through the rotations, which are undone one by one instead of being kept.
      for (let step = count - 1; step >= 0; step--) {
        const sum = sums + (<usize>factorAt(sequence, step) << 3);
        store<f64>(sum, load<f64>(sum) + momentOf(sequence, step, left, right));
        turnSeries(sequence, left, step, -1.0);
        turnSeries(sequence, right, step, -1.0);
      }
    }
  }
}

/**
 * y := the derivative of G x along directions of the angles, or of Gᵀ x for `inverse`: `batch` matrices X, n x m each, of these strides, which are those of y too.
 * pairs: 2 i32 a rotation; turns: (cos, sin) in f64; directions: f64 [order][count]. Without directions G x itself.
 */
export function turn_series_f64(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, turns: usize, order: i32, directions: usize, inverse: bool,
  x: usize, bs: i32, rs: i32, cs: i32, y: usize, work: usize,
): void {
  series<f64>(batch, n, m, count, pairs, turns, order, directions, inverse, x, bs, rs, cs, y, work);
}
export function turn_series_f32(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, turns: usize, order: i32, directions: usize, inverse: bool,
  x: usize, bs: i32, rs: i32, cs: i32, y: usize, work: usize,
): void {
  series<f32>(batch, n, m, count, pairs, turns, order, directions, inverse, x, bs, rs, cs, y, work);
}

/**
 * Writes the numbers s_t, f64, with Σ s_t v_t = <u, D x>, where D is the derivative of G along the directions and v; of Gᵀ for `inverse`. u and x: `batch`
 * matrices, n x m each, of these strides.
 */
export function turn_moments_f64(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, turns: usize, order: i32, directions: usize, inverse: bool,
  u: usize, x: usize, bs: i32, rs: i32, cs: i32, sums: usize, work: usize,
): void {
  moments<f64>(batch, n, m, count, pairs, turns, order, directions, inverse, u, x, bs, rs, cs, sums, work);
}
export function turn_moments_f32(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, turns: usize, order: i32, directions: usize, inverse: bool,
  u: usize, x: usize, bs: i32, rs: i32, cs: i32, sums: usize, work: usize,
): void {
  moments<f32>(batch, n, m, count, pairs, turns, order, directions, inverse, u, x, bs, rs, cs, sums, work);
}
