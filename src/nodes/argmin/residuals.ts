// How far a point and its multipliers are from a solution: each residual over the size of the terms that it is a sum of.
import { relative } from '../problems/report.js';
import type { Extents } from './functions.js';
import type { First } from './point.js';

/** Multipliers of all problems, [count, p] and [count, q]. */
export interface Multipliers {
  lambda: Float64Array;
  nu: Float64Array;
}

/** The residuals of problem k. Unconstrained problems have `stationarity` only. */
export function residualsAt(
  first: First,
  H: Float64Array,
  u: Float64Array,
  { lambda, nu }: Multipliers,
  { n, p, q }: Extents,
  k: number,
): Record<string, number> {
  const { f, g, h, gradient, G, A } = first;
  let [force, size] = [0, 0];
  let curvature = 0;
  for (let i = 0; i < n; i++) {
    let total = gradient[k * n + i];
    let terms = p + q > 0 ? Math.abs(total) : 0;
    for (let j = 0; j < p; j++) {
      const term = lambda[k * p + j] * G[(k * p + j) * n + i];
      total += term;
      terms = Math.max(terms, Math.abs(term));
    }
    for (let j = 0; j < q; j++) {
      const term = nu[k * q + j] * A[(k * q + j) * n + i];
      total += term;
      terms = Math.max(terms, Math.abs(term));
    }
    let own = 0;
    for (let j = 0; j < n; j++) own += Math.abs(H[(k * n + i) * n + j] * u[k * n + j]);
    curvature = Math.max(curvature, Math.abs(H[(k * n + i) * n + i]));
    force = largest(force, Math.abs(total));
    size = Math.max(size, terms, own);
  }
  // What the gradient itself is a sum of is the user's: its size is that of the function's changes.
  size = Math.max(size, Math.sqrt(Math.abs(f[k]) * curvature));
  const found: Record<string, number> = { stationarity: relative(force, size) };
  if (p + q === 0) return found;
  let [away, sides, negative, product, products] = [0, 0, 0, 0, 0];
  const sizeOf = (M: Float64Array, row: number) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += Math.abs(M[row * n + j] * u[k * n + j]);
    return sum;
  };
  for (let i = 0; i < p; i++) {
    const row = k * p + i;
    const terms = Math.max(sizeOf(G, row), Math.abs(g[row]));
    away = largest(away, Math.max(0, g[row]));
    sides = Math.max(sides, terms);
    negative = Math.max(negative, -lambda[row]);
    product = largest(product, Math.abs(lambda[row] * g[row]));
    products = Math.max(products, Math.abs(lambda[row]) * terms);
  }
  for (let i = 0; i < q; i++) {
    const row = k * q + i;
    away = largest(away, Math.abs(h[row]));
    sides = Math.max(sides, sizeOf(A, row));
  }
  found.primal = sides > 0 ? away / sides : away;
  if (p > 0) {
    found.dual = relative(negative, maxOf(lambda, k * p, (k + 1) * p));
    found.complementarity = relative(product, products);
  }
  return found;
}

/** The larger one; NaN stays. */
function largest(a: number, b: number): number {
  return b <= a ? a : b;
}

function maxOf(x: Float64Array, from: number, to: number): number {
  let most = 0;
  for (let i = from; i < to; i++) most = Math.max(most, Math.abs(x[i]));
  return most;
}
