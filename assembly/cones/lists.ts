// The rays on either side of a row, and what is kept of them. Lists are of rays, i32, ascending.
import { include, intersect, setAt } from './bits';

/** Where the lists lie in the 4 * rays i32 at `lists`; how long they are is at `counts`, in this order. */
export const POSITIVE: usize = 0;
export const NEGATIVE: usize = 1;
export const ZERO: usize = 2;
export const KEPT: usize = 3;

/** The rays with values above the tolerance, below minus the tolerance, between the two, and all but the first: four lists, and how long each is. */
export function split<T>(rays: i32, values: usize, tolerance: T, lists: usize, counts: usize): void {
  const list: usize = <usize>rays << 2;
  let positive = lists, negative = lists + list, zero = negative + list, kept = zero + list;
  for (let k = 0; k < rays; k++) {
    const value = load<T>(values + <usize>k * sizeof<T>());
    if (value > tolerance) {
      store<i32>(positive, k);
      positive += 4;
      continue;
    }
    store<i32>(kept, k);
    kept += 4;
    if (value < -tolerance) {
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
