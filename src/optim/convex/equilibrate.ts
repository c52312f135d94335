// P̂ = c D P D, q̂ = c D q, Ĝ = E G D, ĥ = E h, Â = F A D, b̂ = F b: rows and columns with largest entry 1.
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import { geometricScale } from './geometric-scale.js';
import { array, type ConvexProgram } from './program.js';

/** The factors: x = D x̂, λ = E λ̂ / c, ν = F ν̂ / c. */
export interface Scaling {
  D: Float64Array;
  E: Float64Array;
  F: Float64Array;
  c: number;
}

/** Norms between this and its reciprocal are equal enough. */
const EVEN = 0.8;
const ROUNDS = 10;

/**
 * Ruiz's iteration on the KKT matrix [P, Gᵀ, Aᵀ; G, 0, 0; A, 0, 0]. It starts from geometric means, and then rows of G
 * and A, and a P, of largest entry 1, so that the units leave no trace: Ruiz's iteration alone stops at the first
 * matrix whose rows and columns have an entry of 1, as [P, I; I, 0] with a tiny P. The right sides take no part: a row whose
 * largest entry were its right side would count as scaled, however small the row itself is. They and q say afterwards
 * what the size of x is.
 * Source: Ruiz, RAL-TR-2001-034; Stellato et al., Math. Prog. Comp. 12 (2020), section 5.1.
 */
export function equilibrate(program: ConvexProgram): { scaled: ConvexProgram; scaling: Scaling } {
  const { n, m, p } = program;
  const copy = (key: 'P' | 'q' | 'G' | 'h' | 'A' | 'b') =>
    array('equilibrate', program[key].shape, program[key]);
  const scaled: ConvexProgram = {
    ...program,
    ...{ P: copy('P'), q: copy('q'), G: copy('G'), h: copy('h'), A: copy('A'), b: copy('b') },
  };
  const [P, G, A, q, h, b] = [scaled.P, scaled.G, scaled.A, scaled.q, scaled.h, scaled.b].map(view);
  const [D, E, F] = [geometricScale(program), ones(m), ones(p)];
  apply(P, n, n, D, D);
  apply(G, m, n, E, D);
  apply(A, p, n, F, D);
  times(q, D);
  const cost = 1 / (maxAbs(P) || 1);
  for (const data of [P, q]) multiply(data, cost);
  const scaleRows = (M: Float64Array, rows: number, columns: Float64Array, factors: Float64Array[]) => {
    const [row, factor, side] = factors;
    apply(M, rows, n, row, columns);
    times(factor, row);
    times(side, row);
  };
  for (let round = 0; round <= ROUNDS; round++) {
    const column = new Float64Array(n);
    const [rowsOfG, rowsOfA] = [new Float64Array(m), new Float64Array(p)];
    gather(P, n, n, undefined, column);
    gather(G, m, n, rowsOfG, column);
    gather(A, p, n, rowsOfA, column);
    if (round > 0 && [column, rowsOfG, rowsOfA].every(isEven)) break;
    if (round === 0) column.fill(1);
    else inverseRoot(column);
    for (const norms of [rowsOfG, rowsOfA]) {
      if (round > 0) inverseRoot(norms);
      else for (let i = 0; i < norms.length; i++) norms[i] = 1 / (norms[i] || 1);
    }
    apply(P, n, n, column, column);
    scaleRows(G, m, column, [rowsOfG, E, h]);
    scaleRows(A, p, column, [rowsOfA, F, b]);
    times(q, column);
    times(D, column);
  }
  // x = D unit x̂ and λ = E λ̂ / unit: the objective is divided by unit².
  const unit = sizeOfSolution(P, q, h, b);
  for (const data of [q, h, b, E, F]) multiply(data, 1 / unit);
  multiply(D, unit);
  const c = 1 / (Math.max(maxAbs(q), maxAbs(P)) || 1);
  for (const data of [q, P]) multiply(data, c);
  return { scaled, scaling: { D, E, F, c: (cost * c) / unit / unit } };
}

/**
 * Of what size x is: at least as large as b, and the right sides that exclude 0, ask for; then as large as q and P ask
 * for, if right sides that do not exclude 0 allow for it. Of those the geometric mean counts, as some may be stand-ins
 * for infinity. If nothing says of what size x is, any unit will do.
 */
function sizeOfSolution(P: Float64Array, q: Float64Array, h: Float64Array, b: Float64Array): number {
  let least = maxAbs(b);
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const value of h) {
    if (value < 0) least = Math.max(least, -value);
    else if (value > 0) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const allowed = high > 0 ? Math.sqrt(low) * Math.sqrt(high) : Number.POSITIVE_INFINITY;
  const wanted = maxAbs(q) / maxAbs(P);
  const size = wanted > 0 ? Math.min(wanted, allowed) : allowed;
  const unit = size < Number.POSITIVE_INFINITY ? Math.max(least, size) : least;
  return unit > 0 ? unit : 1;
}

const ones = (count: number) => new Float64Array(count).fill(1);

/** The largest |entry| of every row and column, combined with the values that are already there. */
function gather(
  M: Float64Array,
  rows: number,
  columns: number,
  row: Float64Array | undefined,
  column: Float64Array,
): void {
  for (let i = 0, at = 0; i < rows; i++) {
    let most = row?.[i] ?? 0;
    for (let j = 0; j < columns; j++, at++) {
      const value = Math.abs(M[at]);
      if (value > most) most = value;
      if (value > column[j]) column[j] = value;
    }
    if (row !== undefined) row[i] = most;
  }
}

/** Whether norms that are not 0 are about 1. */
const isEven = (norms: Float64Array): boolean =>
  norms.every((norm) => norm === 0 || (norm > EVEN && norm < 1 / EVEN));

/** v := 1 / sqrt(v), and 1 for zeros. */
function inverseRoot(v: Float64Array): void {
  for (let i = 0; i < v.length; i++) v[i] = v[i] > 0 ? 1 / Math.sqrt(v[i]) : 1;
}

function apply(
  M: Float64Array,
  rows: number,
  columns: number,
  row: Float64Array,
  column: Float64Array,
): void {
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) M[at] *= row[i] * column[j];
  }
}

function times(v: Float64Array, factor: Float64Array): void {
  for (let i = 0; i < v.length; i++) v[i] *= factor[i];
}

function multiply(v: Float64Array, factor: number): void {
  for (let i = 0; i < v.length; i++) v[i] *= factor;
}
