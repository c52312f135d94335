// Edges among simple rays, those on as many rows as they need: two of them are adjacent if they have all of these but one each in common. So each
// ray is found under the sets that its rows leave when one of them is taken out, by their hashes, and nobody has to look at all pairs.
import { countCommon, includes, setAt } from '../bits';
import { storeEdge, takeEdge } from './edges';
import { gathered, gatheredCut, live, scratchEnd, setOf, shared } from './rays';
import { dimension, EDGES_FREE, get, intAt, LOOKED_UP, marks, places, putInt, set, TABLED, WANTED, words } from './state';

/** Looking a ray up costs as much as comparing it with about so many others. */
const COST: i32 = 8;
/** An entry: a ray, counted from 1 on (0: none), and the lower half of the hash. */
const ENTRY: usize = 8;

/** Entries of the table, a power of two less 1. */
let mask: u32 = 0;

/** A number for each place (Steele, Lea and Flood's SplitMix64 of it). */
export function fillMarks(): void {
  for (let p = 0; p < places; p++) {
    let x: u64 = (<u64>p + 1) * 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    store<u64>(marks + (<usize>p << 3), x ^ (x >> 31));
  }
}

/** Rays that the table has room for, half full at most: it lies in the scratch of the search among all pairs. */
function room(): i32 {
  const entries = <u32>((scratchEnd - shared) / ENTRY);
  mask = entries < 2 ? 0 : (<u32>1 << (31 - clz<u32>(entries))) - 1;
  return <i32>(mask / <u32>(2 * dimension));
}

/** Whether the table is cheaper than to compare each of `active` rays, which a later row cuts off, with all. */
export function isWorthATable(active: i32, all: i32): bool {
  if (dimension < 3) return false;
  const most = room();
  if (most == 0) return false;
  const turns = (active + most - 1) / most;
  return <f64>active * <f64>all > <f64>(COST * dimension) * (<f64>turns * <f64>all + <f64>active) + 4096;
}

/** The hash of the rows of a ray. */
function hashOf(ray: i32): u64 {
  const rows = setAt(gathered, words, ray);
  let hash: u64 = 0;
  for (let w = 0; w < words; w++) {
    for (let rest = load<u64>(rows + (<usize>w << 3)); rest != 0; rest &= rest - 1) {
      hash ^= load<u64>(marks + ((<usize>(w << 6) + <usize>ctz<u64>(rest)) << 3));
    }
  }
  return hash;
}

// @ts-ignore: decorator
@inline
function entryOf(hash: u64): usize {
  return shared + <usize>(<u32>(hash >> 32) & mask) * ENTRY;
}

// @ts-ignore: decorator
@inline
function next(entry: usize): usize {
  const after = entry + ENTRY;
  return after > shared + <usize>mask * ENTRY ? shared : after;
}

/** Enters a ray under each of its sets. */
function enter(ray: i32): void {
  const rows = setAt(gathered, words, ray), hash = hashOf(ray);
  for (let w = 0; w < words; w++) {
    for (let rest = load<u64>(rows + (<usize>w << 3)); rest != 0; rest &= rest - 1) {
      const key = hash ^ load<u64>(marks + ((<usize>(w << 6) + <usize>ctz<u64>(rest)) << 3));
      let entry = entryOf(key);
      while (load<i32>(entry) != 0) entry = next(entry);
      store<i32>(entry, ray + 1);
      store<u32>(entry, <u32>key, 4);
    }
  }
}

/** Stores the edges of use from a ray to those in the table, which are cut off before it. */
function lookUp(ray: i32, inside: i32): void {
  const rows = setAt(gathered, words, ray), hash = hashOf(ray), slot = intAt(live, inside + ray), own = setOf(slot);
  const cut = intAt(gatheredCut, ray);
  for (let w = 0; w < words; w++) {
    for (let rest = load<u64>(rows + (<usize>w << 3)); rest != 0; rest &= rest - 1) {
      const key = hash ^ load<u64>(marks + ((<usize>(w << 6) + <usize>ctz<u64>(rest)) << 3));
      for (let entry = entryOf(key); load<i32>(entry) != 0; entry = next(entry)) {
        if (load<u32>(entry, 4) != <u32>key) continue;
        const other = load<i32>(entry) - 1, first = intAt(gatheredCut, other);
        if (first >= cut || includes(own, first)) continue;
        if (countCommon(rows, setAt(gathered, words, other), words) != dimension - 2) continue;
        storeEdge(takeEdge(), intAt(live, inside + other), slot, first);
      }
    }
  }
}

/** Fills the table with rays that a later row cuts off, from `from` on; returns the first that it has no room for. */
function fill(from: i32, to: i32): i32 {
  let left = room(), ray = from;
  memory.fill(shared, 0, (<usize>mask + 1) * ENTRY);
  for (; ray < to && left > 0; ray++) {
    if (intAt(gatheredCut, ray) == places) continue;
    enter(ray);
    left--;
  }
  return ray;
}

/** Stores the edges among the rays from `first` to `last - 1`, which are simple; false if they need more room. */
export function linkSimple(inside: i32, first: i32, last: i32): bool {
  let from = max(get(TABLED), first), ray = max(get(LOOKED_UP), first);
  while (from < last) {
    set(TABLED, from);
    from = fill(from, last);
    for (; ray < last; ray++) {
      // As many as a ray has neighbours on the row, at most; the hash of a wrong one costs no edge.
      if (get(EDGES_FREE) < dimension) {
        set(WANTED, dimension + (last - ray));
        set(LOOKED_UP, ray);
        return false;
      }
      lookUp(ray, inside);
    }
    ray = first;
  }
  return true;
}
