// What leaves the module: enumeration of the rays of polyhedral cones.
import { adjacentPairs, adjacentPairsWork } from './adjacency';

/** Bytes of workspace for `adjacent_pairs`. */
export function adjacent_pairs_work(words: i32, rays: i32): usize {
  return adjacentPairsWork(words, rays);
}

/**
 * Writes the adjacent pairs of rays (outer, inner) of a pointed cone as two i32 each, and returns how many. A ray has a set, of the rows that
 * hold with equality there: one bit each, in `words` words of 64 bits, one word for up to 64 rows and an even number for more. `outer` and `inner` are
 * lists of rays (i32) without one in common, the shorter best outside. Stops before `pairs` might overflow its capacity of at least
 * `inners`: the first outer ray that was not reached is stored at `work`, for `from` of the next call.
 */
export function adjacent_pairs(
  words: i32, dimension: i32, sets: usize, rays: i32, outer: usize, outers: i32, inner: usize, inners: i32, from: i32,
  pairs: usize, capacity: i32, work: usize,
): i32 {
  return adjacentPairs(words, dimension, sets, rays, outer, outers, inner, inners, from, pairs, capacity, work);
}
