// Directions that are eliminated before the enumeration, and a basis among the rows: reflections turn the rows so that those of the equalities, and
// then those chosen from A, have entries in the first coordinates only. What no row reaches is the lineality space.
// Rows are chosen in their order as long as they are well apart from those before, then those furthest apart, until the rest is dependent.
import { dotContiguous } from '../../level1/dot';
import { axpyContiguous, scal } from '../../level1/axpy';
import { exponentOf, largestOf, times } from './scale';
import {
  affine, at, chosen, EMPTY, FIXED, intAt, k, kinds, left, m, n, norms, PLAIN, PROPER, put, putInt, RANK, reflectors, scalars, set,
  sides, SKEW, SLACK, sorted, TIGHT, tolerance, workRow, y, ZERO,
} from './state';

/** The sine between a row and the span of those before it from which it is taken in its turn. */
const APART: f64 = 1e-2;
/** Beyond this no side of a row of entries near 1 means anything, and squares still fit. */
const FAR: f64 = 1e150;

/** Row i of `work`: the row at a (side at b), with its largest entry in [1, 2). */
function loadRow(i: i32, a: usize, b: usize): void {
  const row = workRow(i), largest = largestOf(n, a);
  memory.copy(row, a, <usize>n << 3);
  let side: f64 = affine ? load<f64>(b) : 0;
  if (largest > 0) {
    const e = -exponentOf(largest);
    if (e < -1000 || e > 1000) for (let j = 0; j < n; j++) put(row, j, times(at(row, j), e));
    else scal<f64>(n, times(1, e), row, 1);
    side = max(-FAR, min(FAR, times(side, e)));
  }
  put(sides, i, side);
  const norm = sqrt(dotContiguous<f64>(n, row, row));
  put(norms, i, norm);
  put(left, i, norm);
}

/** All rows of A. */
export function loadRows(a: usize, b: usize): void {
  for (let i = 0; i < m; i++) loadRow(i, a + ((<usize>i * <usize>n) << 3), b + (<usize>i << 3));
}

/** x := x (I - tau v vᵀ) from coordinate j on, for the reflection j. */
export function reflect(j: i32, row: usize): void {
  const tau = at(scalars, j);
  if (tau == 0) return;
  const from = <usize>j << 3, v = reflectors + ((<usize>j * <usize>n) << 3) + from, length = n - j;
  axpyContiguous<f64>(length, -tau * dotContiguous<f64>(length, v, row + from), v, row + from);
}

/** Turns `row` into the direction j, and with it rows `first` … `last - 1` that are not chosen. */
function eliminate(row: i32, j: i32, first: i32, last: i32): void {
  const from = <usize>j << 3, p = workRow(row) + from, v = reflectors + ((<usize>j * <usize>n) << 3) + from;
  const alpha = load<f64>(p), rest = dotContiguous<f64>(n - j - 1, p + 8, p + 8);
  memory.copy(v, p, <usize>(n - j) << 3);
  putInt(chosen, j, row);
  put(left, row, -1);
  if (rest == 0) put(scalars, j, 0);
  else {
    const length = sqrt(alpha * alpha + rest), beta = alpha > 0 ? -length : length;
    store<f64>(v, alpha - beta);
    put(scalars, j, 1 / (beta * (beta - alpha)));
    memory.fill(p, 0, <usize>(n - j) << 3);
    store<f64>(p, beta);
  }
  for (let i = first; i < last; i++) {
    if (at(left, i) < 0) continue;
    const other = workRow(i);
    reflect(j, other);
    put(left, i, sqrt(dotContiguous<f64>(n - j - 1, other + from + 8, other + from + 8)));
  }
}

/** The row from `first` to `last - 1` that is furthest from those chosen; -1 if all depend on them. */
function furthest(first: i32, last: i32): i32 {
  let best = -1, most: f64 = 0;
  for (let i = first; i < last; i++) {
    const norm = at(norms, i), sine = at(left, i) / norm;
    if (norm > 0 && sine > tolerance && sine > most) {
      best = i;
      most = sine;
    }
  }
  return best;
}

/** What of the side of a row is left at the solution of the equalities that has coordinates y; 0 if it is within rounding or tolerance. */
function gap(i: i32, fixed: i32): f64 {
  const row = workRow(i), product = dotContiguous<f64>(fixed, row, y), side = at(sides, i);
  const size = abs(side) + sqrt(dotContiguous<f64>(fixed, row, row) * dotContiguous<f64>(fixed, y, y));
  const rest = side - product;
  return abs(rest) <= tolerance * size ? 0 : rest;
}

/** Eliminates the equalities; y holds the coordinates of their solution. Returns their rank. */
function eliminateEqualities(E: usize, e: usize): i32 {
  for (let i = 0; i < k; i++) loadRow(m + i, E + ((<usize>i * <usize>n) << 3), e + (<usize>i << 3));
  let fixed = 0;
  for (; fixed < n; fixed++) {
    const row = furthest(m, m + k);
    if (row < 0) break;
    eliminate(row, fixed, 0, m + k);
    const p = workRow(row);
    put(y, fixed, (at(sides, row) - dotContiguous<f64>(fixed, p, y)) / at(p, fixed));
  }
  if (affine) {
    for (let i = m; i < m + k; i++) if (at(left, i) >= 0 && gap(i, fixed) != 0) set(EMPTY, 1);
  }
  return fixed;
}

/** What each row is, once the equalities are eliminated; sides become what is left of them, and norms those of the rest. */
function classify(fixed: i32): void {
  for (let i = 0; i < m; i++) {
    const norm = at(norms, i), rest = at(left, i), side = at(sides, i);
    let kind = PROPER;
    if (norm == 0) kind = ZERO;
    else if (rest <= tolerance * norm) kind = TIGHT;
    if (affine) {
      if (kind == ZERO && side < 0) set(EMPTY, 1);
      if (kind == TIGHT) {
        const between = gap(i, fixed);
        if (between < 0) set(EMPTY, 1);
        if (between > 0) kind = SLACK;
      }
      put(sides, i, side - dotContiguous<f64>(fixed, workRow(i), y));
    }
    if (kind != PROPER) put(left, i, -1);
    put(norms, i, rest);
    putInt(kinds, i, kind);
  }
}

/** Reads the problem, eliminates its equalities and chooses a basis of what the rows span beside them. */
export function select(a: usize, b: usize, E: usize, e: usize): void {
  loadRows(a, b);
  const fixed = eliminateEqualities(E, e);
  classify(fixed);
  set(SKEW, 0);
  let steps = fixed;
  for (let q = 0; q < m && steps < n; q++) {
    const row = intAt(sorted, q);
    if (at(left, row) > APART * at(norms, row)) eliminate(row, steps++, 0, m);
  }
  while (steps < n) {
    const row = furthest(0, m);
    if (row < 0) break;
    set(SKEW, 1);
    eliminate(row, steps++, 0, m);
  }
  set(FIXED, fixed);
  set(RANK, steps - fixed);
  set(PLAIN, fixed == 0 && steps == n ? 1 : 0);
}

/** x := the vector of all n coordinates that the reflections turned into x. */
export function turnBack(vector: usize, steps: i32): void {
  for (let j = steps - 1; j >= 0; j--) reflect(j, vector);
}
