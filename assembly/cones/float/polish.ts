// A ray or vertex right to rounding: a null vector (for a vertex, a solution) of the rows that hold with equality there, nearest to what was found.
import { axpyContiguous } from '../../level1/axpy';
import { dotContiguous } from '../../level1/dot';
import { quotientRow } from './coordinates';
import { at, get, intAt, norms, put, putInt, RANK, rowOf, sides, slackRows, sortWork, words, x, z } from './state';

const EPSILON: f64 = 2.220446049250313e-16;
/** Below this sine a row depends on those before it. */
const DEPENDENT: f64 = 1e-11;
/** The same for the square of what the method of Cholesky leaves of a row, for the shorter way. */
const DOUBTFUL: f64 = 1e-8;

let rank: i32 = 0;
let isVertex: bool = false;
/** The rows that hold with equality: how many; their numbers are in `sortWork`. */
let tight: i32 = 0;

// @ts-ignore: decorator
@inline
function product(a: usize, b: usize): f64 {
  if (rank > 24) return dotContiguous<f64>(rank, a, b);
  let sum: f64 = 0;
  for (let o: usize = 0; o < <usize>rank << 3; o += 8) sum += load<f64>(a + o) * load<f64>(b + o);
  return sum;
}

/** Takes the rows of a set of places; says whether the point is a vertex. */
export function useTight(set: usize, vertex: bool): void {
  rank = get(RANK);
  isVertex = vertex;
  tight = 0;
  for (let w = 0; w < words; w++) {
    for (let rest = load<u64>(set + (<usize>w << 3)); rest != 0; rest &= rest - 1) {
      const row = intAt(rowOf, (w << 6) + <i32>ctz<u64>(rest));
      if (row >= 0) putInt(sortWork, tight++, row);
    }
  }
}

/** The length of x, which becomes 1 for a ray; of a vertex at least its distance from the rows of the basis. */
export function sizeOfPoint(): f64 {
  const length = sqrt(product(x, x));
  if (isVertex) {
    let most = length;
    for (let p = 0; p < rank; p++) most = max(most, abs(at(sides, intAt(rowOf, p))));
    return most == 0 ? 1 : most;
  }
  for (let j = 0; j < rank; j++) put(x, j, at(x, j) / length);
  return 1;
}

/** What is missing in a row at the point x: of unit length, relative to the size of the point. */
// @ts-ignore: decorator
@inline
export function missing(row: i32, size: f64): f64 {
  const value = product(quotientRow(row), x);
  return (isVertex ? at(sides, row) - value : -value) / (at(norms, row) * size);
}

/** Whether all rows that should hold with equality do, to rounding. */
export function isPolished(size: f64): bool {
  const enough = 4 * EPSILON * <f64>(rank + 1);
  for (let i = 0; i < tight; i++) if (abs(missing(intAt(sortWork, i), size)) > enough) return false;
  return true;
}

/** The rank that the rows must have. */
// @ts-ignore: decorator
@inline
function wanted(): i32 {
  return isVertex ? rank : rank - 1;
}

/** Moves x onto the rows; false if their rank is too small. `isShort`: where just as many rows hold as must, their rank need not be shown. */
export function polish(isShort: bool): bool {
  if (isShort && tight == wanted() && polishBySquares()) return true;
  return polishByPivots() == wanted();
}

// @ts-ignore: decorator
@inline
function square(i: i32, j: i32): usize {
  return slackRows + ((<usize>i * <usize>tight + <usize>j) << 3);
}

/** x += Vᵀ (V Vᵀ)⁻¹ r with the rows V of unit length and what is missing there, r; false where V Vᵀ is close to singular. */
function polishBySquares(): bool {
  for (let i = 0; i < tight; i++) {
    const row = intAt(sortWork, i), g = quotientRow(row), norm = at(norms, row);
    put(z, i, missing(row, 1));
    for (let j = 0; j <= i; j++) {
      const other = intAt(sortWork, j);
      let value = product(g, quotientRow(other)) / (norm * at(norms, other));
      for (let l = 0; l < j; l++) value -= load<f64>(square(i, l)) * load<f64>(square(j, l));
      if (j < i) store<f64>(square(i, j), value / load<f64>(square(j, j)));
      else if (value < DOUBTFUL) return false;
      else store<f64>(square(i, i), sqrt(value));
    }
  }
  for (let i = 0; i < tight; i++) {
    let value = at(z, i);
    for (let l = 0; l < i; l++) value -= load<f64>(square(i, l)) * at(z, l);
    put(z, i, value / load<f64>(square(i, i)));
  }
  for (let i = tight - 1; i >= 0; i--) {
    const value = at(z, i) / load<f64>(square(i, i)), row = intAt(sortWork, i);
    for (let l = 0; l < i; l++) put(z, l, at(z, l) - value * load<f64>(square(i, l)));
    axpyContiguous<f64>(rank, value / at(norms, row), quotientRow(row), x);
  }
  return true;
}

// @ts-ignore: decorator
@inline
function tightRow(i: i32): usize {
  return slackRows + ((<usize>i * <usize>(rank + 1)) << 3);
}

/** The same by orthogonalisation of the rows, each with what is missing behind it, the largest remainder first. Returns their rank, up to the one that is wanted. */
function polishByPivots(): i32 {
  for (let i = 0; i < tight; i++) {
    const row = intAt(sortWork, i), to = tightRow(i), factor = 1 / at(norms, row), from = quotientRow(row);
    for (let j = 0; j < rank; j++) put(to, j, at(from, j) * factor);
    put(to, rank, missing(row, 1));
  }
  let found = 0;
  for (; found < wanted(); found++) {
    let pivot = -1, most = DEPENDENT * DEPENDENT;
    for (let i = 0; i < tight; i++) {
      const row = tightRow(i), remainder = product(row, row);
      if (remainder > most) {
        pivot = i;
        most = remainder;
      }
    }
    if (pivot < 0) break;
    const q = tightRow(pivot), length = sqrt(most);
    for (let j = 0; j <= rank; j++) put(z, j, at(q, j) / length);
    axpyContiguous<f64>(rank, at(z, rank), z, x);
    for (let i = 0; i < tight; i++) {
      const row = tightRow(i);
      axpyContiguous<f64>(rank + 1, -product(z, row), z, row);
    }
    memory.fill(q, 0, (<usize>rank + 1) << 3);
  }
  return found;
}
