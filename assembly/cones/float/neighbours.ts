// New edges: pairs of rays on the row that was just inserted, adjacent if no third ray has all rows that the two have in common. With one ray r
// fixed, that is: r's neighbours have the largest sets of rows in common with r, and only sets with more rows than dimension - 2 can have another within.
// A ray with but dimension - 1 rows, a simple one, is on independent ones, so that any dimension - 2 of them leave an edge.
import { countCommon, countOf, includes, intersect, isSubset, setAt } from '../bits';
import { storeEdge, takeEdge } from './edges';
import { cutBy, free, gathered, gatheredCut, largest, listed, live, setOf, shared, sharedOf, sizes } from './rays';
import { isWorthATable, linkSimple } from './simple';
import { CURSOR, cutting, dimension, EDGES_FREE, endsAt, get, INSIDE, intAt, LIVE, OLD, places, putInt, RAYS_FREE, set, WANTED, words } from './state';

/** How many rays lie strictly inside, on the row, on it before it was inserted; and on it without being simple, which come first. */
let inside: i32 = 0;
let count: i32 = 0;
let old: i32 = 0;
let degenerate: i32 = 0;
/** The rays that share rows with the ray at hand, and those of them with the largest sets of more than dimension - 2. */
let sharing: i32 = 0;
let maximal: i32 = 0;
let witness: i32 = 0;
/** Sizes of the sets that are shared, a bit each, all beyond 63 in one. */
let sizesSeen: u64 = 0;

// @ts-ignore: decorator
@inline
function slotAt(index: i32): i32 {
  return intAt(live, inside + index);
}

/** The sets of the rays on the row, of those rows that cut something off; simple rays go to the end. Returns how many of these are cut off later. */
function gather(): i32 {
  let simple = 0, cutLater = 0;
  degenerate = 0;
  for (let i = 0; i < count; i++) {
    const slot = slotAt(i), to = setAt(gathered, words, degenerate);
    intersect(to, setOf(slot), cutting, words);
    if (countOf(to, words) == dimension - 1) putInt(listed, simple++, slot);
    else {
      putInt(live, inside + degenerate, slot);
      putInt(gatheredCut, degenerate++, intAt(cutBy, slot));
    }
  }
  for (let i = 0; i < simple; i++) {
    const slot = intAt(listed, i), at = degenerate + i, cut = intAt(cutBy, slot);
    putInt(live, inside + at, slot);
    intersect(setAt(gathered, words, at), setOf(slot), cutting, words);
    putInt(gatheredCut, at, cut);
    if (cut < places) cutLater++;
  }
  return cutLater;
}

/** Rays from `from` to `to - 1` with at least `least` rows in common with a set. */
function collect(rows: usize, from: i32, to: i32, least: i32): void {
  if (words == 1) {
    const bits = load<u64>(rows);
    for (let i = from; i < to; i++) {
      const both = bits & load<u64>(gathered + (<usize>i << 3)), size = <i32>popcnt<u64>(both);
      if (size < least) continue;
      store<u64>(shared + (<usize>sharing << 3), both);
      note(i, size);
    }
    return;
  }
  for (let i = from; i < to; i++) {
    const other = setAt(gathered, words, i), size = countCommon(rows, other, words);
    if (size < least) continue;
    intersect(setAt(shared, words, sharing), rows, other, words);
    note(i, size);
  }
}

// @ts-ignore: decorator
@inline
function note(ray: i32, size: i32): void {
  putInt(sharedOf, sharing, ray);
  putInt(sizes, sharing++, size);
  sizesSeen |= <u64>1 << <u64>min(size, 63);
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
  if (words == 1) return isCoveredWord(load<u64>(rows));
  for (let k = 0; k < maximal; k++) {
    if (!isSubset(rows, setAt(largest, words, k), words)) continue;
    witness = k;
    return true;
  }
  return false;
}

/** The same for sets of one word, four at a time; behind the last of the largest lie copies of it. */
function isCoveredWord(rows: u64): bool {
  const set = i64x2.splat(rows), none = i64x2.splat(0);
  for (let k = 0; k < maximal; k += 4) {
    const at = largest + (<usize>k << 3);
    const a = i64x2.eq(v128.andnot(set, v128.load(at)), none);
    const b = i64x2.eq(v128.andnot(set, v128.load(at, 16)), none);
    if (!v128.any_true(v128.or(a, b))) continue;
    witness = min(k + (v128.any_true(a) ? 0 : 2), maximal - 1);
    if ((rows & ~load<u64>(largest + (<usize>witness << 3))) != 0) witness = min(witness + 1, maximal - 1);
    return true;
  }
  return false;
}

/** Adds a set to the largest. */
// @ts-ignore: decorator
@inline
function addLargest(rows: usize): void {
  if (words == 1) {
    const set = i64x2.splat(load<u64>(rows)), at = largest + (<usize>maximal << 3);
    v128.store(at, set);
    v128.store(at, set, 16);
  } else memory.copy(setAt(largest, words, maximal), rows, <usize>words << 3);
  maximal++;
}

/** Of the sets with more than dimension - 2 rows, the largest: by falling size. */
function findLargest(): void {
  let top = 63 - <i32>clz<u64>(sizesSeen);
  witness = 0;
  if (top == 63) for (let c = 0; c < sharing; c++) top = max(top, intAt(sizes, c));
  for (let size = top; size > dimension - 2; size--) {
    if (!(sizesSeen & (<u64>1 << <u64>min(size, 63)))) continue;
    for (let c = 0; c < sharing; c++) {
      if (intAt(sizes, c) != size) continue;
      const rows = setAt(shared, words, c);
      if (isCovered(rows)) {
        putInt(sizes, c, 0);
        continue;
      }
      addLargest(rows);
    }
  }
}

/**
 * Whether two rays that were on the row before were adjacent before. If not, they are opposite corners of a face of dimension 3, which the row cuts, so that it
 * has rays on either side of the row: with all rows that the two have in common but this one.
 */
function wereAdjacent(rows: usize, size: i32, place: i32): bool {
  // Too few rows are left.
  if (size == dimension - 2) return false;
  const outside = intAt(endsAt, place), isOutside = outside < inside;
  // The slots of the rays outside were the last to be given back.
  const list = isOutside ? free + (<usize>(get(RAYS_FREE) - outside) << 2) : live;
  const many = isOutside ? outside : inside;
  const word = rows + ((<usize>place >> 6) << 3), bit = <u64>1 << (<u64>place & 63);
  store<u64>(word, load<u64>(word) & ~bit);
  let isWitnessed = false;
  for (let i = 0; i < many && !isWitnessed; i++) isWitnessed = isSubset(rows, setOf(intAt(list, i)), words);
  store<u64>(word, load<u64>(word) | bit);
  return !isWitnessed;
}

/** Stores the edges of use from ray `index` to those from 0 to `to - 1`; false if there may not be room for them. */
function link(index: i32, to: i32, place: i32): bool {
  const cut = intAt(gatheredCut, index);
  if (cut == places) return true;
  const rows = setAt(gathered, words, index), slot = slotAt(index);
  sharing = 0;
  sizesSeen = 0;
  collect(rows, 0, min(index, to), dimension - 2);
  collect(rows, index + 1, to, dimension - 2);
  let useful = 0;
  for (let c = 0; c < sharing; c++) if (isOfUse(cut, intAt(sharedOf, c))) useful++;
  if (useful == 0) return true;
  if (useful > get(EDGES_FREE)) {
    set(WANTED, useful);
    return false;
  }
  maximal = 0;
  if (index < degenerate) findLargest();
  for (let c = 0; c < sharing; c++) {
    const other = intAt(sharedOf, c), size = intAt(sizes, c), both = setAt(shared, words, c);
    if (size == 0 || !isOfUse(cut, other)) continue;
    if (size == dimension - 2 && other < degenerate && isCovered(both)) continue;
    if (index < old && other < old && wereAdjacent(both, size, place)) continue;
    storeEdge(takeEdge(), slot, slotAt(other), cut);
  }
  return true;
}

/** Stores the edges among the rays on the row of a place; false if they need more room, to go on where it stopped. */
export function linkRays(place: i32): bool {
  inside = get(INSIDE);
  count = get(LIVE) - inside;
  old = get(OLD);
  const hasTable = isWorthATable(gather(), count - degenerate);
  const last = hasTable ? degenerate : count;
  for (let index = get(CURSOR); index < count; index++) {
    if (link(index, index < degenerate ? count : last, place)) continue;
    set(CURSOR, index);
    return false;
  }
  set(CURSOR, count);
  return !hasTable || linkSimple(inside, degenerate, count);
}
