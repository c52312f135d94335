// Insertion of rows that are chosen as the work goes on, by how many rays lie outside of each row and on it. Edges are found when they are cut: pairs of a ray
// outside and a ray inside that are adjacent.
import { adjacentPairs } from '../adjacency';
import { include, includes, intersect, setAt } from '../bits';
import { between, forget, gathered, listed, live, outsideSet, pairWork, releaseSlot, setOf, shared } from './rays';
import { CUT, DONE, LIMIT, MAKE, NEEDS_EDGES, NEEDS_RAYS, PAIR, PAUSED } from './reasons';
import {
  CURSOR, cutting, dimension, EDGE_BLOCK, EDGE_CAPACITY, edgesAt, endsAt, get, inserted, INSIDE, intAt, LIVE, MAXCUTOFF, NEXT, OLD, ORDER,
  PAIRS, PEAK, PHASE, PLACE, places, putInt, RAYS_FREE, set, WANTED, words,
} from './state';

/** The row to insert next: one that cuts nothing off if there is one, else by the order that was asked for, the first of equals. */
function choose(): i32 {
  const held = get(LIVE), cutsMost = get(ORDER) == MAXCUTOFF;
  let best = -1;
  let least = Infinity;
  for (let p = dimension; p < places; p++) {
    if (includes(inserted, p)) continue;
    const outside = intAt(endsAt, p), inside = held - outside - intAt(edgesAt, p);
    if (outside == 0) return p;
    // At most every pair of a ray outside and one inside becomes a new ray.
    const cost = cutsMost ? -(<f64>outside) : <f64>outside * <f64>inside;
    if (cost < least) {
      best = p;
      least = cost;
    }
  }
  return best;
}

// The lists of rays outside and inside of the row at hand: positions in `live`.
let outside: usize = 0;
let inside: usize = 0;
let outsides: i32 = 0;
let insides: i32 = 0;

/** The sets of all rays that were held before the row, of rows that cut something off, and the two lists. */
function gather(place: i32): void {
  const count = get(OLD);
  outside = listed;
  inside = shared;
  outsides = 0;
  insides = 0;
  for (let i = 0; i < count; i++) {
    const slot = intAt(live, i);
    intersect(setAt(gathered, words, i), setOf(slot), cutting, words);
    if (includes(outsideSet(slot), place)) putInt(outside, outsides++, i);
    else if (!includes(setOf(slot), place)) putInt(inside, insides++, i);
  }
}

/** Finds adjacent pairs, as many as there is room for, from the ray at which the last call stopped; false if there is too little. */
function findPairs(place: i32): bool {
  gather(place);
  // The shorter list is the outer one of the search.
  const isTurned = insides < outsides;
  const outer = isTurned ? inside : outside, inner = isTurned ? outside : inside;
  const outers = min(insides, outsides), inners = max(insides, outsides);
  const capacity = <i32>((<usize>get(EDGE_CAPACITY) * 3) >> 1);
  if (inners > capacity) {
    set(WANTED, inners);
    return false;
  }
  const pairs = <usize>get(EDGE_BLOCK);
  set(PAIRS, adjacentPairs(
    words, dimension, gathered, get(OLD), outer, outers, inner, inners, get(CURSOR), pairs, capacity, pairWork,
  ));
  const next = load<i32>(pairWork);
  set(CURSOR, next < outers ? next : -1);
  return true;
}

/** Makes the rays of the pairs. */
function makeRays(place: i32, maxRays: i32): i32 {
  const pairs = <usize>get(EDGE_BLOCK);
  let count = get(PAIRS), held = get(LIVE);
  const kept = get(OLD) - intAt(endsAt, place);
  const most = held - get(OLD) + kept + count;
  set(WANTED, most);
  if (most > maxRays) return LIMIT;
  set(WANTED, count);
  if (count > get(RAYS_FREE)) return NEEDS_RAYS;
  for (let i = 0; i < count; i++) {
    const pair = pairs + (<usize>i << 3), p = intAt(live, load<i32>(pair)), q = intAt(live, load<i32>(pair, 4));
    const isTurned = !includes(outsideSet(p), place);
    putInt(live, held++, between(isTurned ? q : p, isTurned ? p : q, place));
  }
  set(LIVE, held);
  return DONE;
}

/** Removes the rays outside. */
function removeOutside(place: i32): void {
  const count = get(LIVE), before = get(OLD);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const slot = intAt(live, i);
    if (i < before && includes(outsideSet(slot), place)) {
      forget(slot);
      releaseSlot(slot);
    } else putInt(live, kept++, slot);
  }
  set(LIVE, kept);
  set(PEAK, max(get(PEAK), kept));
}

/** Inserts the row that was chosen; DONE, or why it stopped. */
function insert(place: i32, maxRays: i32): i32 {
  if (intAt(endsAt, place) > 0) {
    while (get(PHASE) != CUT) {
      if (get(PHASE) == PAIR) {
        if (!findPairs(place)) return NEEDS_EDGES;
        set(PHASE, MAKE);
      }
      const reason = makeRays(place, maxRays);
      if (reason != DONE) return reason;
      set(PHASE, get(CURSOR) < 0 ? CUT : PAIR);
    }
    removeOutside(place);
    include(cutting, place);
  }
  include(inserted, place);
  return DONE;
}

/** Inserts up to `limit` rows. */
export function insertChosen(limit: i32, maxRays: i32): i32 {
  let next = get(NEXT);
  const stop = limit < places - next ? next + limit : places;
  for (; next < stop; next++) {
    set(NEXT, next);
    if (get(PHASE) == CUT) {
      set(PLACE, choose());
      set(OLD, get(LIVE));
      set(CURSOR, 0);
      set(PHASE, PAIR);
    }
    const reason = insert(get(PLACE), maxRays);
    if (reason != DONE) return reason;
    set(PHASE, CUT);
  }
  set(NEXT, next);
  return next == places ? DONE : PAUSED;
}
