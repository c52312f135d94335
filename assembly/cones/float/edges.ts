// Edges, pairs of adjacent rays, are stored for the row that will cut them: with the order of rows known beforehand, that is the first row that cuts one
// of the two off, and the edge counts if the other lies strictly inside (Fukuda and Prodon, Double description method revisited, 1996, section 2.2).
// An edge is two slots and the next edge of its list.
import { includes } from '../bits';
import { cutBy, setOf } from './rays';
import { EDGE_BLOCK, EDGE_CAPACITY, EDGE_LIST, EDGES_FREE, edgesAt, get, heads, intAt, putInt, set } from './state';

const BYTES: usize = 12;
const NONE: i32 = -1;

// @ts-ignore: decorator
@inline
export function edgeAt(edge: i32): usize {
  return <usize>get(EDGE_BLOCK) + <usize>edge * BYTES;
}

/** Bytes of a block for this many edges. */
export function edgeBytes(capacity: i32): usize {
  return BYTES * <usize>capacity;
}

/** Moves the edges to a larger block. */
export function moveEdges(block: usize, capacity: i32): void {
  const before = get(EDGE_CAPACITY);
  if (before > 0) memory.copy(block, <usize>get(EDGE_BLOCK), edgeBytes(before));
  else set(EDGE_LIST, NONE);
  set(EDGE_BLOCK, <i32>block);
  set(EDGE_CAPACITY, capacity);
  for (let edge = capacity - 1; edge >= before; edge--) releaseEdge(edge);
}

/** Gives an edge back. */
export function releaseEdge(edge: i32): void {
  store<i32>(edgeAt(edge), get(EDGE_LIST), 8);
  set(EDGE_LIST, edge);
  set(EDGES_FREE, get(EDGES_FREE) + 1);
}

/** An edge that is free; there must be one. */
export function takeEdge(): i32 {
  const edge = get(EDGE_LIST);
  set(EDGE_LIST, load<i32>(edgeAt(edge), 8));
  set(EDGES_FREE, get(EDGES_FREE) - 1);
  return edge;
}

/** The row that cuts an edge between two rays, or -1 if none does. */
export function cutOf(a: i32, b: i32): i32 {
  const p = intAt(cutBy, a), q = intAt(cutBy, b);
  if (p == q) return NONE;
  const first = min(p, q);
  return includes(setOf(p < q ? b : a), first) ? NONE : first;
}

/** Stores an edge for the row of a place. */
export function storeEdge(edge: i32, a: i32, b: i32, place: i32): void {
  const p = edgeAt(edge);
  store<i32>(p, a);
  store<i32>(p, b, 4);
  store<i32>(p, intAt(heads, place), 8);
  putInt(heads, place, edge);
  putInt(edgesAt, place, intAt(edgesAt, place) + 1);
}
