// Coordinates in which the scales of rows and columns do not matter: the slacks s = b_B t - B z of the rows of the basis, and t itself for a
// polyhedron. There the cone of the basis is the orthant, and every ray that is made later has no negative coordinate, so that no digit is lost
// where rays are combined. Row a becomes c = a B⁻¹ with slack c s + beta t, beta = b - a z_0, where z_0 = B⁻¹ b_B is the apex of the basis.
import { dotContiguous } from '../../level1/dot';
import { factorBasis, solveBasis, solveBasisRow } from './basis';
import { addProduct, startSum, totalSum } from './double-double';
import { exponentOf, largestOf, times } from './scale';
import { loadRows, turnBack } from './select';
import {
  affine, apex, at, chosen, dimension, FIXED, get, intAt, kinds, left, lu, m, margins, n, norms, PLAIN, PLACES, pitch, places, PROPER, put,
  putInt, RANK, rowOf, set, sides, SKEW, slackRow, sorted, tolerance, useDimension, workRow, y, z,
} from './state';

/** What is smaller than its row by this factor is taken for rounding. */
const DUST: f64 = 1.4210854715202004e-14;

/** Row i in the coordinates beside the equalities. */
export function quotientRow(i: i32): usize {
  return get(PLAIN) ? workRow(i) : workRow(i) + (<usize>get(FIXED) << 3);
}

/** Numbers the rows that take part: those of the basis, the homogenising one (row -1), then the others in their order. */
function placeRows(): void {
  const fixed = get(FIXED), rank = get(RANK);
  let next = 0;
  for (let p = 0; p < rank; p++) putInt(rowOf, next++, intAt(chosen, fixed + p));
  if (affine) putInt(rowOf, next++, -1);
  for (let q = 0; q < m; q++) {
    const row = intAt(sorted, q);
    // Rows of the basis are marked by what is left of them, -1.
    if (intAt(kinds, row) == PROPER && at(left, row) >= 0) putInt(rowOf, next++, row);
  }
  set(PLACES, next);
  useDimension();
}

/** c := a B⁻¹, with one step of refinement where the basis is far from orthogonal. */
function slackCoordinates(row: i32, c: usize, rank: i32): void {
  const g = quotientRow(row);
  solveBasisRow(rank, g, c);
  if (!get(SKEW)) return;
  for (let j = 0; j < rank; j++) {
    startSum(at(g, j));
    for (let p = 0; p < rank; p++) addProduct(-at(c, p), at(quotientRow(intAt(rowOf, p)), j));
    put(y, j, totalSum());
  }
  solveBasisRow(rank, y, z);
  for (let p = 0; p < rank; p++) put(c, p, at(c, p) + at(z, p));
}

/** The apex in all n coordinates; y holds those of the equalities' solution. */
function findApex(rank: i32): void {
  const fixed = get(FIXED);
  memory.fill(apex, 0, <usize>n << 3);
  memory.copy(apex, y, <usize>fixed << 3);
  for (let p = 0; p < rank; p++) put(z, p, at(sides, intAt(rowOf, p)));
  solveBasis(rank, z, apex + (<usize>fixed << 3));
  if (!get(PLAIN)) turnBack(apex, fixed + rank);
}

/** beta = b - a x of a row as it was given, at the apex x, in units in which its largest entry lies in [1, 2). */
function distance(row: i32, a: usize, b: usize): f64 {
  const given = a + ((<usize>row * <usize>n) << 3), e = -exponentOf(largestOf(n, given));
  startSum(times(load<f64>(b + (<usize>row << 3)), e));
  for (let j = 0; j < n; j++) addProduct(-times(at(given, j), e), at(apex, j));
  return totalSum();
}

/** Distances from the apex in place of sides, of rows that take part and of the equalities; returns how far the apex is from the origin. */
function takeDistances(a: usize, b: usize, E: usize, e: usize): f64 {
  for (let p = 0; p < places; p++) {
    const row = intAt(rowOf, p);
    if (row >= 0) put(sides, row, distance(row, a, b));
  }
  for (let j = 0; j < get(FIXED); j++) {
    const row = intAt(chosen, j);
    put(sides, row, distance(row - m, E, e));
  }
  return sqrt(dotContiguous<f64>(n, apex, apex));
}

/**
 * The distance of a row from the apex itself, which is rounded: less the parts of the row along the basis and the equalities, times what is left
 * of the distance there.
 */
function trueDistance(row: i32, c: usize, rank: i32): f64 {
  const fixed = get(FIXED);
  let beta = at(sides, row);
  for (let j = 0; j < rank; j++) beta -= at(c, j) * at(sides, intAt(rowOf, j));
  for (let l = 0; l < fixed; l++) {
    let part = at(workRow(row), l);
    for (let j = 0; j < rank; j++) part -= at(c, j) * at(workRow(intAt(rowOf, j)), l);
    put(z, l, part);
  }
  for (let l = fixed - 1; l >= 0; l--) {
    const equality = intAt(chosen, l), turned = workRow(equality), share = at(z, l) / at(turned, l);
    for (let j = 0; j < l; j++) put(z, j, at(z, j) - share * at(turned, j));
    beta -= share * at(sides, equality);
  }
  return beta;
}

/** What the rounding of the data may make of the distance of a row from the apex. */
function doubtOf(row: i32, c: usize, rank: i32, far: f64): f64 {
  let sum = at(norms, row);
  for (let j = 0; j < rank; j++) sum += abs(at(c, j)) * at(norms, intAt(rowOf, j));
  return DUST * far * sum;
}

/** The row of a place: c with its largest entry in [1, 2), beta behind it. What is left of a slack by tolerance and rounding goes to `margins`. */
function fillRow(p: i32, rank: i32, far: f64): void {
  const c = slackRow(p), row = intAt(rowOf, p);
  slackCoordinates(row, c, rank);
  const largest = largestOf(rank, c), factor = times(1, -exponentOf(largest));
  let doubt: f64 = 0;
  if (affine) {
    const beta = trueDistance(row, c, rank);
    doubt = doubtOf(row, c, rank, far);
    put(c, rank, abs(beta) <= doubt ? 0 : beta);
  }
  for (let j = 0; j < rank; j++) if (abs(at(c, j)) <= DUST * largest) put(c, j, 0);
  for (let j = 0; j < dimension; j++) put(c, j, at(c, j) * factor);
  if (affine) put(margins, p, tolerance * abs(at(c, rank)) + doubt * factor);
}

/** All rows in coordinates of slacks: those of the basis are unit vectors. */
function fillRows(rank: i32, far: f64): void {
  memory.fill(margins, 0, <usize>places << 3);
  for (let p = 0; p < places; p++) {
    memory.fill(slackRow(p), 0, <usize>pitch << 3);
    if (p < dimension) put(slackRow(p), p, 1);
    else fillRow(p, rank, far);
  }
}

/** Makes the coordinates; rows and equalities are as they were given. */
export function makeCoordinates(a: usize, b: usize, E: usize, e: usize): void {
  const rank = get(RANK);
  placeRows();
  if (get(PLAIN)) {
    // Without a direction eliminated, the reflections only chose: rows as they were given keep integers what they are.
    loadRows(a, b);
  }
  for (let p = 0; p < rank; p++) {
    memory.copy(lu + ((<usize>p * <usize>rank) << 3), quotientRow(intAt(rowOf, p)), <usize>rank << 3);
  }
  factorBasis(rank);
  let far: f64 = 0;
  if (affine) {
    findApex(rank);
    far = takeDistances(a, b, E, e);
  }
  fillRows(rank, far);
}
