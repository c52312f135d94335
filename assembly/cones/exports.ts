// What leaves the module: enumeration of the rays of polyhedral cones.
export * from './float/exports';
import { unwrapped } from '../simd/lanes';
import { adjacentPairs, adjacentPairsWork } from './adjacency';
import { findRoles, rolesWork } from './roles';
import { includeRow, joinSets, keepRecords, maskSets, split } from './lists';

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

/**
 * The rays with positive values, with negative ones, with 0, and with 0 or less: four lists (i32, ascending) in 4 `rays` i32, each at its multiple of `rays`, and
 * four i32 for their lengths. Values are of 64 bits.
 */
export function split_values(rays: i32, values: usize, lists: usize, counts: usize): void {
  split(rays, values, lists, counts);
}

/** Puts a row into the sets of the rays of a list. */
export function include_row(words: i32, sets: usize, list: usize, count: i32, row: i32): void {
  includeRow(words, sets, list, count, row);
}

/** Copies sets with only those of their rows that are in `mask`. */
export function mask_sets(words: i32, sets: usize, count: i32, mask: usize, to: usize): void {
  maskSets(words, sets, count, mask, to);
}

/** For each of `count` pairs of rays the set of the ray between them: the rows that hold with equality at both, and the row that separates them. */
export function join_sets(words: i32, sets: usize, pairs: usize, count: i32, row: i32, to: usize): void {
  joinSets(words, sets, pairs, count, row, to);
}

/** Moves the records of the rays of a list, of so many bytes each, to the front, and `more` records from `first` on behind them; in place. */
export function keep_records(bytes: i32, records: usize, list: usize, count: i32, first: i32, more: i32): void {
  keepRecords(bytes, records, list, count, first, more);
}

/** Bytes of workspace for `row_roles`. */
export function row_roles_work(rays: i32, rows: i32): usize {
  return unwrapped(rolesWork(rays, rows), (<f64>rows * <f64>rays) / 8);
}

/**
 * What rows are for, from which rays lie on which rows (a bit each, in `words` words of 32 bits a ray): writes 0 for the first row that gives a facet, 1 for one on which all rays lie,
 * 2 for one that is redundant, as i32. Before, `roles` is 1 for rows of zeros, which are redundant, and else 0. `hasFirst`: the last row comes before all others, and has no role.
 */
export function row_roles(rays: i32, rows: i32, words: i32, incidence: usize, hasFirst: i32, roles: usize, work: usize): void {
  findRoles(rays, rows, words, incidence, hasFirst, roles, work);
}
