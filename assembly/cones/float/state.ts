// The state of an enumeration: one block, with a header of numbers that callers read and the data of the problem behind it, and two blocks
// that grow, of rays and of stored edges. All of it lies in the caller's memory; what is below is where to find it, set anew in every call.
import { roundToLine } from '../../simd/lanes';
import { wordsFor } from '../bits';

// Numbers of the header, i32 at these bytes.
/** Rows, equalities, columns; 1 for a polyhedron, whose last coordinate is the homogenising one; the order of insertion. */
export const ROWS: usize = 0;
export const EQUALITIES: usize = 4;
export const COLUMNS: usize = 8;
export const AFFINE: usize = 12;
export const ORDER: usize = 16;
/** Rank of the equalities; rank of the rows beside them; 1 if the equalities of a polyhedron, or a row of zeros, contradict. */
export const FIXED: usize = 20;
export const RANK: usize = 24;
export const EMPTY: usize = 28;
/** Rows that take part in the enumeration: neither zero nor constant on the equalities' solutions. */
export const PLACES: usize = 32;
/** The row to insert next, rays held, the most held after any row, and how many more rays or edges a stop is for. */
export const NEXT: usize = 36;
export const LIVE: usize = 40;
export const PEAK: usize = 44;
export const WANTED: usize = 48;
/** Within a row: where to go on; rays strictly inside, rays on the row before and after, the next ray to find neighbours of. */
export const PHASE: usize = 52;
export const INSIDE: usize = 56;
export const OLD: usize = 60;
export const CURSOR: usize = 64;
/** Capacities and what is free of them. */
export const RAY_CAPACITY: usize = 68;
export const RAYS_FREE: usize = 72;
export const EDGE_CAPACITY: usize = 76;
export const EDGES_FREE: usize = 80;
export const EDGE_LIST: usize = 84;
/** Whether the rows' own coordinates are used, as no direction was eliminated. */
export const PLAIN: usize = 88;
/** Addresses of the two blocks that grow. */
export const RAY_BLOCK: usize = 92;
export const EDGE_BLOCK: usize = 96;
/** Vertices among the rays, at the end. */
export const VERTICES: usize = 108;
/** Where the order is not known beforehand: the row at hand, and pairs found that have no ray yet. */
export const PLACE: usize = 112;
export const PAIRS: usize = 116;
/** Where the search among rays of few rows goes on: the first of the rays in the table, and the next to be looked up. */
export const TABLED: usize = 120;
export const LOOKED_UP: usize = 124;
/** Whether the basis is far from orthogonal. */
export const SKEW: usize = 104;
// And f64 there.
export const TOLERANCE: usize = 128;
const HEADER: usize = 192;

/** Kinds of rows: takes part; constant on the equalities' solutions and tight there, or slack; zero. */
export const PROPER: i32 = 0;
export const TIGHT: i32 = 1;
export const SLACK: i32 = 2;
export const ZERO: i32 = 3;

/** Orders of insertion. */
export const LEXMIN: i32 = 0;
export const MAXCUTOFF: i32 = 1;
export const FEWEST: i32 = 2;
export const INPUT: i32 = 3;

// The problem.
export let state: usize = 0;
export let m: i32 = 0;
export let k: i32 = 0;
export let n: i32 = 0;
export let affine: i32 = 0;
export let tolerance: f64 = 0;
/** Whether rows are chosen as the work goes on. */
export let isDynamic: bool = false;
/** Rows (of A, then of E) under reflections, k + m of n numbers; right-hand sides, if affine; norms; what is left of them; kinds. */
export let work: usize = 0;
export let sides: usize = 0;
export let norms: usize = 0;
export let left: usize = 0;
export let kinds: usize = 0;
/** The reflections, a row of n numbers each, and their scalars; the row that each came from. */
export let reflectors: usize = 0;
export let scalars: usize = 0;
export let chosen: usize = 0;
/** The order of the rows, and scratch to sort them. */
export let sorted: usize = 0;
export let sortWork: usize = 0;
/** The row of each place, where the basis comes first. */
export let rowOf: usize = 0;
/** The basis, factored, its row exchanges; the apex (n numbers); scratch of n + 2 numbers each. */
export let lu: usize = 0;
export let exchanges: usize = 0;
export let apex: usize = 0;
export let x: usize = 0;
export let y: usize = 0;
export let z: usize = 0;
/**
 * Rows in coordinates of slacks, by place, `pitch` numbers each; first edges by place, and edges and rays that end there. Where rows are chosen on
 * the way: rays on a row in place of edges.
 */
export let slackRows: usize = 0;
/** For each place: how far a slack may be from 0 at height 1, besides what depends on the other coordinates. */
export let margins: usize = 0;
export let heads: usize = 0;
export let edgesAt: usize = 0;
export let endsAt: usize = 0;
/** A random number for each place, u64: those of a set, added without carry, are its hash. */
export let marks: usize = 0;
/** The rows inserted by now, and those of them that cut something off, as sets. */
export let inserted: usize = 0;
export let cutting: usize = 0;

/** Dimension of the pointed cone; numbers from ray to ray; places; words of a set. */
export let dimension: i32 = 0;
export let pitch: i32 = 0;
export let places: i32 = 0;
export let words: i32 = 0;

let end: usize = 0;

function take(bytes: usize): usize {
  const at = end;
  end += roundToLine(bytes);
  return at;
}

function layOut(): void {
  const rows = <usize>(m + k), columns = <usize>n, all = <usize>(m + 1), most = <usize>(min(m, n) + 1);
  const widest = <usize>((min(m, n) + 2) & ~1);
  end = state + HEADER;
  work = take(8 * rows * columns);
  sides = take(8 * rows);
  norms = take(8 * rows);
  left = take(8 * rows);
  kinds = take(4 * rows);
  reflectors = take(8 * columns * min(rows, columns));
  scalars = take(8 * columns);
  chosen = take(4 * columns);
  sorted = take(4 * <usize>m);
  sortWork = take(8 * <usize>m);
  rowOf = take(4 * all);
  lu = take(8 * most * most);
  exchanges = take(4 * most);
  apex = take(8 * columns);
  x = take(8 * (columns + 2));
  y = take(8 * (columns + 2));
  z = take(8 * (columns + 2));
  slackRows = take(8 * all * widest);
  margins = take(8 * all);
  heads = take(4 * (all + 1));
  edgesAt = take(4 * (all + 1));
  endsAt = take(4 * (all + 1));
  marks = take(8 * all);
  inserted = take(8 * <usize>wordsFor(m + 1));
  cutting = take(8 * <usize>wordsFor(m + 1));
}

/** Bytes of the block for a problem. */
export function stateBytes(rows: i32, equalities: i32, columns: i32): usize {
  state = 0;
  m = rows;
  k = equalities;
  n = columns;
  layOut();
  return end;
}

// @ts-ignore: decorator
@inline
export function get(field: usize): i32 {
  return load<i32>(state + field);
}

// @ts-ignore: decorator
@inline
export function set(field: usize, value: i32): void {
  store<i32>(state + field, value);
}

/** The state in a block. */
export function useState(block: usize): void {
  state = block;
  m = get(ROWS);
  k = get(EQUALITIES);
  n = get(COLUMNS);
  affine = get(AFFINE);
  isDynamic = get(ORDER) == MAXCUTOFF || get(ORDER) == FEWEST;
  tolerance = load<f64>(state + TOLERANCE);
  layOut();
  useDimension();
}

/** The dimensions that the header says. */
export function useDimension(): void {
  dimension = get(RANK) + affine;
  pitch = (dimension + 1) & ~1;
  places = get(PLACES);
  words = wordsFor(places);
}

// @ts-ignore: decorator
@inline
export function at(vector: usize, i: i32): f64 {
  return load<f64>(vector + (<usize>i << 3));
}

// @ts-ignore: decorator
@inline
export function put(vector: usize, i: i32, value: f64): void {
  store<f64>(vector + (<usize>i << 3), value);
}

// @ts-ignore: decorator
@inline
export function intAt(list: usize, i: i32): i32 {
  return load<i32>(list + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
export function putInt(list: usize, i: i32, value: i32): void {
  store<i32>(list + (<usize>i << 2), value);
}

/** Row i of the matrix that reflections turn. */
// @ts-ignore: decorator
@inline
export function workRow(i: i32): usize {
  return work + ((<usize>i * <usize>n) << 3);
}

/** The row of a place in coordinates of slacks. */
// @ts-ignore: decorator
@inline
export function slackRow(place: i32): usize {
  return slackRows + ((<usize>place * <usize>pitch) << 3);
}
