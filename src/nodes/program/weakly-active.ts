// Inequalities that hold with equality to rounding, and those of them whose multiplier is 0 to rounding.
import { maxAbs } from '../../linalg/blas/addresses.js';
import type { Float } from '../../linalg/stack.js';
import type { ProgramNumbers } from './residuals.js';

/** A multiplier whose forces are at most this share of the terms that they balance is 0. */
const NOTHING: Record<Float, number> = { f64: 2 ** -42, f32: 2 ** -17 };

/** A slack of at most this share of its terms is 0. */
const TIGHT: Record<Float, number> = { f64: 1e-13, f32: 1e-6 };

/**
 * The active inequalities i with λ_i |G_ij| <= `NOTHING` times the terms of P x + q + Gᵀλ + Aᵀν in j, for all j: in any
 * units of unknowns, rows and objective.
 */
export function weaklyActive(
  { n, m, p, P, q, G, A }: ProgramNumbers,
  x: Float64Array,
  lambda: Float64Array,
  nu: Float64Array,
  active: ArrayLike<number | boolean>,
  dtype: Float,
): number[] {
  const on: number[] = [];
  for (let i = 0; i < m; i++) if (active[i]) on.push(i);
  if (on.length === 0) return on;
  const terms = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    terms[j] = Math.abs(q[j]);
    for (let k = 0; k < n; k++) terms[j] += 0.5 * Math.abs((P[j * n + k] + P[k * n + j]) * x[k]);
    for (const i of on) terms[j] += Math.abs(G[i * n + j] * lambda[i]);
    for (let i = 0; i < p; i++) terms[j] += Math.abs(A[i * n + j] * nu[i]);
  }
  const most = NOTHING[dtype];
  return on.filter((i) => terms.every((term, j) => Math.abs(G[i * n + j]) * lambda[i] <= most * term));
}

/** The inequalities that hold with equality to rounding, in units in which x is not small beside q / P. */
export function tightRows({ n, m, P, q, G, h }: ProgramNumbers, x: Float64Array, dtype: Float): number[] {
  const size = sizesOf({ n, P, q }, x);
  const rows: number[] = [];
  for (let i = 0; i < m; i++) {
    let slack = h[i];
    let terms = Math.abs(slack);
    for (let j = 0; j < n; j++) {
      slack -= G[i * n + j] * x[j];
      terms += Math.abs(G[i * n + j]) * size[j];
    }
    if (Math.abs(slack) <= TIGHT[dtype] * terms && terms < Number.POSITIVE_INFINITY) rows.push(i);
  }
  return rows;
}

/** |x| + |q / P| for each unknown. */
function sizesOf({ n, P, q }: Pick<ProgramNumbers, 'n' | 'P' | 'q'>, x: Float64Array): Float64Array {
  return x.map((value, j) => {
    const curvature = P[j * (n + 1)];
    return Math.abs(value) + (curvature > 0 ? Math.abs(q[j]) / curvature : 0);
  });
}

/** Whether x is nearly 0 beside q / P, so that its size says nothing about slacks. */
export function isNothing(numbers: Pick<ProgramNumbers, 'n' | 'P' | 'q'>, x: Float64Array): boolean {
  return maxAbs(x) <= 1e-6 * maxAbs(sizesOf(numbers, x));
}
