// The rays on either side of a row, and what is kept of them. Lists are of rays, i32, ascending.
import { include, intersect, setAt } from './bits';

/**
 * The rays with positive values, with negative ones, with 0, and all but the first: four lists, each at its multiple of `rays`, and how long each is.
 */
export function split(rays: i32, values: usize, lists: usize, counts: usize): void {
  const list: usize = <usize>rays << 2;
  let positive = lists, negative = lists + list, zero = negative + list, kept = zero + list;
  for (let k = 0; k < rays; k++) {
    const value = load<i64>(values + (<usize>k << 3));
    if (value > 0) {
      store<i32>(positive, k);
      positive += 4;
      continue;
    }
    store<i32>(kept, k);
    kept += 4;
    if (value < 0) {
      store<i32>(negative, k);
      negative += 4;
    } else {
      store<i32>(zero, k);
      zero += 4;
    }
  }
  store<i32>(counts, <i32>(positive - lists) >> 2);
  store<i32>(counts, <i32>(negative - lists - list) >> 2, 4);
  store<i32>(counts, <i32>(zero - lists - 2 * list) >> 2, 8);
  store<i32>(counts, <i32>(kept - lists - 3 * list) >> 2, 12);
}

/** Copies sets with only those of their rows that are in `mask`. */
export function maskSets(words: i32, sets: usize, count: i32, mask: usize, to: usize): void {
  for (let k = 0; k < count; k++) intersect(setAt(to, words, k), setAt(sets, words, k), mask, words);
}

/** Puts a row into the sets of the rays of a list. */
export function includeRow(words: i32, sets: usize, list: usize, count: i32, row: i32): void {
  for (let k = 0; k < count; k++) include(setAt(sets, words, load<i32>(list + (<usize>k << 2))), row);
}

/** The set of a ray between two adjacent ones: what these have in common, and the row between them. One for each pair. */
export function joinSets(words: i32, sets: usize, pairs: usize, count: i32, row: i32, to: usize): void {
  for (let k = 0; k < count; k++) {
    const pair = pairs + (<usize>k << 3), set = setAt(to, words, k);
    intersect(set, setAt(sets, words, load<i32>(pair)), setAt(sets, words, load<i32>(pair, 4)), words);
    include(set, row);
  }
}

/** Moves the records of a list to the front, in place, and `more` records from `first` on behind them. */
export function keepRecords(bytes: i32, records: usize, list: usize, count: i32, first: i32, more: i32): void {
  const size = <usize>bytes;
  let k = 0;
  while (k < count && load<i32>(list + (<usize>k << 2)) == k) k++;
  for (; k < count; k++) {
    memory.copy(records + <usize>k * size, records + <usize>load<i32>(list + (<usize>k << 2)) * size, size);
  }
  memory.copy(records + <usize>count * size, records + <usize>first * size, <usize>more * size);
}
