// The residuals of the optimality conditions, each over the size of the terms that it is a sum of.
import { relative } from '../problems/report.js';
import { lagrangianGradient } from './kkt.js';
import type { Blocks, Evaluation, Layout } from './layout.js';
import { largest } from './layout.js';

/** The sizes that residuals are compared with. */
export interface Scales {
  /** Of the gradient of the Lagrangian. */
  readonly gradient: number;
  /** Of states. */
  readonly state: number;
  /** Of the constraints. */
  readonly constraint: number;
  /** Of the multipliers of inequalities: what a multiplier is that balances the gradient. */
  readonly multiplier: number;
}

/** A part of the terms that could be there. */
const SMALL = 1e-6;

/** The scales at a point; the blocks may be those of a point nearby. */
export function scalesAt(layout: Layout, E: Evaluation, blocks: Blocks, w: Float64Array): Scales {
  const { T, nx, nz, q, p, qT, pT, stride, inequalities } = layout;
  const { costGradient, C, G, H } = blocks;
  // The largest |z_i| over time: sizes of terms are those of matrices times these.
  const z = new Float64Array(nz);
  for (let t = 0; t <= T; t++) {
    const n = t === T ? nx : nz;
    for (let i = 0; i < n; i++) z[i] = Math.max(z[i], Math.abs(w[t * stride + nx + i]));
  }
  const product = (M: Float64Array, from: number, n: number, count: number) => {
    let high = 0;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += Math.abs(M[from + i * n + j]) * z[j];
      if (sum > high) high = sum;
    }
    return high;
  };
  let [gradient, constraint, row] = [0, 0, 0];
  for (let t = 0; t <= T; t++) {
    const n = t === T ? nx : nz;
    gradient = Math.max(gradient, product(H, t * nz * nz, n, n));
    for (let i = 0; i < n; i++) {
      const cost = costGradient[t * nz + i];
      const lambda = i < nx ? w[t * stride + i] : 0;
      const rest = E.gradient[t * nz + i] - cost;
      gradient = Math.max(gradient, Math.abs(cost), Math.abs(lambda), Math.abs(rest));
    }
    const isLast = t === T;
    constraint = Math.max(constraint, product(C, t * q * nz, n, isLast ? qT : q));
    constraint = Math.max(constraint, product(G, t * p * nz, n, isLast ? pT : p));
  }
  for (let i = 0; i < C.length; i++) row = Math.max(row, Math.abs(C[i]));
  for (let i = 0; i < G.length; i++) row = Math.max(row, Math.abs(G[i]));
  // Constant terms show in the values of constraints that do not hold, or hold with a slack.
  constraint = Math.max(constraint, largest(E.h), largest(E.g));
  // Where states and controls are 0 at the solution, they are small beside those that the constraints allow.
  const allowed = Math.max(largest(z), row > 0 ? constraint / row : 0);
  gradient = Math.max(gradient, SMALL * largest(H) * allowed);
  let most = 0;
  for (let k = 0; k < inequalities.length; k++) most = Math.max(most, Math.abs(w[inequalities[k]]));
  return {
    gradient,
    state: Math.max(largest(E.next), stateSize(z, nx)),
    constraint,
    multiplier: Math.max(most, row > 0 ? gradient / row : 0),
  };
}

const stateSize = (z: Float64Array, nx: number) => largest(z.subarray(0, nx));

/** The residuals of one problem. */
export type Found = Record<string, number>;

/** The residuals at w. */
export function residualsAt(
  layout: Layout,
  E: Evaluation,
  scales: Scales,
  w: Float64Array,
  start: Float64Array,
): Found {
  const { T, nx, nz, stride, equalities, inequalities } = layout;
  const r = lagrangianGradient(layout, E, w, start);
  let [stationarity, dynamics, primal, dual, complementarity] = [0, 0, 0, 0, 0];
  const max = (a: number, b: number) => (b <= a ? a : b);
  for (let t = 0; t <= T; t++) {
    const base = t * stride;
    for (let i = 0; i < nx; i++) dynamics = max(dynamics, Math.abs(r[base + i]));
    const n = t === T ? nx : nz;
    for (let i = 0; i < n; i++) stationarity = max(stationarity, Math.abs(r[base + nx + i]));
  }
  const found: Found = {
    stationarity: relative(stationarity, scales.gradient),
    dynamics: relative(dynamics, scales.state),
  };
  if (equalities.length + inequalities.length === 0) return found;
  for (let k = 0; k < equalities.length; k++) primal = max(primal, Math.abs(E.h[k]));
  for (let k = 0; k < inequalities.length; k++) {
    const mu = w[inequalities[k]];
    primal = max(primal, Math.max(0, E.g[k]));
    dual = max(dual, Math.max(0, -mu));
    complementarity = max(complementarity, Math.abs(mu * E.g[k]));
  }
  found.primal = relative(primal, scales.constraint);
  if (inequalities.length === 0) return found;
  found.dual = relative(dual, scales.multiplier);
  found.complementarity = relative(complementarity, scales.multiplier * scales.constraint);
  return found;
}

/** The largest of them. */
export function worstOf(found: Found): number {
  let worst = 0;
  for (const value of Object.values(found)) if (!(value <= worst)) worst = value;
  return worst;
}
