// New edges: pairs of rays on the row that was just inserted, adjacent if no third ray has all rows that the two have in common. With one ray r
// fixed, that is: r's neighbours have the largest sets of rows in common with r, and only sets with more rows than dimension - 2 can have another within.
// A ray with but dimension - 1 rows is on independent ones, so that any dimension - 2 of them leave an edge.
import { countCommon, countOf, includes, intersect, isSubset, setAt } from '../bits';
import { cutOf, storeEdge, takeEdge } from './edges';
import { cutBy, gathered, gatheredCut, largest, live, setOf, shared, sharedOf, sizes } from './rays';
import { CURSOR, cutting, dimension, EDGES_FREE, get, INSIDE, intAt, LIVE, OLD, places, putInt, set, WANTED, words } from './state';

/** How many rays lie strictly inside, on the row, and on it before it was inserted. */
let inside: i32 = 0;
let count: i32 = 0;
let old: i32 = 0;
/** The rays that share rows with the ray at hand, and those of them with the largest sets of more than dimension - 2. */
let sharing: i32 = 0;
let maximal: i32 = 0;
let witness: i32 = 0;

// @ts-ignore: decorator
@inline
function slotAt(index: i32): i32 {
  return intAt(live, inside + index);
}

/** The sets of the rays on the row, of those rows that cut something off. */
function gather(): void {
  for (let i = 0; i < count; i++) {
    const slot = slotAt(i);
    intersect(setAt(gathered, words, i), setOf(slot), cutting, words);
    putInt(gatheredCut, i, intAt(cutBy, slot));
  }
}

/** Rays from `from` to `to - 1` with at least `least` rows in common with a set. */
function collect(rows: usize, from: i32, to: i32, least: i32): void {
  if (words == 1) {
    const bits = load<u64>(rows);
    for (let i = from; i < to; i++) {
      const both = bits & load<u64>(gathered + (<usize>i << 3)), size = <i32>popcnt<u64>(both);
      if (size < least) continue;
      store<u64>(shared + (<usize>sharing << 3), both);
      putInt(sharedOf, sharing, i);
      putInt(sizes, sharing++, size);
    }
    return;
  }
  for (let i = from; i < to; i++) {
    const other = setAt(gathered, words, i), size = countCommon(rows, other, words);
    if (size < least) continue;
    intersect(setAt(shared, words, sharing), rows, other, words);
    putInt(sharedOf, sharing, i);
    putInt(sizes, sharing++, size);
  }
}

/** Whether an edge to a ray would be of use: it is cut off later, and the ray at hand by a row that the other one lies strictly inside of. */
// @ts-ignore: decorator
@inline
function isOfUse(cut: i32, other: i32): bool {
  return intAt(gatheredCut, other) > cut && !includes(setOf(slotAt(other)), cut);
}

/** Whether a set is within one of the largest; the one that had the last is tried first. */
function isCovered(rows: usize): bool {
  if (maximal == 0) return false;
  if (isSubset(rows, setAt(largest, words, witness), words)) return true;
  for (let k = 0; k < maximal; k++) {
    if (!isSubset(rows, setAt(largest, words, k), words)) continue;
    witness = k;
    return true;
  }
  return false;
}

/** Of the sets with more than dimension - 2 rows, the largest: by falling size. */
function findLargest(): void {
  let top = 0;
  maximal = 0;
  witness = 0;
  for (let c = 0; c < sharing; c++) top = max(top, intAt(sizes, c));
  for (let size = top; size > dimension - 2; size--) {
    for (let c = 0; c < sharing; c++) {
      if (intAt(sizes, c) != size) continue;
      const rows = setAt(shared, words, c);
      if (isCovered(rows)) {
        putInt(sizes, c, 0);
        continue;
      }
      memory.copy(setAt(largest, words, maximal++), rows, <usize>words << 3);
    }
  }
}

/** Whether two rays that were on the row before were adjacent before: then no ray inside has the rows that they have in common but this one. */
function wereAdjacent(rows: usize, place: i32): bool {
  const word = rows + ((<usize>place >> 6) << 3), bit = <u64>1 << (<u64>place & 63);
  store<u64>(word, load<u64>(word) & ~bit);
  let isWitnessed = false;
  for (let i = 0; i < inside && !isWitnessed; i++) isWitnessed = isSubset(rows, setOf(intAt(live, i)), words);
  store<u64>(word, load<u64>(word) | bit);
  return !isWitnessed;
}

/** Stores the edges from ray `index` that are of use; false if there may not be room for them. */
function link(index: i32, place: i32): bool {
  const cut = intAt(gatheredCut, index);
  if (cut == places) return true;
  const rows = setAt(gathered, words, index), slot = slotAt(index);
  sharing = 0;
  collect(rows, 0, index, dimension - 2);
  collect(rows, index + 1, count, dimension - 2);
  let useful = 0;
  for (let c = 0; c < sharing; c++) if (isOfUse(cut, intAt(sharedOf, c))) useful++;
  if (useful == 0) return true;
  if (useful > get(EDGES_FREE)) {
    set(WANTED, useful);
    return false;
  }
  const isSimple = countOf(rows, words) == dimension - 1;
  maximal = 0;
  if (!isSimple) findLargest();
  for (let c = 0; c < sharing; c++) {
    const other = intAt(sharedOf, c), size = intAt(sizes, c), both = setAt(shared, words, c);
    if (size == 0 || !isOfUse(cut, other)) continue;
    if (size == dimension - 2 && maximal > 0) {
      if (countOf(setAt(gathered, words, other), words) > dimension - 1 && isCovered(both)) continue;
    }
    if (index < old && other < old && wereAdjacent(both, place)) continue;
    storeEdge(takeEdge(), slot, slotAt(other), cut);
  }
  return true;
}

/** Stores the edges among the rays on the row of a place; false if they need more room, to go on where it stopped. */
export function linkRays(place: i32): bool {
  inside = get(INSIDE);
  count = get(LIVE) - inside;
  old = get(OLD);
  gather();
  for (let index = get(CURSOR); index < count; index++) {
    if (link(index, place)) continue;
    set(CURSOR, index);
    return false;
  }
  return true;
}
