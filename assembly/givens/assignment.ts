// The signed permutation nearest to a matrix: rows r and columns c in pairs with the largest Σ |w_rc|, by shortest augmenting paths with
// dual variables (Jonker and Volgenant, Computing 38, 1987). Rows may change between calls: only those are assigned anew.
import { roundToLine } from '../simd/lanes';
import { rowOf } from './layout';

// @ts-ignore: decorator
@unmanaged
export class Assignment {
  d: i32;
  pitch: i32;
  W: usize;
  /** The column of each row and the row of each column, or -1, in i32. */
  columns: usize;
  rows: usize;
  /** Dual variables: u_r + v_c <= -|w_rc|, with equality for pairs. */
  u: usize;
  v: usize;
  /** Of a path: lengths, the row before each column, 0 for a column that was reached for good and else all bits; columns in order. */
  lengths: usize;
  before: usize;
  open: usize;
  reached: usize;
  /** Σ_c (w_rc - p_rc)² of each row. */
  errors: usize;
  /** Whether the error of a row has to be summed anew. */
  stale: usize;
}

const HEADER: usize = 64;

/** Bytes for the assignment of a d x d matrix. */
export function assignmentBytes(d: i32): usize {
  return HEADER + 10 * roundToLine(8 * <usize>d + 16);
}

/** Puts the parts of an assignment of W behind its header; also of one that was copied from elsewhere. */
export function placeAssignment(address: usize, W: usize, pitch: i32): Assignment {
  const a = changetype<Assignment>(address), part = roundToLine(8 * <usize>a.d + 16);
  a.W = W;
  a.pitch = pitch;
  let at = address + HEADER;
  a.columns = at;
  at += part;
  a.rows = at;
  at += part;
  a.u = at;
  at += part;
  a.v = at;
  at += part;
  a.lengths = at;
  at += part;
  a.before = at;
  at += part;
  a.open = at;
  at += part;
  a.reached = at;
  at += part;
  a.errors = at;
  at += part;
  a.stale = at;
  return a;
}

/** An assignment of the rows of W, d x d, of even pitch: none yet. */
export function beginAssignment(address: usize, d: i32, W: usize, pitch: i32): void {
  memory.fill(address, 0, assignmentBytes(d));
  changetype<Assignment>(address).d = d;
  const a = placeAssignment(address, W, pitch);
  memory.fill(a.columns, 0xff, <usize>d << 2);
  memory.fill(a.rows, 0xff, <usize>d << 2);
  memory.fill(a.stale, 1, <usize>d);
}

/** Takes note that row r has changed. */
export function changeRow(a: Assignment, r: i32): void {
  store<u8>(a.stale + <usize>r, 1);
  const c = load<i32>(a.columns + (<usize>r << 2));
  if (c < 0) return;
  store<i32>(a.columns + (<usize>r << 2), -1);
  store<i32>(a.rows + (<usize>c << 2), -1);
}

/** Lengths of the paths that go on from row i, at length `start`, and the open column at the end of the shortest one. */
function extend(a: Assignment, i: i32, start: f64): i32 {
  const d = a.d, row = rowOf(a.W, a.pitch, i), lengths = a.lengths, before = a.before;
  const offset = f64x2.splat(start - load<f64>(a.u + (<usize>i << 3))), from = f64x2.splat(<f64>i);
  const two = f64x2.splat(2.0), infinite = f64x2.splat(Infinity);
  let place = f64x2.replace_lane(f64x2.splat(0.0), 1, 1.0), least = infinite, where = f64x2.splat(-1.0);
  for (let k: usize = 0, end = <usize>d << 3; k < end; k += 16) {
    const length = f64x2.sub(f64x2.sub(offset, f64x2.abs(v128.load(row + k))), v128.load(a.v + k));
    const old = v128.load(lengths + k), open = v128.load(a.open + k);
    const shorter = v128.and(f64x2.lt(length, old), open);
    const now = v128.bitselect(length, old, shorter);
    v128.store(lengths + k, now);
    v128.store(before + k, v128.bitselect(from, v128.load(before + k), shorter));
    const free = v128.bitselect(now, infinite, open);
    const better = f64x2.lt(free, least);
    least = v128.bitselect(free, least, better);
    where = v128.bitselect(place, where, better);
    place = f64x2.add(place, two);
  }
  const first = f64x2.extract_lane(least, 0), second = f64x2.extract_lane(least, 1);
  return <i32>(first <= second ? f64x2.extract_lane(where, 0) : f64x2.extract_lane(where, 1));
}

/** Assigns row r, whose duals may be wrong, along the shortest augmenting path. */
function augment(a: Assignment, r: i32): void {
  const d = a.d, even = <usize>((d + 1) & ~1) << 3;
  for (let k: usize = 0; k < even; k += 8) store<f64>(a.lengths + k, Infinity);
  memory.fill(a.open, 0xff, <usize>d << 3);
  if ((d & 1) != 0) store<i64>(a.open + (<usize>d << 3), 0);
  let i = r, start = 0.0, count = 0, sink = -1;
  while (sink < 0) {
    const c = extend(a, i, start);
    start = load<f64>(a.lengths + (<usize>c << 3));
    store<i64>(a.open + (<usize>c << 3), 0);
    store<i32>(a.reached + (<usize>count << 2), c);
    count++;
    i = load<i32>(a.rows + (<usize>c << 2));
    if (i < 0) sink = c;
  }
  // Duals, so that what was reached stays tight.
  store<f64>(a.u + (<usize>r << 3), load<f64>(a.u + (<usize>r << 3)) + start);
  for (let k = 0; k < count; k++) {
    const c = load<i32>(a.reached + (<usize>k << 2));
    const slack = start - load<f64>(a.lengths + (<usize>c << 3));
    store<f64>(a.v + (<usize>c << 3), load<f64>(a.v + (<usize>c << 3)) - slack);
    const row = load<i32>(a.rows + (<usize>c << 2));
    if (row >= 0) store<f64>(a.u + (<usize>row << 3), load<f64>(a.u + (<usize>row << 3)) + slack);
  }
  for (let c = sink; ; ) {
    const row = <i32>load<f64>(a.before + (<usize>c << 3));
    store<i32>(a.rows + (<usize>c << 2), row);
    const next = load<i32>(a.columns + (<usize>row << 2));
    store<i32>(a.columns + (<usize>row << 2), c);
    store<u8>(a.stale + <usize>row, 1);
    if (row == r) return;
    c = next;
  }
}

/** Assigns the rows that are not. */
export function assignRows(a: Assignment): void {
  for (let r = 0; r < a.d; r++) {
    if (load<i32>(a.columns + (<usize>r << 2)) < 0) augment(a, r);
  }
}

/** Σ_c (w_rc - p_rc)² of row r. */
function measure(a: Assignment, r: i32): f64 {
  const row = rowOf(a.W, a.pitch, r), c = load<i32>(a.columns + (<usize>r << 2));
  const own = load<f64>(row + (<usize>c << 3));
  store<f64>(row + (<usize>c << 3), 0.0);
  let sum = f64x2.splat(0.0);
  for (let k: usize = 0, end = <usize>a.d << 3; k < end; k += 16) {
    const x = v128.load(row + k);
    sum = f64x2.add(sum, f64x2.mul(x, x));
  }
  store<f64>(row + (<usize>c << 3), own);
  const rest = abs(own) - 1.0;
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1) + rest * rest;
}

/** ‖W - P‖_F for the nearest signed permutation P: a norm of differences, which is right near 0 where a difference of norms is not. */
export function distance(a: Assignment): f64 {
  assignRows(a);
  let sum = 0.0;
  for (let r = 0; r < a.d; r++) {
    if (load<u8>(a.stale + <usize>r)) {
      store<f64>(a.errors + (<usize>r << 3), measure(a, r));
      store<u8>(a.stale + <usize>r, 0);
    }
    sum += load<f64>(a.errors + (<usize>r << 3));
  }
  return Math.sqrt(sum);
}

/** Writes P of the last distance: of column c the row and the sign of its entry. */
export function writePermutation(a: Assignment, permutation: usize, signs: usize): void {
  for (let c = 0; c < a.d; c++) {
    const r = load<i32>(a.rows + (<usize>c << 2));
    store<i32>(permutation + (<usize>c << 2), r);
    store<f64>(signs + (<usize>c << 3), load<f64>(rowOf(a.W, a.pitch, r) + (<usize>c << 3)) < 0.0 ? -1.0 : 1.0);
  }
}
