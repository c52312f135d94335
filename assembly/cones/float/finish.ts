// The rays and vertices in the coordinates of the problem. Each is made right to rounding: a null vector (for a vertex, a solution) of the rows that
// hold with equality there, nearest to what the enumeration found, by orthogonalisation of these rows with pivoting.
import { axpyContiguous } from '../../level1/axpy';
import { dotContiguous } from '../../level1/dot';
import { includes } from '../bits';
import { solveBasis } from './basis';
import { quotientRow } from './coordinates';
import { live, rayAt, setOf } from './rays';
import { turnBack } from './select';
import {
  affine, apex, at, FIXED, get, intAt, kinds, LIVE, m, n, norms, PLAIN, places, PROPER, put, RANK, rowOf, sides, slackRows, state, TIGHT,
  tolerance, UNIT, x, y, z,
} from './state';

const EPSILON: f64 = 2.220446049250313e-16;
/** Below this sine a row depends on those before it. */
const DEPENDENT: f64 = 1e-11;

let rank: i32 = 0;
let isVertex: bool = false;
/** The rows that hold with equality, of unit length, with what is missing there behind each: rank + 1 numbers a row. */
let tight: i32 = 0;

// @ts-ignore: decorator
@inline
function tightRow(i: i32): usize {
  return slackRows + ((<usize>i * <usize>(rank + 1)) << 3);
}

/** What is missing in the row at the point x: of unit length, relative to the size of the point. */
function missing(row: i32, size: f64): f64 {
  const product = dotContiguous<f64>(rank, quotientRow(row), x), norm = at(norms, row);
  return (isVertex ? at(sides, row) - product : -product) / (norm * size);
}

/** The largest number that is missing in rows that should hold with equality. */
function worst(rows: usize, size: f64): f64 {
  let most: f64 = 0;
  for (let p = 0; p < places; p++) {
    const row = intAt(rowOf, p);
    if (row >= 0 && includes(rows, p)) most = max(most, abs(missing(row, size)));
  }
  return most;
}

/** Moves x onto the rows that hold with equality; returns their rank. */
function correct(rows: usize): i32 {
  tight = 0;
  for (let p = 0; p < places; p++) {
    const row = intAt(rowOf, p);
    if (row < 0 || !includes(rows, p)) continue;
    const to = tightRow(tight++), factor = 1 / at(norms, row), from = quotientRow(row);
    for (let j = 0; j < rank; j++) put(to, j, at(from, j) * factor);
    put(to, rank, missing(row, 1));
  }
  const wanted = isVertex ? rank : rank - 1;
  let found = 0;
  for (; found < wanted; found++) {
    let pivot = -1, most = DEPENDENT * DEPENDENT;
    for (let i = 0; i < tight; i++) {
      const row = tightRow(i), square = dotContiguous<f64>(rank, row, row);
      if (square > most) {
        pivot = i;
        most = square;
      }
    }
    if (pivot < 0) break;
    const q = tightRow(pivot), length = sqrt(most);
    for (let j = 0; j <= rank; j++) put(q, j, at(q, j) / length);
    axpyContiguous<f64>(rank, at(q, rank), q, x);
    memory.copy(z, q, (<usize>rank + 1) << 3);
    for (let i = 0; i < tight; i++) {
      const row = tightRow(i), share = dotContiguous<f64>(rank, z, row);
      axpyContiguous<f64>(rank + 1, -share, z, row);
    }
    memory.fill(q, 0, (<usize>rank + 1) << 3);
  }
  return found;
}

/** The length of x, which becomes 1 for a ray; of a vertex at least its distance from the rows of the basis. */
function sizeOf(): f64 {
  const length = sqrt(dotContiguous<f64>(rank, x, x));
  if (isVertex) {
    let most = length;
    for (let p = 0; p < rank; p++) most = max(most, abs(at(sides, intAt(rowOf, p))));
    return most == 0 ? 1 : most;
  }
  for (let j = 0; j < rank; j++) put(x, j, at(x, j) / length);
  return 1;
}

/** x := the ray or vertex in a slot, in the coordinates beside the equalities, a vertex as seen from the apex; false if its rows have too small a rank. */
function locate(slot: i32, verifies: bool): bool {
  const ray = rayAt(slot), rows = setOf(slot);
  isVertex = affine != 0 && !includes(rows, rank);
  const factor = isVertex ? -load<f64>(state + UNIT) / at(ray, rank) : -1;
  for (let j = 0; j < rank; j++) put(y, j, factor * at(ray, j));
  solveBasis(rank, y, x);
  let size = sizeOf();
  const enough = 4 * EPSILON * <f64>(rank + 1);
  let isRight = true;
  for (let pass = 0; pass < 3; pass++) {
    if (!(verifies && pass == 0) && worst(rows, size) <= enough) break;
    isRight = correct(rows) == (isVertex ? rank : rank - 1);
    size = sizeOf();
  }
  if (!verifies || !isRight) return isRight;
  for (let i = 0; i < m; i++) if (intAt(kinds, i) == PROPER && missing(i, size) < -tolerance) return false;
  return true;
}

/** Writes the n coordinates of what `locate` found. */
function write(to: usize): void {
  const fixed = get(FIXED), from = <usize>fixed << 3;
  if (get(PLAIN)) memory.copy(to, x, <usize>n << 3);
  else {
    memory.fill(to, 0, <usize>n << 3);
    memory.copy(to + from, x, <usize>rank << 3);
    turnBack(to, fixed + rank);
  }
  if (isVertex) {
    axpyContiguous<f64>(n, 1, apex, to);
    return;
  }
  const length = sqrt(dotContiguous<f64>(n, to, to));
  for (let j = 0; j < n; j++) put(to, j, at(to, j) / length);
}

/** Vertices among the rays. */
export function countVertices(): i32 {
  let count = 0;
  if (affine) for (let i = 0; i < get(LIVE); i++) if (!includes(setOf(intAt(live, i)), get(RANK))) count++;
  return count;
}

/** The largest distance of a vertex from the apex, in units of the homogenising coordinate: about 1 where the unit fits. */
export function sizeOfVertices(): f64 {
  const last = get(RANK);
  let most: f64 = 0;
  for (let i = 0; i < get(LIVE); i++) {
    const slot = intAt(live, i), ray = rayAt(slot);
    if (!includes(setOf(slot), last)) for (let j = 0; j < last; j++) most = max(most, at(ray, j) / at(ray, last));
  }
  return most;
}

/** Writes vertices and rays, n numbers each; returns how many of them a check finds wrong. */
export function writeRays(vertices: usize, rays: usize, verifies: bool): i32 {
  rank = get(RANK);
  const bytes = <usize>n << 3;
  let wrong = 0;
  for (let i = 0; i < get(LIVE); i++) {
    if (!locate(intAt(live, i), verifies)) wrong++;
    if (isVertex) {
      write(vertices);
      vertices += bytes;
    } else {
      write(rays);
      rays += bytes;
    }
  }
  return wrong;
}

/** Writes an orthonormal basis of what the rows span, and of what they do not reach, n numbers a vector. */
export function writeSpaces(span: usize, lineality: usize): void {
  const steps = get(FIXED) + get(RANK), bytes = <usize>n << 3;
  for (let j = 0; j < n; j++) {
    const to = j < steps ? span + <usize>j * bytes : lineality + <usize>(j - steps) * bytes;
    if (j < steps ? span == 0 : lineality == 0) continue;
    memory.fill(to, 0, bytes);
    put(to, j, 1);
    turnBack(to, steps);
  }
}

/** Writes the rows that each ray lies on, vertices first, a bit each in words of 32 bits; for a polyhedron the homogenising row comes last. */
export function writeIncidence(to: usize, width: i32): void {
  const bytes = <usize>width << 2;
  memory.fill(to, 0, bytes * <usize>get(LIVE));
  let vertices = to, rays = to + bytes * <usize>countVertices();
  for (let i = 0; i < get(LIVE); i++) {
    const rows = setOf(intAt(live, i));
    if (affine != 0 && !includes(rows, get(RANK))) {
      writeRows(rows, vertices);
      vertices += bytes;
    } else {
      writeRows(rows, rays);
      rays += bytes;
    }
  }
}

function writeRows(rows: usize, to: usize): void {
  for (let p = 0; p < places; p++) {
    if (!includes(rows, p)) continue;
    const row = intAt(rowOf, p);
    mark(to, row < 0 ? m : row);
  }
  for (let row = 0; row < m; row++) if (intAt(kinds, row) == TIGHT) mark(to, row);
}

function mark(to: usize, row: i32): void {
  const word = to + ((<usize>row >> 5) << 2);
  store<u32>(word, load<u32>(word) | (1 << (row & 31)));
}
