// Sets of rows as bits: one word of 64 bits for up to 64 rows, an even number of words for more. Bits are counted word by word: x64 has an
// instruction for that, but none for 16 bytes, where counting takes 1.4 times as long.

/** Words of a set over this many rows. */
export function wordsFor(rows: i32): i32 {
  return rows <= 64 ? 1 : 2 * ((rows + 127) >> 7);
}

/** The set of ray `index`; sets lie one behind the other. */
@inline
export function setAt(sets: usize, words: i32, index: i32): usize {
  return sets + ((<usize>index * <usize>words) << 3);
}

/** Puts a row into a set. */
export function include(set: usize, row: i32): void {
  const word = set + ((<usize>row >> 6) << 3);
  store<u64>(word, load<u64>(word) | (<u64>1 << (<u64>row & 63)));
}

/** Whether a row is in a set. */
export function includes(set: usize, row: i32): bool {
  return ((load<u64>(set + ((<usize>row >> 6) << 3)) >> (<u64>row & 63)) & 1) != 0;
}

/** The number of rows in a set. */
@inline
export function countOf(set: usize, words: i32): i32 {
  let count = popcnt<u64>(load<u64>(set));
  for (let k = 1; k < words; k++) count += popcnt<u64>(load<u64>(set + (<usize>k << 3)));
  return <i32>count;
}

/** The number of rows in both of two sets. */
@inline
export function countCommon(a: usize, b: usize, words: i32): i32 {
  let count = popcnt<u64>(load<u64>(a) & load<u64>(b));
  for (let k = 1; k < words; k++) {
    const at = <usize>k << 3;
    count += popcnt<u64>(load<u64>(a + at) & load<u64>(b + at));
  }
  return <i32>count;
}

/** to := the rows in both a and b. */
@inline
export function intersect(to: usize, a: usize, b: usize, words: i32): void {
  store<u64>(to, load<u64>(a) & load<u64>(b));
  for (let k = 1; k < words; k++) {
    const at = <usize>k << 3;
    store<u64>(to + at, load<u64>(a + at) & load<u64>(b + at));
  }
}

/** Whether all rows of a are in b. */
@inline
export function isSubset(a: usize, b: usize, words: i32): bool {
  if (words == 1) return (load<u64>(a) & ~load<u64>(b)) == 0;
  for (let k = 0; k < words; k += 2) {
    const at = <usize>k << 3;
    if (v128.any_true(v128.andnot(v128.load(a + at), v128.load(b + at)))) return false;
  }
  return true;
}
