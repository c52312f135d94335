// Which extreme rays of a pointed cone are adjacent, told from the rows that hold with equality at each: p and n are if no other ray has
// all rows that they have in common. Source: Fukuda and Prodon, Double description method revisited (1996), proposition 7.
import { countCommon, countOf, intersect, isSubset, setAt } from './bits';

/** Bytes of workspace for `adjacentPairs`. */
export function adjacentPairsWork(words: i32, rays: i32): usize {
  return 64 + 16 * <usize>rays * <usize>words + 17 * <usize>rays + 4 * (64 * <usize>words + 2);
}

// The workspace, which is an instance's own: where to go on; sets of the inner rays, one behind the other; rows that the rays near p have
// in common with it, how many, whose, and in which order; the largest of these sets; the first place of each size; whether a ray is inner.
let sets: usize = 0;
let words: i32 = 0;
let rays: i32 = 0;
let least: i32 = 0;
let inner: usize = 0;
let inners: i32 = 0;
let innerSets: usize = 0;
let common: usize = 0;
let sizes: usize = 0;
let owners: usize = 0;
let order: usize = 0;
let largest: usize = 0;
let places: usize = 0;
let marks: usize = 0;
/** Where the next pair goes. */
let out: usize = 0;

function useWorkspace(work: usize): void {
  innerSets = (work + 31) & ~15;
  common = innerSets + ((<usize>rays * <usize>words) << 3);
  sizes = common + ((<usize>rays * <usize>words) << 3);
  owners = sizes + (<usize>rays << 2);
  order = owners + (<usize>rays << 2);
  largest = order + (<usize>rays << 2);
  places = largest + (<usize>rays << 2);
  marks = places + ((64 * <usize>words + 2) << 2);
}

/** The inner rays: their sets together, and a mark for each. */
function useInner(): void {
  memory.fill(marks, 0, <usize>rays);
  for (let k = 0; k < inners; k++) {
    const ray = load<i32>(inner + (<usize>k << 2));
    store<u8>(marks + <usize>ray, 1);
    memory.copy(setAt(innerSets, words, k), setAt(sets, words, ray), <usize>words << 3);
  }
}

@inline
function push(p: i32, n: i32): void {
  store<i32>(out, p);
  store<i32>(out, n, 4);
  out += 8;
}

/**
 * Pairs of p with inner rays that have `least` rows in common or more. Where p has but one more, its rows are independent, so that any
 * `least` of them leave a face of dimension 2: the two are adjacent. So they are with an n that has but one more. False where that leaves
 * a pair undecided.
 */
function pairUp(p: i32): bool {
  const set = setAt(sets, words, p);
  const isSimple = countOf(set, words) == least + 1;
  if (words == 1) {
    const bits = load<u64>(set);
    for (let k = 0; k < inners; k++) {
      const other = load<u64>(innerSets + (<usize>k << 3)), size = <i32>popcnt<u64>(bits & other);
      if (size < least) continue;
      if (!isSimple && (size > least || <i32>popcnt<u64>(other) > least + 1)) return false;
      push(p, load<i32>(inner + (<usize>k << 2)));
    }
    return true;
  }
  for (let k = 0; k < inners; k++) {
    const other = setAt(innerSets, words, k), size = countCommon(set, other, words);
    if (size < least) continue;
    if (!isSimple && (size > least || countOf(other, words) > least + 1)) return false;
    push(p, load<i32>(inner + (<usize>k << 2)));
  }
  return true;
}

/** The rays with `least` or more rows in common with p: what they have in common, by size, the largest first; returns how many. */
function gather(p: i32): i32 {
  const set = setAt(sets, words, p), most = 64 * words;
  memory.fill(places, 0, (<usize>most + 2) << 2);
  let count = 0;
  for (let r = 0; r < rays; r++) {
    const other = setAt(sets, words, r), size = countCommon(set, other, words);
    if (size < least || r == p) continue;
    intersect(setAt(common, words, count), set, other, words);
    store<i32>(sizes + (<usize>count << 2), size);
    store<i32>(owners + (<usize>count << 2), r);
    // Counted one place on, from the largest size down.
    const place = places + (<usize>(most - size + 1) << 2);
    store<i32>(place, load<i32>(place) + 1);
    count++;
  }
  for (let k = 1; k <= most; k++) {
    const place = places + (<usize>k << 2);
    store<i32>(place, load<i32>(place) + load<i32>(place - 4));
  }
  for (let k = 0; k < count; k++) {
    const place = places + (<usize>(most - load<i32>(sizes + (<usize>k << 2))) << 2);
    const at = load<i32>(place);
    store<i32>(order + (<usize>at << 2), k);
    store<i32>(place, at + 1);
  }
  return count;
}

/** Whether one of the first `count` of `largest` has all of a set; the one that has comes to the front, since it may well be the next. */
function isCovered(set: usize, count: i32): bool {
  for (let k = 0; k < count; k++) {
    const at = largest + (<usize>k << 2), other = load<i32>(at);
    if (!isSubset(set, setAt(common, words, other), words)) continue;
    store<i32>(at, load<i32>(largest));
    store<i32>(largest, other);
    return true;
  }
  return false;
}

/** Pairs of p with the inner rays adjacent to it: those whose common rows are not part of what another ray has in common with p. */
function pairByInclusion(p: i32): void {
  const count = gather(p);
  let maximal = 0;
  for (let k = 0; k < count; k++) {
    const at = load<i32>(order + (<usize>k << 2));
    if (isCovered(setAt(common, words, at), maximal)) continue;
    store<i32>(largest + (<usize>maximal << 2), at);
    maximal++;
    const ray = load<i32>(owners + (<usize>at << 2));
    if (load<u8>(marks + <usize>ray)) push(p, ray);
  }
}

/**
 * Writes the adjacent pairs (outer, inner) as two i32 each, and returns how many. The sets of all rays lie one behind the other; `outer` and
 * `inner` are lists of rays (i32), best the shorter one outside, that have none in common. Stops before `pairs` might overflow its capacity, which must be at least
 * the number of inner rays: the first outer ray that was not reached is stored at `work`, for `from` of the next call.
 * @param dimension of the cone, which is pointed, and all of whose rays are here.
 */
export function adjacentPairs(
  setWords: i32, dimension: i32, allSets: usize, allRays: i32, outer: usize, outers: i32, innerRays: usize, innerCount: i32,
  from: i32, pairs: usize, capacity: i32, work: usize,
): i32 {
  words = setWords;
  least = dimension - 2;
  sets = allSets;
  rays = allRays;
  inner = innerRays;
  inners = innerCount;
  useWorkspace(work);
  useInner();
  out = pairs;
  const end = pairs + (<usize>(capacity - inners) << 3);
  let next = from;
  for (; next < outers && out <= end; next++) {
    const p = load<i32>(outer + (<usize>next << 2)), start = out;
    if (pairUp(p)) continue;
    out = start;
    pairByInclusion(p);
  }
  store<i32>(work, next);
  return <i32>((out - pairs) >> 3);
}
