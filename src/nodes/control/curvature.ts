// Whether a step of Newton's method goes to a minimum: a backward sweep over the steps, as in Riccati's equation, finds
// the curvature in every control, with the states eliminated by the dynamics.
import type { Blocks, Layout } from './layout.js';

/** Weights of the squares of constraints that are added to the Hessian. */
export interface Weights {
  /** Of every equality. */
  readonly equality: number;
  /** Of inequality k. */
  readonly inequality: (k: number) => number;
}

/**
 * Whether H + shift + Jᵀ diag(weights) J is positive definite on the linearised dynamics.
 * @param feedback [T, nu, nz], gets the answer of each control to the entries of (x, u) before it, of least cost.
 * Source: Nocedal & Wright, Theorem 16.2 and section 18.4; Rawlings, Mayne & Diehl, Model Predictive Control, section
 * 8.8 (Riccati's recursion).
 */
export function isConvex(
  { T, nx, nz, q, p, qT, pT }: Layout,
  { A, C, G, H }: Blocks,
  weights: Weights,
  shift: number,
  feedback?: Float64Array,
): boolean {
  const nu = nz - nx;
  const P = new Float64Array(nx * nx);
  const S = new Float64Array(nz * nz);
  const terms = new Float64Array(nz);
  const PA = new Float64Array(nx * nz);
  /** S := H + shift + squares of the constraints of one step. */
  const begin = (t: number, n: number, equalities: number, inequalities: number) => {
    for (let i = 0; i < n * n; i++) S[i] = H[t * nz * nz + i];
    for (let i = 0; i < n; i++) {
      S[i * n + i] += shift;
      terms[i] = Math.abs(S[i * n + i]);
    }
    for (let k = 0; k < equalities; k++) square(C, t * q * nz + k * n, n, weights.equality);
    for (let k = 0; k < inequalities; k++) square(G, t * p * nz + k * n, n, weights.inequality(t * p + k));
  };
  const square = (rows: Float64Array, row: number, n: number, weight: number) => {
    for (let i = 0; i < n; i++) {
      const value = weight * rows[row + i];
      if (value === 0) continue;
      for (let j = 0; j < n; j++) S[i * n + j] += value * rows[row + j];
      terms[i] += Math.abs(value * rows[row + i]);
    }
  };
  begin(T, nx, qT, pT);
  P.set(S.subarray(0, nx * nx));
  for (let t = T - 1; t >= 0; t--) {
    begin(t, nz, q, p);
    const at = t * nx * nz;
    for (let i = 0; i < nx; i++) {
      for (let j = 0; j < nz; j++) {
        let sum = 0;
        for (let k = 0; k < nx; k++) sum += P[i * nx + k] * A[at + k * nz + j];
        PA[i * nz + j] = sum;
      }
    }
    for (let i = 0; i < nz; i++) {
      for (let j = 0; j < nz; j++) {
        let sum = 0;
        for (let k = 0; k < nx; k++) sum += A[at + k * nz + i] * PA[k * nz + j];
        S[i * nz + j] += sum;
        if (i === j) terms[i] += Math.abs(sum);
      }
    }
    // The controls are eliminated, the last one first; what is left is the curvature in the state.
    for (let k = nz - 1; k >= nz - nu; k--) {
      const pivot = S[k * nz + k];
      if (!(pivot > 1e-14 * terms[k])) return false;
      for (let i = 0; i < k; i++) {
        const factor = S[i * nz + k] / pivot;
        if (feedback !== undefined) feedback[(t * nu + k - nx) * nz + i] = -factor;
        if (factor === 0) continue;
        for (let j = 0; j < k; j++) S[i * nz + j] -= factor * S[k * nz + j];
      }
    }
    for (let i = 0; i < nx; i++)
      for (let j = 0; j < nx; j++) P[i * nx + j] = (S[i * nz + j] + S[j * nz + i]) / 2;
  }
  return true;
}
