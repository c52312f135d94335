// A local minimum of each problem of a batch near its start: Newton's method with modified Hessians, or sequential
// quadratic programming with them where there are constraints.
// Source: Nocedal & Wright, Numerical Optimization, chapters 3 and 18.

import { wayDown } from './escape.js';
import type { Extents } from './functions.js';
import type { First, PointwiseProblem } from './point.js';
import { type Multipliers, residualsAt } from './residuals.js';
import { constrainedStep, type Model, newtonStep, type Step } from './step.js';

/** A point with multipliers, and how it was reached. */
export interface Reached extends Multipliers {
  u: Float64Array;
  iterations: number;
  /** Problems whose constraints contradict each other near the point. */
  contradicted: boolean[];
}

/** Sufficient decrease, and the shortest step. */
const ARMIJO = 1e-4;
const SHORTEST = 1e-12;
/** Residuals below `near` leave the rest to polishing; changes of the merit function below `noise` say nothing. */
const LEVELS = { f64: { near: 1e-7, noise: 1e-14 }, f32: { near: 1e-4, noise: 1e-6 } } as const;
/** Stationary points to leave along negative curvature, each sign counted. */
const ESCAPES = 10;
/** Steps without progress before a problem is given up. */
const PATIENCE = 3;

/** The state of the iteration for one problem. */
interface Progress {
  /** Weight of the constraints in the merit function. */
  weight: number;
  done: boolean;
  failures: number;
  /** Stationary points left that were no minima. */
  escapes: number;
}

/** Minimises from u0. */
export function descend(problem: PointwiseProblem, u0: Float64Array, maxIterations: number): Reached {
  const { count, n, p, q } = problem.extents;
  const u = u0.slice();
  const lambda = new Float64Array(count * p);
  const nu = new Float64Array(count * q);
  const progress = Array.from(
    { length: count },
    (): Progress => ({ weight: 0, done: false, failures: 0, escapes: 0 }),
  );
  const contradicted = new Array<boolean>(count).fill(false);
  let iterations = 0;
  while (iterations < maxIterations && progress.some(({ done }) => !done)) {
    const first = problem.first(u);
    const H = problem.second(u, lambda, nu);
    const steps = progress.map((state, k): Step | undefined => {
      if (state.done) return undefined;
      const found = residualsAt(first, H, u, { lambda, nu }, problem.extents, k);
      if (Object.values(found).every((value) => value <= LEVELS[problem.dtype].near)) {
        const model = modelAt(problem.extents, first, H, lambda, k);
        const way = state.escapes < ESCAPES ? escapeStep(model, problem.dtype, u, nu, state, k) : undefined;
        state.done = way === undefined;
        return way;
      }
      return stepAt(problem.extents, first, H, lambda, k);
    });
    if (steps.every((step) => step === undefined)) break;
    iterations++;
    search(problem, first, u, steps, progress);
    steps.forEach((step, k) => {
      if (step === undefined) return;
      contradicted[k] = !step.isFeasible;
      if (!step.isFeasible) return;
      lambda.set(step.lambda, k * p);
      nu.set(step.nu, k * q);
    });
    for (let i = 0; i < u.length; i++) {
      if (Number.isFinite(u[i])) continue;
      progress[Math.floor(i / n)].done = true;
    }
  }
  return { u, lambda, nu, iterations, contradicted };
}

function modelAt(
  { n, p, q }: Extents,
  { gradient, G, g, A, h }: First,
  H: Float64Array,
  lambda: Float64Array,
  k: number,
): Model {
  const part = (x: Float64Array, size: number) => x.slice(k * size, (k + 1) * size);
  return {
    ...{ n, p, q },
    H: part(H, n * n),
    gradient: part(gradient, n),
    G: part(G, p * n),
    g: part(g, p),
    A: part(A, q * n),
    h: part(h, q),
    lambda: part(lambda, p),
  };
}

/** A step along negative curvature, one way and then the other. */
function escapeStep(
  model: Model,
  dtype: PointwiseProblem['dtype'],
  u: Float64Array,
  nu: Float64Array,
  state: Progress,
  k: number,
): Step | undefined {
  const way = wayDown(model, dtype);
  if (way === undefined) return undefined;
  const { n, q, gradient, H, lambda } = model;
  let slope = 0;
  let size = 1;
  for (let i = 0; i < n; i++) {
    slope += gradient[i] * way.d[i];
    size = Math.max(size, Math.abs(u[k * n + i]));
  }
  const length = (slope > 0 ? -1 : 1) * (state.escapes % 2 === 0 ? 0.5 : -0.5) * size;
  state.escapes++;
  // Leaving the constraints must not look like a way down.
  state.weight = Math.max(state.weight, H.reduce((most, value) => Math.max(most, Math.abs(value)), 0) * size);
  return {
    d: way.d.map((value) => length * value),
    lambda: lambda.slice(),
    nu: nu.slice(k * q, (k + 1) * q),
    isFeasible: true,
    curvature: way.curvature * length * length,
  };
}

function stepAt(extents: Extents, first: First, H: Float64Array, lambda: Float64Array, k: number): Step {
  const model = modelAt(extents, first, H, lambda, k);
  if (extents.p + extents.q > 0) return constrainedStep(model);
  return { d: newtonStep(model), lambda: new Float64Array(0), nu: new Float64Array(0), isFeasible: true };
}

type Some = Pick<First, 'f' | 'g' | 'h'>;

/** The sum of the violations of problem k. */
function violation({ g, h }: Some, { p, q }: Extents, k: number): number {
  let sum = 0;
  for (let i = k * p; i < (k + 1) * p; i++) sum += Math.max(0, g[i]);
  for (let i = k * q; i < (k + 1) * q; i++) sum += Math.abs(h[i]);
  return sum;
}

/**
 * Moves u along the steps as far as the merit function f + weight · violation falls. A full step that the curvature of
 * the constraints spoils is corrected once (second-order correction).
 */
function search(
  problem: PointwiseProblem,
  first: First,
  u: Float64Array,
  steps: (Step | undefined)[],
  progress: Progress[],
): void {
  const { extents } = problem;
  const { n } = extents;
  const before = u.slice();
  const t = steps.map((step) => (step === undefined ? 0 : 1));
  const open = new Set(steps.flatMap((step, k) => (step === undefined ? [] : [k])));
  const slopes = steps.map((step, k) =>
    step === undefined ? 0 : slopeOf(first, extents, step, progress[k], k),
  );
  const place = (k: number, d: Float64Array, factor: number) => {
    for (let i = 0; i < n; i++) u[k * n + i] = before[k * n + i] + factor * d[i];
  };
  const merit = (at: Some, k: number) => at.f[k] + progress[k].weight * violation(at, extents, k);
  const isLower = (at: Some, k: number) => {
    const [from, to] = [merit(first, k), merit(at, k)];
    const { curvature } = steps[k] as Step;
    if (curvature !== undefined) return to < from + 0.5 * ARMIJO * t[k] * t[k] * curvature;
    return to <= from + ARMIJO * t[k] * slopes[k] + LEVELS[problem.dtype].noise * Math.abs(from);
  };
  const corrected = new Set<number>();
  while (open.size > 0) {
    for (const k of open) if (!corrected.has(k)) place(k, (steps[k] as Step).d, t[k]);
    const at = problem.values(u);
    for (const k of open) {
      if (isLower(at, k)) {
        progress[k].failures = 0;
        open.delete(k);
        continue;
      }
      const step = steps[k] as Step;
      // Along negative curvature every trial must come back to the constraints.
      const isCurved = t[k] === 1 || step.curvature !== undefined;
      if (isCurved && !corrected.has(k) && extents.p + extents.q > 0 && step.isFeasible) {
        corrected.add(k);
        const d = correction(extents, first, at, step, k);
        place(
          k,
          step.d.map((value, i) => t[k] * value + d[i]),
          1,
        );
        continue;
      }
      corrected.delete(k);
      t[k] *= 0.5;
      if (t[k] >= SHORTEST) continue;
      place(k, step.d, 0);
      open.delete(k);
      // A way down that is none leaves the point; after both signs it is what it is.
      if (step.curvature !== undefined) continue;
      if (++progress[k].failures >= PATIENCE) progress[k].done = true;
      // A heavier weight may let the next step pass.
      progress[k].weight *= 10;
    }
  }
}

/** The slope of the merit function along a step; raises its weight so that it falls. */
function slopeOf(
  first: First,
  extents: Extents,
  { d, lambda, nu, isFeasible }: Step,
  state: Progress,
  k: number,
): number {
  const { n } = extents;
  let slope = 0;
  for (let i = 0; i < n; i++) slope += first.gradient[k * n + i] * d[i];
  const away = violation(first, extents, k);
  if (!isFeasible) {
    state.weight = Math.max(state.weight, 1e3 * (1 + Math.abs(slope)));
    return 0;
  }
  let most = 0;
  for (const y of [lambda, nu]) for (const value of y) most = Math.max(most, Math.abs(value));
  state.weight = Math.max(state.weight, 1.1 * most);
  return slope - state.weight * away;
}

/** The shortest d with B d = -c(u + step) for the constraints that the step holds with equality. */
function correction(
  { n, p, q }: Extents,
  { G, A }: First,
  at: Some,
  { lambda }: Step,
  k: number,
): Float64Array {
  const rows: { from: Float64Array; row: number; value: number }[] = [];
  for (let i = 0; i < p; i++)
    if (lambda[i] > 0 || at.g[k * p + i] > 0) rows.push({ from: G, row: k * p + i, value: at.g[k * p + i] });
  for (let i = 0; i < q; i++) rows.push({ from: A, row: k * q + i, value: at.h[k * q + i] });
  // Kaczmarz's sweeps: exact enough for a correction.
  const d = new Float64Array(n);
  for (let sweep = 0; sweep < 20; sweep++) {
    for (const { from, row, value } of rows) {
      let [left, square] = [value, 0];
      for (let i = 0; i < n; i++) {
        left += from[row * n + i] * d[i];
        square += from[row * n + i] * from[row * n + i];
      }
      if (square > 0) for (let i = 0; i < n; i++) d[i] -= (left / square) * from[row * n + i];
    }
  }
  return d;
}
