// How far a point and its multipliers are from the solution of a quadratic program: each residual over the size of the terms
// that it is a sum of.
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import type { ConvexProgram } from '../../optim/convex/program.js';
import { relative } from '../problems/report.js';

/** The numbers of a program, row after row. */
export interface ProgramNumbers {
  n: number;
  m: number;
  p: number;
  P: Float64Array;
  q: Float64Array;
  G: Float64Array;
  h: Float64Array;
  A: Float64Array;
  b: Float64Array;
}

export function dataOf({ n, m, p, P, q, G, h, A, b }: ConvexProgram): ProgramNumbers {
  return { n, m, p, P: view(P), q: view(q), G: view(G), h: view(h), A: view(A), b: view(b) };
}

/** Largest entries of residuals over those of their terms; those of missing constraints are left out. */
export function residualsOf(
  { n, m, p, P, q, G, h, A, b }: ProgramNumbers,
  x: Float64Array,
  lambda: Float64Array,
  nu: Float64Array,
): Record<string, number> {
  // Sums of the rows of P (whose symmetric part counts) and of columns of G and A, row by row for the cache's sake.
  const Px = new Float64Array(n);
  const Gl = new Float64Array(n);
  const An = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const [row, xi] = [i * n, x[i]];
    let sum = 0;
    for (let j = 0; j < n; j++) {
      sum += P[row + j] * x[j];
      Px[j] += 0.5 * P[row + j] * xi;
    }
    Px[i] += 0.5 * sum;
  }
  let [away, sides, negative, product] = [0, 0, 0, 0];
  for (let i = 0; i < m; i++) {
    if (h[i] === Number.POSITIVE_INFINITY) continue;
    const row = i * n;
    let Gx = 0;
    for (let j = 0; j < n; j++) {
      Gx += G[row + j] * x[j];
      Gl[j] += G[row + j] * lambda[i];
    }
    const size = Math.max(Math.abs(Gx), Math.abs(h[i]));
    away = Math.max(away, Gx - h[i]);
    sides = Math.max(sides, size);
    negative = Math.max(negative, -lambda[i]);
    product = Math.max(product, Math.abs(lambda[i] * (h[i] - Gx)));
  }
  for (let i = 0; i < p; i++) {
    const row = i * n;
    let Ax = 0;
    for (let j = 0; j < n; j++) {
      Ax += A[row + j] * x[j];
      An[j] += A[row + j] * nu[i];
    }
    away = Math.max(away, Math.abs(Ax - b[i]));
    sides = Math.max(sides, Math.abs(Ax), Math.abs(b[i]));
  }
  let [force, forces] = [0, 0];
  for (let i = 0; i < n; i++) {
    force = Math.max(force, Math.abs(Px[i] + q[i] + Gl[i] + An[i]));
    forces = Math.max(forces, Math.abs(Px[i]), Math.abs(q[i]), Math.abs(Gl[i]), Math.abs(An[i]));
  }
  const found: Record<string, number> = { stationarity: relative(force, forces) };
  if (m + p > 0) found.primal = relative(away, sides);
  if (m > 0) {
    // Of a bound at 0 neither side has a size of its own.
    const most = maxAbs(lambda);
    found.dual = relative(negative, most);
    found.complementarity = relative(product, most * sides);
  }
  return found;
}
