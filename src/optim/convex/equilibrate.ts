// P̂ = c D P D, q̂ = c D q, Ĝ = E G D, ĥ = E h, Â = F A D, b̂ = F b: rows and columns with largest entry 1.
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import { array, type ConvexProgram } from './program.js';

/** The factors: x = D x̂, λ = E λ̂ / c, ν = F ν̂ / c. */
export interface Scaling {
  D: Float64Array;
  E: Float64Array;
  F: Float64Array;
  c: number;
}

const ROUNDS = 15;

/**
 * Ruiz's iteration on the KKT matrix with the border [0; h; b] as one more row and column. The border fixes the scale
 * of x, which the matrices alone do not. q is scaled separately by c (it would fix the scale of the multipliers).
 * Source: Ruiz, RAL-TR-2001-034; Stellato et al., Math. Prog. Comp. 12 (2020), section 5.1; the border: O'Donoghue,
 * Chu, Parikh & Boyd, J. Optim. Theory Appl. 169 (2016), section 5.
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
  const [D, E, F] = [ones(n), ones(m), ones(p)];
  let unit = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const column = new Float64Array(n);
    const rowsOfG = h.map(Math.abs);
    const rowsOfA = b.map(Math.abs);
    const border = Float64Array.of(Math.max(maxAbs(h), maxAbs(b)));
    gather(P, n, n, undefined, column);
    gather(G, m, n, rowsOfG, column);
    gather(A, p, n, rowsOfA, column);
    for (const norms of [column, rowsOfG, rowsOfA, border]) inverseRoot(norms);
    apply(P, n, n, column, column);
    apply(G, m, n, rowsOfG, column);
    apply(A, p, n, rowsOfA, column);
    apply(q, 1, n, border, column);
    apply(h, m, 1, rowsOfG, border);
    apply(b, p, 1, rowsOfA, border);
    times(D, column);
    times(E, rowsOfG);
    times(F, rowsOfA);
    unit *= border[0];
  }
  if (maxAbs(h) === 0 && maxAbs(b) === 0 && maxAbs(P) > 0 && maxAbs(q) > 0) {
    // If no right side fixes the scale of x, q and P do.
    const ratio = maxAbs(P) / maxAbs(q);
    for (let i = 0; i < n; i++) q[i] *= ratio;
    unit *= ratio;
  }
  // x = D x̂ / unit and λ = E λ̂ / unit: D is divided, E and F are multiplied, and unit² belongs to c.
  for (let i = 0; i < n; i++) D[i] /= unit;
  for (const factor of [E, F]) for (let i = 0; i < factor.length; i++) factor[i] *= unit;
  const size = Math.max(maxAbs(q), maxAbs(P));
  const c = size > 0 ? 1 / size : 1;
  for (const data of [q, P]) for (let i = 0; i < data.length; i++) data[i] *= c;
  return { scaled, scaling: { D, E, F, c: c * unit * unit } };
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
