// The rays that are held: coordinates, which are not negative, with the largest in [1, 2); the rows that hold with equality there, of those
// inserted and of those to come that were looked at; and the first row to come that cuts the ray off.
import { madd, roundToLine, sumLanes } from '../../simd/lanes';
import { adjacentPairsWork } from '../adjacency';
import { includes, include } from '../bits';
import { largestOf, normalise } from './scale';
import {
  affine, at, dimension, edgesAt, endsAt, get, inserted, intAt, isDynamic, margins, pitch, places, put, putInt, RAY_BLOCK, RAY_CAPACITY, RAYS_FREE, set, slackRow, tolerance, words,
} from './state';

/** Coordinates, sets, first rows that cut off; slots of the rays that are held, slots that are free. */
export let coordinates: usize = 0;
export let sets: usize = 0;
export let cutBy: usize = 0;
export let live: usize = 0;
export let free: usize = 0;
/** Scratch for as many rays: lists of slots; and of the rays on a row, their sets and first rows, what they share with another, and its size. */
export let listed: usize = 0;
export let gathered: usize = 0;
export let gatheredCut: usize = 0;
export let shared: usize = 0;
export let sharedOf: usize = 0;
export let sizes: usize = 0;
export let largest: usize = 0;
/** The end of these four, which lie one behind the other. */
export let scratchEnd: usize = 0;
/** Where rows are chosen on the way: the rows that cut a ray off, and scratch to find adjacent pairs. */
export let outsideOf: usize = 0;
export let pairWork: usize = 0;

let end: usize = 0;

function take(bytes: usize): usize {
  const at = end;
  end += roundToLine(bytes);
  return at;
}

function layOut(block: usize, capacity: usize): void {
  end = block;
  coordinates = take(8 * capacity * <usize>pitch);
  sets = take(8 * capacity * <usize>words);
  cutBy = take(4 * capacity);
  live = take(4 * capacity);
  free = take(4 * capacity);
  listed = take(4 * capacity);
  gathered = take(8 * capacity * <usize>words);
  gatheredCut = take(4 * capacity);
  shared = take(8 * capacity * <usize>words);
  sharedOf = take(4 * capacity);
  sizes = take(4 * capacity);
  // With room for three copies of the last.
  largest = take(8 * capacity * <usize>words + 24);
  scratchEnd = end;
  if (!isDynamic) return;
  outsideOf = take(8 * capacity * <usize>words);
  pairWork = take(adjacentPairsWork(words, <i32>capacity));
}

/** Bytes of a block for this many rays. */
export function rayBytes(capacity: i32): usize {
  layOut(0, <usize>capacity);
  return end;
}

/** The rays of the state at hand. */
export function useRays(): void {
  layOut(<usize>get(RAY_BLOCK), <usize>get(RAY_CAPACITY));
}

/** Moves the rays to a larger block. */
export function moveRays(block: usize, capacity: i32): void {
  const before = <usize>get(RAY_CAPACITY);
  let freeCount = get(RAYS_FREE);
  if (before > 0) {
    useRays();
    const c = coordinates, s = sets, f = cutBy, l = live, e = free, o = outsideOf;
    layOut(block, <usize>capacity);
    memory.copy(coordinates, c, 8 * before * <usize>pitch);
    memory.copy(sets, s, 8 * before * <usize>words);
    memory.copy(cutBy, f, 4 * before);
    memory.copy(live, l, 4 * before);
    memory.copy(free, e, 4 * <usize>freeCount);
    if (isDynamic) memory.copy(outsideOf, o, 8 * before * <usize>words);
  } else layOut(block, <usize>capacity);
  // The lowest of the new slots come first.
  for (let slot = capacity - 1; slot >= <i32>before; slot--) putInt(free, freeCount++, slot);
  set(RAY_BLOCK, <i32>block);
  set(RAY_CAPACITY, capacity);
  set(RAYS_FREE, freeCount);
}

// @ts-ignore: decorator
@inline
export function rayAt(slot: i32): usize {
  return coordinates + ((<usize>slot * <usize>pitch) << 3);
}

// @ts-ignore: decorator
@inline
export function setOf(slot: i32): usize {
  return sets + ((<usize>slot * <usize>words) << 3);
}

/** The rows that cut a ray off. */
// @ts-ignore: decorator
@inline
export function outsideSet(slot: i32): usize {
  return outsideOf + ((<usize>slot * <usize>words) << 3);
}

/** The slack of the row of a place at a ray. */
// @ts-ignore: decorator
@inline
export function slack(place: i32, ray: usize): f64 {
  const row = slackRow(place), bytes = <usize>pitch << 3;
  let sum = f64x2.splat(0);
  for (let o: usize = 0; o < bytes; o += 16) sum = madd<f64>(v128.load(row + o), v128.load(ray + o), sum);
  return sumLanes<f64>(sum);
}

/** The largest of the coordinates of a ray but the homogenising one. */
// @ts-ignore: decorator
@inline
function reachOf(ray: usize): f64 {
  return largestOf(dimension - affine, ray);
}

/** Looks at the rows behind `place` up to the first that cuts the ray off, and notes those that hold with equality. */
function lookAhead(slot: i32, place: i32): void {
  const ray = rayAt(slot), rows = setOf(slot), near = tolerance * reachOf(ray);
  const height: f64 = affine ? at(ray, dimension - 1) : 0;
  let next = place + 1;
  for (; next < places; next++) {
    const s = slack(next, ray), margin = near + height * at(margins, next);
    if (s < -margin) break;
    if (s <= margin) include(rows, next);
  }
  putInt(cutBy, slot, next);
  putInt(endsAt, next, intAt(endsAt, next) + 1);
}

/** Looks at all rows that are not inserted, and counts the rays outside and on each. */
function lookAround(slot: i32): void {
  const ray = rayAt(slot), rows = setOf(slot), outside = outsideSet(slot), near = tolerance * reachOf(ray);
  const height: f64 = affine ? at(ray, dimension - 1) : 0;
  memory.fill(outside, 0, <usize>words << 3);
  for (let p = dimension; p < places; p++) {
    if (includes(inserted, p)) continue;
    const s = slack(p, ray), margin = near + height * at(margins, p);
    if (s > margin) continue;
    const isOutside = s < -margin;
    include(isOutside ? outside : rows, p);
    const counts = isOutside ? endsAt : edgesAt;
    putInt(counts, p, intAt(counts, p) + 1);
  }
}

/** Takes a ray out of the counts. */
export function forget(slot: i32): void {
  const rows = setOf(slot), outside = outsideSet(slot);
  for (let p = dimension; p < places; p++) {
    if (includes(inserted, p)) continue;
    if (includes(outside, p)) putInt(endsAt, p, intAt(endsAt, p) - 1);
    else if (includes(rows, p)) putInt(edgesAt, p, intAt(edgesAt, p) - 1);
  }
}

function takeSlot(): i32 {
  const count = get(RAYS_FREE) - 1;
  set(RAYS_FREE, count);
  return intAt(free, count);
}

/** Gives a slot back. */
export function releaseSlot(slot: i32): void {
  const count = get(RAYS_FREE);
  putInt(free, count, slot);
  set(RAYS_FREE, count + 1);
}

/** The ray of the orthant along an axis. */
export function axisRay(axis: i32): i32 {
  const slot = takeSlot(), ray = rayAt(slot), rows = setOf(slot);
  memory.fill(ray, 0, <usize>pitch << 3);
  put(ray, axis, 1);
  memory.fill(rows, 0, <usize>words << 3);
  for (let p = 0; p < dimension; p++) if (p != axis) include(rows, p);
  if (isDynamic) lookAround(slot);
  else lookAhead(slot, dimension - 1);
  return slot;
}

/** The ray between `outside` and `inside` of a row, on it. */
export function between(outside: i32, inside: i32, place: i32): i32 {
  const slot = takeSlot(), p = rayAt(outside), q = rayAt(inside), ray = rayAt(slot), bytes = <usize>pitch << 3;
  const u = f64x2.splat(slack(place, q)), v = f64x2.splat(-slack(place, p));
  for (let o: usize = 0; o < bytes; o += 16) {
    v128.store(ray + o, madd<f64>(u, v128.load(p + o), f64x2.mul(v, v128.load(q + o))));
  }
  normalise(dimension, ray);
  const rows = setOf(slot), a = setOf(outside), b = setOf(inside);
  for (let o: usize = 0; o < <usize>words << 3; o += 8) {
    store<u64>(rows + o, load<u64>(a + o) & load<u64>(b + o) & load<u64>(inserted + o));
  }
  include(rows, place);
  if (isDynamic) lookAround(slot);
  else lookAhead(slot, place);
  return slot;
}
