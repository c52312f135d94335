// The point of the relaxed optimality conditions: ∇f + Gᵀλ + Aᵀν = 0, g + s = 0, h = 0, s λ = κ with s, λ > 0, by Newton's
// method from a solution. Its derivatives also say what constraints that hold with equality without a multiplier, and
// the vertices of linear programs, respond to.
// Source: Tracy and Manchester, On the differentiability of the primal-dual interior-point method (2024).

import { tensor } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';
import { view } from '../../linalg/blas/addresses.js';
import { SymmetricSystem } from '../../optim/convex/symmetric-system.js';

/** A problem of n unknowns, p inequalities and q equalities at a point. */
export interface LocalModel {
  H: Float64Array;
  gradient: Float64Array;
  G: Float64Array;
  g: Float64Array;
  A: Float64Array;
  h: Float64Array;
}

/** A point with its multipliers. */
export interface PrimalDual {
  u: Float64Array;
  lambda: Float64Array;
  nu: Float64Array;
}

const LIMIT = 200;
/** The share of the way to the boundary that a step may go. */
const FRACTION = 0.99;
/** A residual, relative to its terms, with which the point counts. */
const GOOD = 1e-9;
const ROUNDING = 1e-15;

/** Memory that searches of one size share. */
export interface Work {
  system: SymmetricSystem;
  right: Tensor;
}

/** Memory for problems of N unknowns and multipliers; it belongs to the caller's scope. */
export function workOf(N: number): Work {
  return { system: new SymmetricSystem(N, 'f64', 'relax'), right: tensor(new Float64Array(N)) };
}

/**
 * The relaxed point near a solution; undefined if there is none (no interior). Asks for the model at points, so that a
 * batch of problems can be evaluated together.
 */
export function* relaxedSearch(
  start: PrimalDual,
  kappa: number,
  { system, right }: Work,
): Generator<PrimalDual, PrimalDual | undefined, LocalModel> {
  const [n, p] = [start.u.length, start.lambda.length];
  const root = Math.sqrt(kappa);
  let at: PrimalDual & { s: Float64Array } = {
    u: start.u.slice(),
    lambda: start.lambda.map((value) => Math.max(value, root)),
    nu: start.nu.slice(),
    s: new Float64Array(p),
  };
  let model = yield at;
  at.s = model.g.map((value) => Math.max(-value, root));
  let now = residual(model, at, kappa);
  for (let k = 0; k < LIMIT && now.size > ROUNDING; k++) {
    const d = direction(system, right, model, at, now);
    if (d === undefined) break;
    const ds = at.s.map((_, i) => -now.slack[i] - row(model.G, i, n, d));
    let next: typeof at | undefined;
    for (let t = longest(at, d, ds); t > 1e-10 && next === undefined; t *= 0.5) {
      const move = (x: Float64Array, step: Float64Array, from: number) =>
        x.map((value, i) => value + t * step[from + i]);
      const tried = {
        u: move(at.u, d, 0),
        lambda: move(at.lambda, d, n),
        nu: move(at.nu, d, n + p),
        s: move(at.s, ds, 0),
      };
      const there = yield tried;
      const then = residual(there, tried, kappa);
      if (then.size < now.size) [next, model, now] = [tried, there, then];
    }
    if (next === undefined) break;
    at = next;
  }
  return now.size <= GOOD ? { u: at.u, lambda: at.lambda, nu: at.nu } : undefined;
}

/** Newton's direction in (u, λ, ν). */
function direction(
  system: SymmetricSystem,
  right: Tensor,
  model: LocalModel,
  at: PrimalDual & { s: Float64Array },
  now: ReturnType<typeof residual>,
): Float64Array | undefined {
  if (!factor(system, model, at)) return undefined;
  const [n, p] = [at.u.length, at.lambda.length];
  const r = view(right);
  for (let i = 0; i < n; i++) r[i] = -now.force[i];
  for (let i = 0; i < p; i++) r[n + i] = -now.slack[i] + now.product[i] / at.lambda[i];
  for (let i = 0; i < at.nu.length; i++) r[n + p + i] = -model.h[i];
  system.solve(right.address);
  return view(right).slice(0, n + p + at.nu.length);
}

/** The longest step that keeps slacks and multipliers positive. */
function longest(
  { u, lambda, s }: PrimalDual & { s: Float64Array },
  d: Float64Array,
  ds: Float64Array,
): number {
  let t = 1;
  for (let i = 0; i < lambda.length; i++) {
    if (ds[i] < 0) t = Math.min(t, (-FRACTION * s[i]) / ds[i]);
    const change = d[u.length + i];
    if (change < 0) t = Math.min(t, (-FRACTION * lambda[i]) / change);
  }
  return t;
}

function factor(
  system: SymmetricSystem,
  { H, G, A }: LocalModel,
  { u, lambda, nu, s }: PrimalDual & { s: Float64Array },
): boolean {
  const [n, p, q] = [u.length, lambda.length, nu.length];
  const N = n + p + q;
  const K = system.matrix.data();
  K.fill(0);
  for (let i = 0; i < n; i++) K.set(H.subarray(i * n, (i + 1) * n), i * N);
  for (let i = 0; i < p; i++) {
    K.set(G.subarray(i * n, (i + 1) * n), (n + i) * N);
    K[(n + i) * (N + 1)] = -s[i] / lambda[i];
  }
  for (let i = 0; i < q; i++) K.set(A.subarray(i * n, (i + 1) * n), (n + p + i) * N);
  return system.factor(N);
}

/** The residuals, and the largest of them over the size of its terms. */
function residual(
  { gradient, G, g, A, h }: LocalModel,
  { u, lambda, nu, s }: PrimalDual & { s: Float64Array },
  kappa: number,
) {
  const n = u.length;
  const force = gradient.slice();
  let forces = 1e-300;
  for (let i = 0; i < n; i++) {
    forces = Math.max(forces, Math.abs(force[i]));
    for (const [M, y] of [
      [G, lambda],
      [A, nu],
    ] as const) {
      for (let j = 0; j < y.length; j++) {
        const term = M[j * n + i] * y[j];
        force[i] += term;
        forces = Math.max(forces, Math.abs(term));
      }
    }
  }
  const slack = g.map((value, i) => value + s[i]);
  const product = s.map((value, i) => value * lambda[i] - kappa);
  const largest = (x: Float64Array) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const sides = Math.max(1e-300, largest(g), largest(s), largest(u) * Math.max(largest(G), largest(A)));
  const parts = [
    largest(force) / forces,
    largest(slack) / sides,
    largest(h) / sides,
    largest(product) / kappa,
  ];
  const size = parts.reduce((most, value) => (value <= most ? most : value), 0);
  return { force, slack, product, size };
}

function row(M: Float64Array, i: number, n: number, d: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < n; j++) sum += M[i * n + j] * d[j];
  return sum;
}
