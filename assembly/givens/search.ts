// The state of a search over pairs of rows, and where its parts lie.
import { roundToLine, roundUp } from '../simd/lanes';
import { sweepBytes } from './best-angle';
import { matrixBytes, pitchOf, rowOf } from './layout';
import { DIRECTION_BYTES, INTERVAL_BYTES, writeDirections } from './pair-bounds';

/** Criteria: 'l1' lowers the L1 norm, 'greedy' raises the trace. */
export const L1: i32 = 0;
export const TRACE: i32 = 1;

/** What is known of a pair: a bound of its gain from lengths, one from intervals, or the gain. */
export const LENGTHS: u8 = 0;
export const BY_INTERVALS: u8 = 1;
export const EXACT: u8 = 2;

/** Pairs whose gain is known, of which the best is the floor that bounds are compared with. */
export const KNOWN: i32 = 64;

// @ts-ignore: decorator
@unmanaged
export class Search {
  d: i32;
  pitch: i32;
  criterion: i32;
  /** Whether the cheaper bound is looked at first: of dense matrices it excludes nothing. */
  looksAtLengths: bool;
  /** Elements of a row that kernels pass over: d, and zeros. */
  length: i32;
  /** U_k, of d rows, and the same in f32, of the same pitch. */
  U: usize;
  short: usize;
  /** For i < j, at i d + j, what the pair gains at most, and in `levels` what kind of number that is. */
  gains: usize;
  levels: usize;
  /** L1 norms of rows. */
  norms: usize;
  /** The largest gain of each row, the column at which it first lies, and whether the row is left out of a choice. */
  rowGains: usize;
  rowColumns: usize;
  taken: usize;
  /** Pairs with EXACT gains, and their number. */
  known: usize;
  knownCount: i32;
  directions: usize;
  work: usize;
  /** Choices so far. */
  rounds: i32;
  /** Counts: pairs that were looked at, those that took a bound by intervals, and those that were evaluated. */
  pairs: f64;
  bounded: f64;
  evaluated: f64;

  /** The address of row i. */
  // @ts-ignore: decorator
  @inline
  row(i: i32): usize {
    return rowOf(this.U, this.pitch, i);
  }

  /** The address of row i in f32. */
  // @ts-ignore: decorator
  @inline
  shortRow(i: i32): usize {
    return this.short + <usize>i * <usize>this.pitch * 4;
  }

  /** Where the gain of the pair (i, j), i < j, lies. */
  // @ts-ignore: decorator
  @inline
  place(i: i32, j: i32): usize {
    return <usize>i * <usize>this.d + <usize>j;
  }

  /** What in a gain of this pair may be rounding: sums of d numbers, at least as many as 64. */
  // @ts-ignore: decorator
  @inline
  noise(i: i32, j: i32): f64 {
    return this.criterion == L1
      ? (load<f64>(this.norms + (<usize>i << 3)) + load<f64>(this.norms + (<usize>j << 3))) * <f64>max(this.d, 64) * 4.440892098500626e-16
      : 1e-30;
  }
}

const HEADER: usize = 192;

/** Bytes of scratch of one thread. */
export function scratchBytes(d: i32): usize {
  return roundToLine(sweepBytes(roundUp(d, 16)) + INTERVAL_BYTES);
}

/** Bytes of a search. */
export function searchBytes(d: i32): usize {
  const n = <usize>d;
  return HEADER + matrixBytes(d) + (matrixBytes(d) >> 1) + roundToLine(8 * n * n) + roundToLine(n * n) + 4 * roundToLine(8 * n) + 8 * KNOWN + roundToLine(DIRECTION_BYTES) + scratchBytes(d);
}

/** Puts the parts of a search behind its header; also of one that was copied from elsewhere. */
export function placeSearch(address: usize): Search {
  const search = changetype<Search>(address), d = search.d, n = <usize>d;
  search.pitch = pitchOf(d);
  search.length = roundUp(d, 16);
  let at = address + HEADER;
  search.U = at;
  at += matrixBytes(d);
  search.short = at;
  at += matrixBytes(d) >> 1;
  search.gains = at;
  at += roundToLine(8 * n * n);
  search.levels = at;
  at += roundToLine(n * n);
  search.norms = at;
  at += roundToLine(8 * n);
  search.rowGains = at;
  at += roundToLine(8 * n);
  search.rowColumns = at;
  at += roundToLine(8 * n);
  search.taken = at;
  at += roundToLine(8 * n);
  search.known = at;
  at += 8 * KNOWN;
  search.directions = at;
  at += roundToLine(DIRECTION_BYTES);
  search.work = at;
  return search;
}

/** A search that starts from U, d x d, dense. */
export function beginSearch(address: usize, d: i32, criterion: i32, U: usize): void {
  memory.fill(address, 0, searchBytes(d) - scratchBytes(d));
  const search = changetype<Search>(address);
  search.d = d;
  search.criterion = criterion;
  search.looksAtLengths = true;
  placeSearch(address);
  for (let i = 0; i < d; i++) memory.copy(search.row(i), U + <usize>i * <usize>d * 8, <usize>d * 8);
  writeDirections(search.directions);
}
