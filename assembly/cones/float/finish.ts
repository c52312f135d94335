// The rays and vertices in the coordinates of the problem, made right to rounding, and which rows each lies on.
import { axpyContiguous } from '../../level1/axpy';
import { dotContiguous } from '../../level1/dot';
import { includes } from '../bits';
import { solveBasis } from './basis';
import { isPolished, missing, polish, sizeOfPoint, useTight } from './polish';
import { live, rayAt, setOf } from './rays';
import { turnBack } from './select';
import {
  affine, apex, at, FIXED, get, intAt, kinds, LIVE, m, n, PLAIN, PROPER, put, RANK, rowOf, TIGHT, tolerance, words, x, y,
} from './state';

let isVertex: bool = false;

/** x := the ray or vertex in a slot, in the coordinates beside the equalities, a vertex as seen from the apex; false if a check finds it wrong. */
function locate(slot: i32, verifies: bool): bool {
  const ray = rayAt(slot), rows = setOf(slot), rank = get(RANK);
  isVertex = affine != 0 && !includes(rows, rank);
  const factor = isVertex ? -1 / at(ray, rank) : -1;
  for (let j = 0; j < rank; j++) put(y, j, factor * at(ray, j));
  solveBasis(rank, y, x);
  useTight(rows, isVertex);
  let size = sizeOfPoint();
  let isRight = true;
  for (let pass = 0; pass < 3; pass++) {
    const mustShow = verifies && pass == 0;
    if (!mustShow && isPolished(size)) break;
    isRight = polish(!mustShow) && isRight;
    size = sizeOfPoint();
  }
  if (!verifies || !isRight) return isRight;
  for (let i = 0; i < m; i++) if (intAt(kinds, i) == PROPER && missing(i, size) < -tolerance) return false;
  return true;
}

/** Writes the n coordinates of what `locate` found. */
function write(to: usize): void {
  const fixed = get(FIXED), rank = get(RANK), from = <usize>fixed << 3;
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

/** Writes vertices and rays, n numbers each; returns how many of them a check finds wrong. */
export function writeRays(vertices: usize, rays: usize, verifies: bool): i32 {
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
  for (let w = 0; w < words; w++) {
    for (let rest = load<u64>(rows + (<usize>w << 3)); rest != 0; rest &= rest - 1) {
      const row = intAt(rowOf, (w << 6) + <i32>ctz<u64>(rest));
      mark(to, row < 0 ? m : row);
    }
  }
  for (let row = 0; row < m; row++) if (intAt(kinds, row) == TIGHT) mark(to, row);
}

function mark(to: usize, row: i32): void {
  const word = to + ((<usize>row >> 5) << 2);
  store<u32>(word, load<u32>(word) | (1 << (row & 31)));
}
