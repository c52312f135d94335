// What leaves the module: searches for rotations, and how far they come. Nothing is checked here.
import { unwrapped } from '../simd/lanes';
import { Assignment, assignmentBytes, beginAssignment, changeRow, distance, placeAssignment, writePermutation } from './assignment';
import { choosePairs, findRows, findRowsAgain } from './choose';
import { eliminate } from './elimination';
import { boundPairs, floorOf, forget, noteRow } from './gains';
import { beginJacobi, Jacobi, jacobiBytes, jacobiTurn, offDiagonal } from './jacobi';
import { matrixBytes, pitchOf, rowOf } from './layout';
import { refineSweep } from './refine';
import { beginSearch, placeSearch, scratchBytes, Search, searchBytes } from './search';
import { turnRows } from './turn';

/** Elements from one row to the next of the d x d matrices that these kernels work in. */
export function givens_pitch(d: i32): i32 {
  return pitchOf(d);
}

/** Bytes of such a matrix. */
export function givens_matrix_work(d: i32): usize {
  return unwrapped(matrixBytes(d), 8 * <f64>d * <f64>d);
}

/** Rows i and j of a matrix of this module under (x, y) := (c x - s y, s x + c y). */
export function givens_turn_f64(d: i32, matrix: usize, i: i32, j: i32, c: f64, s: f64): void {
  const pitch = pitchOf(d);
  turnRows((d + 1) & ~1, rowOf(matrix, pitch, i), rowOf(matrix, pitch, j), c, s);
}

/** Bytes of a search for pairs of rows of a d x d matrix. */
export function pair_search_work(d: i32): usize {
  return unwrapped(searchBytes(d), 16 * <f64>d * <f64>d);
}

/** Bytes of scratch of a thread that bounds gains. */
export function pair_bounds_work(d: i32): usize {
  return scratchBytes(d);
}

/**
 * A search that starts from U, d x d, dense, finite. criterion: 0 lowers the L1 norm, 1 raises the trace. Then the gains of all pairs have to be
 * bounded, and `pair_ready` to be called.
 */
export function pair_begin_f64(search: usize, d: i32, criterion: i32, U: usize): void {
  beginSearch(search, d, criterion, U);
  const state = changetype<Search>(search);
  for (let i = 0; i < d; i++) noteRow(state, i);
}

/** To be called when the state has been copied from elsewhere. */
export function pair_moved(search: usize): void {
  placeSearch(search);
}

/** The address of U_k, d x d of the module's pitch. */
export function pair_matrix(search: usize): usize {
  return changetype<Search>(search).U;
}

/**
 * Bounds the gains of the pairs of row p, or for q >= 0 of rows p and q, p < q, with the rows from `from` to `to`; with each other too where `from` is 0.
 * Stores at `closer`, in i32, how many needed the closer bound. `work`: scratch of the thread.
 */
export function pair_bounds_f64(search: usize, p: i32, q: i32, from: i32, to: i32, floor: f64, work: usize, closer: usize): void {
  const state = changetype<Search>(search);
  let count = 0;
  // A block of rows at a time, so that it is read once.
  for (let start = from; start < to; start += 16) {
    const end = min(to, start + 16);
    count += boundPairs(state, p, start, end, q, floor, work);
    if (q >= 0) count += boundPairs(state, q, start, end, p, floor, work);
  }
  if (q >= 0 && from == 0) count += boundPairs(state, p, q, q + 1, p, floor, work);
  store<i32>(closer, count);
}

/** Bounds the gains of all pairs, or of the part number `part` of `parts`. */
export function pair_bounds_all_f64(search: usize, part: i32, parts: i32, floor: f64, work: usize, closer: usize): void {
  const state = changetype<Search>(search);
  let count = 0;
  for (let p = part; p < state.d; p += parts) count += boundPairs(state, p, p + 1, state.d, -1, floor, work);
  store<i32>(closer, count);
}

/** Takes note of so many pairs whose gains were bounded, of which `closer` needed the closer bound. */
export function pair_note(search: usize, pairs: i32, closer: i32): void {
  const state = changetype<Search>(search);
  state.pairs += <f64>pairs;
  state.bounded += <f64>closer;
  state.rounds++;
  // Looked at again at times: matrices become sparse.
  state.looksAtLengths = <f64>closer < 0.9375 * <f64>pairs || (state.rounds & 31) == 0;
}

/** Finds the largest gain of each row, when all have been bounded. */
export function pair_ready(search: usize): void {
  findRows(changetype<Search>(search));
}

/** Turns rows i and j, i < j, and forgets what was known of them. The gains of their pairs have to be bounded again. Returns the floor for that. */
export function pair_turn_f64(search: usize, i: i32, j: i32, c: f64, s: f64): f64 {
  const state = changetype<Search>(search);
  turnRows((state.d + 1) & ~1, state.row(i), state.row(j), c, s);
  noteRow(state, i);
  noteRow(state, j);
  forget(state, i, j);
  return floorOf(state);
}

/** The largest gain of each row again, after new gains of the pairs of i and j, i < j. */
export function pair_update(search: usize, i: i32, j: i32): void {
  findRowsAgain(changetype<Search>(search), i, j);
}

/**
 * Writes up to `limit` pairs that gain most, best first, 32 bytes each: i and j in i32, gain, cosine and sine; `disjoint`: no two of them share a row.
 * Returns how many gain more than rounding.
 */
export function pair_choose_f64(search: usize, limit: i32, disjoint: bool, to: usize): i32 {
  return choosePairs(changetype<Search>(search), limit, disjoint, to);
}

/** Writes three doubles: how many pairs were looked at, how many by intervals, and how many were evaluated. */
export function pair_counts(search: usize, to: usize): void {
  const state = changetype<Search>(search);
  store<f64>(to, state.pairs);
  store<f64>(to, state.bounded, 8);
  store<f64>(to, state.evaluated, 16);
}

/** Bytes of an assignment of a d x d matrix. */
export function assignment_work(d: i32): usize {
  return assignmentBytes(d);
}

/** An assignment of the rows of W, d x d of this pitch, even, to its columns: none as yet. */
export function assignment_begin(assignment: usize, d: i32, W: usize, pitch: i32): void {
  beginAssignment(assignment, d, W, pitch);
}

/** To be called when an assignment, or its matrix, has been copied from elsewhere. */
export function assignment_moved(assignment: usize, W: usize, pitch: i32): void {
  placeAssignment(assignment, W, pitch);
}

/** Takes note that a row of W has changed. */
export function assignment_change(assignment: usize, row: i32): void {
  changeRow(changetype<Assignment>(assignment), row);
}

/** ‖W - P‖_F for the nearest signed permutation P. */
export function assignment_distance_f64(assignment: usize): f64 {
  return distance(changetype<Assignment>(assignment));
}

/** Writes P: for each column the row (i32) and the sign (f64) of its entry. */
export function assignment_permutation(assignment: usize, permutation: usize, signs: usize): void {
  writePermutation(changetype<Assignment>(assignment), permutation, signs);
}

/** Turns rows r and c of W, of this module's pitch, whose columns before c hold 0 there, so that w_rc becomes 0; writes cosine and sine. */
export function eliminate_f64(d: i32, W: usize, r: i32, c: i32, turn: usize): void {
  eliminate(d, pitchOf(d), W, r, c, turn);
}

/** Bytes of Jacobi's method for a d x d matrix. */
export function jacobi_work(d: i32): usize {
  return unwrapped(jacobiBytes(d), 8 * <f64>d * <f64>d);
}

/** Jacobi's method for S, d x d, dense, of which the symmetric part counts. */
export function jacobi_begin_f64(state: usize, d: i32, S: usize): void {
  beginJacobi(state, d, S);
}

/** Makes the largest entry beside the diagonal 0, unless none exceeds `noise`, for which it returns false. Writes i and j in i32, cosine and sine. */
export function jacobi_turn_f64(state: usize, noise: f64, turn: usize): bool {
  const jacobi = changetype<Jacobi>(state);
  if (!jacobiTurn(jacobi, noise)) return false;
  store<i32>(turn, jacobi.i);
  store<i32>(turn, jacobi.j, 4);
  store<f64>(turn, jacobi.cosine, 8);
  store<f64>(turn, jacobi.sine, 16);
  return true;
}

/** Σ s_ij² beside the diagonal. */
export function jacobi_off_f64(state: usize): f64 {
  return offDiagonal(changetype<Jacobi>(state));
}

/** Writes the diagonal. */
export function jacobi_diagonal_f64(state: usize, to: usize): void {
  const jacobi = changetype<Jacobi>(state);
  for (let i = 0; i < jacobi.d; i++)
    store<f64>(to + (<usize>i << 3), load<f64>(rowOf(jacobi.S, jacobi.pitch, i) + (<usize>i << 3)));
}

/** One sweep over all angles; see refine.ts. */
export function refine_sweep_f64(d: i32, X: usize, count: i32, pairs: usize, turns: usize): f64 {
  return refineSweep(d, pitchOf(d), X, count, pairs, turns);
}
