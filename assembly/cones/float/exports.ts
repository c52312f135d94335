// What leaves the module of the enumeration in floats.
import { unwrapped } from '../../simd/lanes';
import { makeCoordinates } from './coordinates';
import { edgeBytes, moveEdges } from './edges';
import { countVertices, writeIncidence, writeRays, writeSpaces } from './finish';
import { insertChosen } from './choose';
import { insertOrdered, startRays } from './insert';
import { DONE } from './reasons';
import { moveRays, rayBytes, useRays } from './rays';
import { select } from './select';
import { sortRows } from './sort';
import {
  AFFINE, COLUMNS, EDGE_CAPACITY, EDGES_FREE, EMPTY, EQUALITIES, get, isDynamic, NEXT, ORDER, pitch, RAY_CAPACITY, RAYS_FREE, ROWS, set,
  stateBytes, TOLERANCE, useState, VERTICES, words,
} from './state';

/** Bytes of the state of an enumeration of m rows and k equalities in n columns. */
export function cone_state_work(m: i32, k: i32, n: i32): usize {
  return unwrapped(stateBytes(m, k, n), 8 * (<f64>m + <f64>k) * <f64>n);
}

/**
 * Reads a problem: the cone {x : A x <= 0, E x = 0}, or if `affine` the polyhedron {x : A x <= b, E x = e}; A is [m][n], E [k][n], all numbers finite.
 * Eliminates the equalities and the lineality space, and makes coordinates. `order`: 0 lexmin, 1 the row next that cuts off the most
 * rays, 2 that with the fewest new ones, 3 as given. The state says the ranks and whether equalities contradict.
 */
export function cone_begin_f64(
  state: usize, m: i32, k: i32, n: i32, affine: i32, order: i32, tolerance: f64, A: usize, b: usize, E: usize, e: usize,
): void {
  memory.fill(state, 0, 192);
  store<i32>(state, m, ROWS);
  store<i32>(state, k, EQUALITIES);
  store<i32>(state, n, COLUMNS);
  store<i32>(state, affine, AFFINE);
  store<i32>(state, order, ORDER);
  store<f64>(state, tolerance, TOLERANCE);
  useState(state);
  sortRows(A, b);
  select(A, b, E, e);
  if (!get(EMPTY)) makeCoordinates(A, b, E, e);
}

/** Bytes of a block for `capacity` rays of the state. */
export function cone_rays_work(state: usize, capacity: i32): usize {
  useState(state);
  return unwrapped(rayBytes(capacity), 8 * <f64>capacity * <f64>(pitch + words));
}

/** Bytes of a block for `capacity` edges. */
export function cone_edges_work(capacity: i32): usize {
  return unwrapped(edgeBytes(capacity), 12 * <f64>capacity);
}

/** Puts the rays of the state into a larger block; what they lay in before is not needed any more. */
export function cone_move_rays(state: usize, rays: usize, capacity: i32): void {
  useState(state);
  moveRays(rays, capacity);
}

/** The same for its edges. */
export function cone_move_edges(state: usize, edges: usize, capacity: i32): void {
  useState(state);
  moveEdges(edges, capacity);
}

/**
 * Inserts up to `limit` rows, the first time after those of the basis. Returns 0 when all are inserted; 1 or 2 when more room is needed for rays or for edges,
 * 3 when more than `maxRays` would be held, 4 when `limit` is reached. The state says how much, and it goes on there. Needs room for as many rays as the
 * dimension says, and for half its square of edges, to begin.
 */
export function cone_insert_f64(state: usize, limit: i32, maxRays: i32): i32 {
  useState(state);
  useRays();
  if (get(NEXT) == 0) startRays();
  const reason = isDynamic ? insertChosen(limit, maxRays) : insertOrdered(limit, maxRays);
  if (reason == DONE) set(VERTICES, countVertices());
  return reason;
}

/**
 * Writes the vertices (of a polyhedron), the rays, of unit length, and an orthonormal basis of the lineality space, n numbers each. Returns how many of
 * the first two do not lie in the polyhedron, or on too few independent rows, if `verifies`, and else 0. To be called once: it takes the rows' coordinates for scratch.
 */
export function cone_finish_f64(state: usize, vertices: usize, rays: usize, lineality: usize, verifies: i32): i32 {
  useState(state);
  useRays();
  writeSpaces(0, lineality);
  return writeRays(vertices, rays, verifies != 0);
}

/** Writes an orthonormal basis of what the rows of A and E span, n numbers each. */
export function cone_span_f64(state: usize, span: usize): void {
  useState(state);
  writeSpaces(span, 0);
}

/** Writes which rows each vertex and then each ray lies on, in the order in which `cone_finish` writes them: a bit each in `width` words of 32 bits; for a polyhedron, row m is the homogenising one. */
export function cone_incidence(state: usize, incidence: usize, width: i32): void {
  useState(state);
  useRays();
  writeIncidence(incidence, width);
}
