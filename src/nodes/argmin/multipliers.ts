// Multipliers of a point that a solver of the user's gave: by least squares on the constraints that hold with equality.

import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { view } from '../../linalg/blas/addresses.js';
import { lstsq } from '../../linalg/dense/lstsq.js';
import type { First, PointwiseProblem } from './point.js';
import type { Multipliers } from './residuals.js';

/** A slack below this share of its terms counts as 0. */
const TIGHT = { f64: 1e-8, f32: 1e-4 } as const;

/** λ >= 0 and ν with the smallest |∇f + Gᵀλ + Aᵀν| for each problem. */
export function multipliersAt(problem: PointwiseProblem, u: Float64Array): Multipliers {
  const { count, p, q } = problem.extents;
  const found = { lambda: new Float64Array(count * p), nu: new Float64Array(count * q) };
  if (p + q === 0) return found;
  const first = problem.first(u);
  for (let k = 0; k < count; k++) {
    let rows = tightAt(problem, first, u, k);
    for (;;) {
      const y = fitted(problem, first, rows, k);
      const worst = rows.reduce((at, _, i) => (y[i] < (y[at] ?? 0) ? i : at), -1);
      // Inequalities cannot pull: without the one that pulls most, the others are fitted again.
      const most = y.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
      if (worst >= 0 && y[worst] < -1e-12 * most) {
        rows = rows.filter((_, i) => i !== worst);
        continue;
      }
      rows.forEach((row, i) => {
        found.lambda[k * p + row] = Math.max(0, y[i]);
      });
      found.nu.set(y.slice(rows.length), k * q);
      break;
    }
  }
  return found;
}

/** The inequalities of problem k that hold with equality. */
function tightAt(
  { extents: { n, p }, dtype }: PointwiseProblem,
  { g, G }: First,
  u: Float64Array,
  k: number,
): number[] {
  return Array.from({ length: p }, (_, i) => i).filter((i) => {
    const row = k * p + i;
    let terms = Math.abs(g[row]);
    for (let j = 0; j < n; j++) terms += Math.abs(G[row * n + j] * u[k * n + j]);
    return Math.abs(g[row]) <= TIGHT[dtype] * (terms > 0 ? terms : 1);
  });
}

/** The least-squares multipliers of these inequalities and of all equalities. */
function fitted(
  { extents: { n, p, q } }: PointwiseProblem,
  { gradient, G, A }: First,
  rows: readonly number[],
  k: number,
): Float64Array {
  const count = rows.length + q;
  if (count === 0 || n === 0) return new Float64Array(count);
  const Bt = new Float64Array(n * count);
  for (let i = 0; i < n; i++) {
    rows.forEach((row, j) => {
      Bt[i * count + j] = G[(k * p + row) * n + i];
    });
    for (let j = 0; j < q; j++) Bt[i * count + rows.length + j] = A[(k * q + j) * n + i];
  }
  const right = gradient.slice(k * n, (k + 1) * n).map((value) => -value);
  return scope<{ y: Float64Array }>(() => {
    const { x } = lstsq(tensor(Bt, { shape: [n, count] }), tensor(right));
    return { y: view(x).slice() };
  }).y;
}
