// The pairs that gain most, exactly: the largest bound is looked at more closely until it is a gain. Of equal gains the first pair in
// lexicographic order counts.
import { cosine, evaluate, gainOf, sine } from './gains';
import { EXACT, Search } from './search';

/** A pair that was chosen: i and j in i32, its gain, cosine and sine. */
export const CHOICE_BYTES: usize = 32;

// @ts-ignore: decorator
@inline
function setRow(search: Search, i: i32, gain: f64, column: i32): void {
  store<f64>(search.rowGains + (<usize>i << 3), gain);
  store<i32>(search.rowColumns + (<usize>i << 2), column);
}

// @ts-ignore: decorator
@inline
function isTaken(search: Search, i: i32): bool {
  return load<u8>(search.taken + <usize>i) != 0;
}

/** Finds the largest gain of row i and where it first lies, among rows that are not taken. */
export function findRow(search: Search, i: i32, someTaken: bool): void {
  const d = search.d;
  let most = -1.0, column = i;
  if (!(someTaken && isTaken(search, i))) {
    const gains = search.gains + (search.place(i, 0) << 3);
    if (someTaken) {
      for (let j = i + 1; j < d; j++) {
        const gain = load<f64>(gains + (<usize>j << 3));
        if (gain > most && !isTaken(search, j)) {
          most = gain;
          column = j;
        }
      }
    } else {
      // The largest first, then its place.
      let j = i + 1;
      let pairs = f64x2.splat(-1.0), others = pairs;
      for (; j + 3 < d; j += 4) {
        pairs = f64x2.pmax(pairs, v128.load(gains + (<usize>j << 3)));
        others = f64x2.pmax(others, v128.load(gains + (<usize>j << 3), 16));
      }
      pairs = f64x2.pmax(pairs, others);
      most = max(f64x2.extract_lane(pairs, 0), f64x2.extract_lane(pairs, 1));
      for (; j < d; j++) most = max(most, load<f64>(gains + (<usize>j << 3)));
      if (most >= 0.0) {
        column = i + 1;
        while (load<f64>(gains + (<usize>column << 3)) != most) column++;
      }
    }
  }
  setRow(search, i, most, column);
}

/** After new gains of the pairs with row p or q, p < q: the largest of each row. */
export function findRowsAgain(search: Search, p: i32, q: i32): void {
  for (let r = 0; r < q; r++) {
    const column = load<i32>(search.rowColumns + (<usize>r << 2));
    if (r == p || column == p || column == q) {
      findRow(search, r, false);
      continue;
    }
    for (let k = 0; k < 2; k++) {
      const j = k == 0 ? p : q;
      if (j <= r) continue;
      const gain = load<f64>(search.gains + (search.place(r, j) << 3)), most = load<f64>(search.rowGains + (<usize>r << 3));
      if (gain > most || (gain == most && j < load<i32>(search.rowColumns + (<usize>r << 2)))) setRow(search, r, gain, j);
    }
  }
  findRow(search, q, false);
}

/** The largest of each row, anew. */
export function findRows(search: Search): void {
  for (let i = 0; i < search.d; i++) findRow(search, i, false);
}

/** The row of the best pair, whose gain is known when this returns; -1 where none gains more than rounding. */
function bestRow(search: Search, someTaken: bool): i32 {
  const d = search.d;
  let best = -1, isKnown = false;
  while (!isKnown) {
    let most = 0.0, i = -1;
    for (let r = 0; r < d; r++) {
      const gain = load<f64>(search.rowGains + (<usize>r << 3));
      if (gain > most) {
        most = gain;
        i = r;
      }
    }
    if (i < 0) break;
    const j = load<i32>(search.rowColumns + (<usize>i << 2));
    const place = search.place(i, j);
    if (load<u8>(search.levels + place) == EXACT) {
      isKnown = true;
      if (most > search.noise(i, j)) best = i;
    } else {
      evaluate(search, i, j);
      findRow(search, i, someTaken);
    }
  }
  return best;
}

/** Writes up to `limit` pairs, best first; with `disjoint`, no two of them share a row. Returns how many there are. */
export function choosePairs(search: Search, limit: i32, disjoint: bool, to: usize): i32 {
  const d = search.d;
  let count = 0;
  while (count < limit) {
    const i = bestRow(search, disjoint && count > 0);
    if (i < 0) break;
    const j = load<i32>(search.rowColumns + (<usize>i << 2)), place = search.gains + (search.place(i, j) << 3);
    const choice = to + <usize>count * CHOICE_BYTES;
    store<i32>(choice, i);
    store<i32>(choice, j, 4);
    store<f64>(choice, load<f64>(place), 8);
    gainOf(search, i, j);
    store<f64>(choice, cosine, 16);
    store<f64>(choice, sine, 24);
    count++;
    if (count == limit) break;
    // So that the next best is found.
    if (disjoint) {
      store<u8>(search.taken + <usize>i, 1);
      store<u8>(search.taken + <usize>j, 1);
      for (let r = 0; r < d; r++) {
        const column = load<i32>(search.rowColumns + (<usize>r << 2));
        if (r == i || r == j || column == i || column == j) findRow(search, r, true);
      }
    } else {
      store<f64>(place, -1.0);
      findRow(search, i, false);
    }
  }
  if (count > 0 && disjoint) {
    memory.fill(search.taken, 0, <usize>d);
    findRows(search);
  } else if (!disjoint) {
    for (let k = 0; k < count; k++) {
      const choice = to + <usize>k * CHOICE_BYTES, i = load<i32>(choice), j = load<i32>(choice, 4);
      store<f64>(search.gains + (search.place(i, j) << 3), load<f64>(choice, 8));
      findRow(search, i, false);
    }
  }
  return count;
}
