// The double description method (Motzkin, Raiffa, Thompson and Thrall, 1953): rows are inserted one by one; a row cuts rays off, and puts a new ray on
// every edge that it cuts. Here the order of rows is known beforehand.
import { include, includes } from '../bits';
import { cutOf, edgeAt, releaseEdge, storeEdge, takeEdge } from './edges';
import { linkRays } from './neighbours';
import { axisRay, between, cutBy, listed, live, releaseSlot, setOf } from './rays';
import { fillMarks } from './simple';
import { CUT, DONE, LIMIT, LINK, NEEDS_EDGES, NEEDS_RAYS, PAUSED } from './reasons';
import {
  CURSOR, cutting, dimension, edgesAt, endsAt, get, heads, inserted, INSIDE, intAt, isDynamic, LIVE, LOOKED_UP, NEXT, OLD, PEAK, PHASE,
  places, putInt, RAYS_FREE, set, TABLED, WANTED, words,
} from './state';


/** The orthant of the basis: its rays are the axes, each two adjacent. */
export function startRays(): void {
  const bytes = <usize>words << 3;
  memory.fill(inserted, 0, bytes);
  for (let p = 0; p <= places; p++) {
    putInt(heads, p, -1);
    putInt(edgesAt, p, 0);
    putInt(endsAt, p, 0);
  }
  for (let p = 0; p < dimension; p++) include(inserted, p);
  memory.copy(cutting, inserted, bytes);
  for (let axis = 0; axis < dimension; axis++) putInt(live, axis, axisRay(axis));
  if (!isDynamic) {
    fillMarks();
    linkAxes();
  }
  set(LIVE, dimension);
  set(PEAK, dimension);
  set(NEXT, dimension);
  set(PHASE, CUT);
}

function linkAxes(): void {
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < i; j++) {
      const a = intAt(live, i), b = intAt(live, j), cut = cutOf(a, b);
      if (cut >= 0) storeEdge(takeEdge(), a, b, cut);
    }
  }
}

/** New rays on the edges that the row cuts; their slots go to `listed`. Each is adjacent to the ray inside. */
function cutEdges(place: i32): i32 {
  let made = 0;
  for (let edge = intAt(heads, place); edge >= 0; ) {
    const p = edgeAt(edge), next = load<i32>(p, 8);
    const first = load<i32>(p), second = load<i32>(p, 4), isFirst = intAt(cutBy, first) == place;
    const inside = isFirst ? second : first;
    const ray = between(isFirst ? first : second, inside, place), cut = cutOf(inside, ray);
    putInt(listed, made++, ray);
    if (cut >= 0) storeEdge(edge, inside, ray, cut);
    else releaseEdge(edge);
    edge = next;
  }
  return made;
}

/** Removes the rays that the row cuts off, and orders the others: inside, on the row before, new. */
function sortOut(place: i32, made: i32): void {
  const count = get(LIVE);
  let inside = 0, old = 0;
  for (let i = 0; i < count; i++) {
    const slot = intAt(live, i);
    if (intAt(cutBy, slot) == place) releaseSlot(slot);
    else if (includes(setOf(slot), place)) putInt(listed, made + old++, slot);
    else putInt(live, inside++, slot);
  }
  for (let i = 0; i < old; i++) putInt(live, inside + i, intAt(listed, made + i));
  for (let i = 0; i < made; i++) putInt(live, inside + old + i, intAt(listed, i));
  set(INSIDE, inside);
  set(OLD, old);
  set(LIVE, inside + old + made);
}

/** Cuts with the row of a place; what it needs in order to, or DONE. */
function cut(place: i32, maxRays: i32): i32 {
  const made = intAt(edgesAt, place), held = get(LIVE) - intAt(endsAt, place) + made;
  set(WANTED, held);
  if (held > maxRays) return LIMIT;
  set(WANTED, made);
  if (made > get(RAYS_FREE)) return NEEDS_RAYS;
  cutEdges(place);
  sortOut(place, made);
  set(PEAK, max(get(PEAK), held));
  include(cutting, place);
  set(CURSOR, 0);
  set(TABLED, 0);
  set(LOOKED_UP, 0);
  return DONE;
}

/** Inserts up to `limit` rows. */
export function insertOrdered(limit: i32, maxRays: i32): i32 {
  let place = get(NEXT);
  const stop = limit < places - place ? place + limit : places;
  for (; place < stop; place++) {
    set(NEXT, place);
    if (get(PHASE) == CUT && intAt(endsAt, place) > 0) {
      const reason = cut(place, maxRays);
      if (reason != DONE) return reason;
      set(PHASE, LINK);
    }
    include(inserted, place);
    // Without a ray inside the cone has become a face of what it was, which has its edges already.
    if (get(PHASE) == LINK && get(INSIDE) > 0 && !linkRays(place)) return NEEDS_EDGES;
    set(PHASE, CUT);
  }
  set(NEXT, place);
  return place == places ? DONE : PAUSED;
}
