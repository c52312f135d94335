// Inequalities that hold with equality, but whose multiplier is 0 to rounding.
import type { Float } from '../../linalg/stack.js';
import type { ProgramNumbers } from './residuals.js';

/** A multiplier whose forces are at most this share of the terms that they balance is 0. */
const NOTHING: Record<Float, number> = { f64: 2 ** -42, f32: 2 ** -17 };

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
