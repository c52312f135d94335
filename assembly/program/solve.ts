// min 1/2 xᵀPx + cᵀx over G x <= h and A x = b with a positive definite P, by the dual method with a working set.
// Source: Goldfarb and Idnani, A numerically stable dual method for solving strictly convex quadratic programs,
// Mathematical Programming 27 (1983).
import { axpyContiguous } from '../level1/axpy';
import { dotContiguous } from '../level1/dot';
import { cholesky, invert } from './factor';
import { enter, leave, solveR } from './working-set';
import {
  A, at, b, c, change, d, G, h, inside, J, line, n, normal, norms, p, put, q, set, u, x, z,
} from './workspace';

/** What solving may end with: 0 is a solution; all else is left to a method that can tell more. */
export const SOLVED: i32 = 0;
const INDEFINITE: i32 = 1;
const CONTRADICTION: i32 = 2;
const DEPENDENT: i32 = 3;
const LIMIT: i32 = 4;

/** Violations below this share of their terms are rounding. */
const ROUNDING: f64 = 1e-13;
/** A normal whose part beside the others is smaller than this, squared, depends on them. */
const PARALLEL: f64 = 1e-22;

/** Constraints in the working set, and iterations of the last program. */
export let size: i32 = 0;
export let iterations: i32 = 0;
/** Whether P is the identity. */
export let isNearest: bool = false;
/** Length of what the numbers of x come from, if they may cancel: rounding errors are relative to that. */
let origin: f64 = 0;

/** x := the solution, with the working set and its multipliers, in at most `limit` changes of the working set. */
export function solve(limit: i32): i32 {
  begin();
  if (!cholesky()) return INDEFINITE;
  invert();
  memory.fill(x, 0, 8 * <usize>n);
  for (let j = 0; j < n; j++) axpyContiguous<f64>(n, -dotContiguous<f64>(n, line(J, j), c), line(J, j), x);
  for (let i = 0; i < q; i++) {
    const info = addEquality(i);
    if (info != SOLVED) return info;
  }
  measureRows();
  return descend(limit);
}

/** The same for P = I, without equalities, and with norms that have been measured: x := the point of G x <= h nearest to -c. */
export function solveNearest(limit: i32): i32 {
  begin();
  isNearest = true;
  origin = sqrt(dotContiguous<f64>(n, c, c));
  memory.fill(J, 0, 8 * <usize>n * <usize>n);
  for (let i = 0; i < n; i++) {
    put(line(J, i), i, 1);
    put(x, i, -at(c, i));
  }
  return descend(limit);
}

function begin(): void {
  size = 0;
  iterations = 0;
  origin = 0;
  isNearest = false;
  memory.fill(inside, 0, 4 * <usize>p);
}

/** Lengths of the rows of G. */
export function measureRows(): void {
  for (let i = 0; i < p; i++) put(norms, i, sqrt(dotContiguous<f64>(n, line(G, i), line(G, i))));
}

/** Lets the most violated inequality enter until there is none. */
function descend(limit: i32): i32 {
  const most = min(limit, 50 * (n + p) + 100);
  while (iterations < most) {
    const worst = mostViolated();
    if (worst < 0) return SOLVED;
    iterations++;
    const info = addInequality(worst, most);
    if (info != SOLVED) return info;
  }
  return LIMIT;
}

/** d := Jᵀ normal, z := the part of J d beside the working set, change := R⁻¹ of the part along it; |d beside|² is returned. */
function directions(): f64 {
  for (let j = 0; j < n; j++) put(d, j, dotContiguous<f64>(n, line(J, j), normal));
  memory.fill(z, 0, 8 * <usize>n);
  for (let j = size; j < n; j++) axpyContiguous<f64>(n, at(d, j), line(J, j), z);
  memory.copy(change, d, 8 * <usize>size);
  solveR(size, change);
  const beside = d + 8 * <usize>size;
  return dotContiguous<f64>(n - size, beside, beside);
}

function isParallel(beside: f64): bool {
  return !(beside > PARALLEL * dotContiguous<f64>(n, d, d));
}

function addEquality(i: i32): i32 {
  const row = line(A, i);
  const away = dotContiguous<f64>(n, row, x) - at(b, i);
  const sign = away > 0 ? -1 : 1;
  for (let k = 0; k < n; k++) put(normal, k, sign * at(row, k));
  const beside = directions();
  if (size == n || isParallel(beside)) return DEPENDENT;
  const t = Math.abs(away) / beside;
  axpyContiguous<f64>(n, t, z, x);
  for (let k = 0; k < size; k++) put(u, k, at(u, k) - t * at(change, k));
  enter(size, i, sign, t);
  size++;
  return SOLVED;
}

/** The inequality with the largest violation, relative to the length of its normal; -1 if there is none. */
function mostViolated(): i32 {
  let worst = -1;
  let most: f64 = 0;
  const length = max(origin, sqrt(dotContiguous<f64>(n, x, x)));
  for (let i = 0; i < p; i++) {
    const norm = at(norms, i), side = at(h, i);
    if (load<i32>(inside + 4 * <usize>i) || side == Infinity) continue;
    const away = dotContiguous<f64>(n, line(G, i), x) - side;
    if (away <= ROUNDING * (norm * length + Math.abs(side))) continue;
    const relative = away / norm;
    if (relative > most || worst < 0) {
      most = relative;
      worst = i;
    }
  }
  return worst;
}

/** Moves until inequality i holds with equality; constraints whose multipliers become 0 on the way leave. */
function addInequality(i: i32, most: i32): i32 {
  const row = line(G, i);
  for (let k = 0; k < n; k++) put(normal, k, -at(row, k));
  let multiplier: f64 = 0;
  while (iterations <= most) {
    const beside = directions();
    const isBlocked = size == n || isParallel(beside);
    let first = -1;
    let t = Infinity;
    for (let k = 0; k < size; k++) {
      if (load<i32>(set + 4 * <usize>k) < q || at(change, k) <= 0) continue;
      const ratio = at(u, k) / at(change, k);
      if (ratio < t) {
        t = ratio;
        first = k;
      }
    }
    let isFull = false;
    if (!isBlocked) {
      const full = max(0.0, dotContiguous<f64>(n, row, x) - at(h, i)) / beside;
      if (full <= t) {
        t = full;
        isFull = true;
      }
    }
    if (t == Infinity) return CONTRADICTION;
    if (!isBlocked) axpyContiguous<f64>(n, t, z, x);
    for (let k = 0; k < size; k++) put(u, k, at(u, k) - t * at(change, k));
    multiplier += t;
    if (isFull) {
      enter(size, q + i, 1, multiplier);
      size++;
      store<i32>(inside + 4 * <usize>i, 1);
      return SOLVED;
    }
    store<i32>(inside + 4 * <usize>(load<i32>(set + 4 * <usize>first) - q), 0);
    leave(size, first);
    size--;
    iterations++;
  }
  return LIMIT;
}

/** Whether an inequality beside the working set holds with equality to rounding. */
export function hasOtherTight(): bool {
  const length = sqrt(dotContiguous<f64>(n, x, x));
  for (let i = 0; i < p; i++) {
    const side = at(h, i);
    if (load<i32>(inside + 4 * <usize>i) || side == Infinity) continue;
    const slack = side - dotContiguous<f64>(n, line(G, i), x);
    if (slack <= 1e-9 * (at(norms, i) * length + Math.abs(side))) return true;
  }
  return false;
}

/** Whether an inequality of the working set has a multiplier that is 0 to rounding. */
export function hasWeak(): bool {
  let forces: f64 = 0;
  for (let i = 0; i < n; i++) forces = max(forces, Math.abs(at(c, i)));
  for (let k = 0; k < size; k++) {
    const constraint = load<i32>(set + 4 * <usize>k);
    if (constraint >= q) forces = max(forces, at(u, k) * at(norms, constraint - q));
  }
  for (let k = 0; k < size; k++) {
    const constraint = load<i32>(set + 4 * <usize>k);
    if (constraint >= q && at(u, k) * at(norms, constraint - q) <= 1e-9 * forces) return true;
  }
  return false;
}
