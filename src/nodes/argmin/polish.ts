// From near a solution to rounding: Newton's method on the equations of the active constraints. The inverse of its last
// matrix is what derivatives need.
import { scope } from '../../core/scope.js';
import { KktInverse } from '../kkt/pseudoinverse.js';
import type { First, PointwiseProblem } from './point.js';
import { type Multipliers, residualsAt } from './residuals.js';

/** A solution, and what its derivative needs. */
export interface Stationary extends Multipliers {
  u: Float64Array;
  /** For each inequality of each problem, whether it holds with equality and has a multiplier. */
  active: Uint8Array;
  /** Per problem, the rows of the KKT matrix that count, it, and its (pseudo)inverse. */
  inverses: KktAt[];
  residuals: Record<string, number>[];
}

/** The KKT matrix of one problem. */
export interface KktAt {
  order: number[];
  K: Float64Array;
  Z: Float64Array;
  /** Whether u is the only solution nearby, and whether the constraints do not depend on each other either. */
  isUnique: boolean;
  isRegular: boolean;
}

/** At most this many corrections. */
const CORRECTIONS = 6;
/** Residuals at the level of rounding. */
const ROUNDING = { f64: 2e-16, f32: 1e-8 } as const;
const EPSILON = { f64: 2 ** -52, f32: 2 ** -23 } as const;
/** A multiplier below this share of the forces counts as 0. */
const WEAK = { f64: 1e-9, f32: 1e-4 } as const;

/** A point with derivatives and residuals. */
interface Look extends Multipliers {
  u: Float64Array;
  first: First;
  H: Float64Array;
  residuals: Record<string, number>[];
}

/** The solution near a point; without `corrections` the point itself. */
export function stationaryPoint(
  problem: PointwiseProblem,
  u: Float64Array,
  { lambda, nu }: Multipliers,
  corrections = CORRECTIONS,
): Stationary {
  const { count, n, p, q } = problem.extents;
  const N = n + p + q;
  return scope<Stationary & object>(() => {
    const inverter = new KktInverse(N, EPSILON[problem.dtype], 'argmin');
    let at = look(problem, u, { lambda, nu });
    const open = new Set(Array.from({ length: count }, (_, k) => k));
    for (let round = 0; ; round++) {
      const active = activeAt(problem, at);
      const inverses = Array.from({ length: count }, (_, k) => inverseAt(problem, inverter, at, active, k));
      for (const k of open) if (worstOf(at, k) <= ROUNDING[problem.dtype]) open.delete(k);
      const tried = open.size > 0 && round < corrections ? corrected(problem, at, inverses, open) : undefined;
      const next = tried && look(problem, tried.u, tried);
      const better = next === undefined ? [] : [...open].filter((k) => worstOf(next, k) < worstOf(at, k));
      if (next === undefined || better.length === 0) {
        if (corrections > 0) at = withShortestMultipliers(problem, at, inverses);
        return { u: at.u, lambda: at.lambda, nu: at.nu, active, inverses, residuals: at.residuals };
      }
      for (const k of open) if (!better.includes(k)) open.delete(k);
      at = open.size === count ? next : merged(problem, at, next, open);
    }
  });
}

/** Where constraints depend on each other, what the pseudoinverse gives: multipliers of smallest norm. */
function withShortestMultipliers(problem: PointwiseProblem, at: Look, inverses: readonly KktAt[]): Look {
  const dependent = inverses.flatMap(({ isRegular, isUnique }, k) => (!isRegular && isUnique ? [k] : []));
  if (dependent.length === 0) return at;
  const { lambda, nu } = corrected(problem, at, inverses, new Set(dependent));
  const next = look(problem, at.u, { lambda, nu });
  const isGood = dependent.every((k) => worstOf(next, k) <= Math.max(1e-12, worstOf(at, k)));
  return isGood && lambda.every((value) => value >= 0) ? { ...next, u: at.u, first: at.first } : at;
}

function look(problem: PointwiseProblem, u: Float64Array, { lambda, nu }: Multipliers): Look {
  const { extents } = problem;
  const first = problem.first(u);
  const H = problem.second(u, lambda, nu);
  const residuals = Array.from({ length: extents.count }, (_, k) =>
    residualsAt(first, H, u, { lambda, nu }, extents, k),
  );
  return { u, lambda, nu, first, H, residuals };
}

function worstOf({ residuals }: Look, k: number): number {
  return Math.max(...Object.values(residuals[k]));
}

/** The better of two points for each problem. */
function merged(problem: PointwiseProblem, before: Look, after: Look, better: ReadonlySet<number>): Look {
  const { count, n, p, q } = problem.extents;
  const pick = (from: Float64Array, to: Float64Array, size: number) => {
    const out = from.slice();
    for (let k = 0; k < count; k++)
      if (better.has(k)) out.set(to.subarray(k * size, (k + 1) * size), k * size);
    return out;
  };
  const u = pick(before.u, after.u, n);
  const multipliers = { lambda: pick(before.lambda, after.lambda, p), nu: pick(before.nu, after.nu, q) };
  return look(problem, u, multipliers);
}

/**
 * Activity by multiplier and slack together: the force of the constraint against the force that the curvature would have
 * over the distance to it.
 */
function activeAt(problem: PointwiseProblem, { u, lambda, nu, first, H }: Look): Uint8Array {
  const { count, n, p, q } = problem.extents;
  const active = new Uint8Array(count * p);
  for (let k = 0; k < count; k++) {
    let [forces, curvature, size] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      let own = 0;
      for (let j = 0; j < n; j++) {
        const h = Math.abs(H[(k * n + i) * n + j]);
        own += h * Math.abs(u[k * n + j]);
        curvature = Math.max(curvature, h);
      }
      size = Math.max(size, Math.abs(u[k * n + i]));
      forces = Math.max(forces, own, Math.abs(first.gradient[k * n + i]));
      for (let j = 0; j < q; j++)
        forces = Math.max(forces, Math.abs(nu[k * q + j] * first.A[(k * q + j) * n + i]));
    }
    // Without curvature: that over which the forces would vanish with u.
    if (curvature === 0) curvature = size > 0 ? forces / size : 1;
    for (let i = k * p; i < (k + 1) * p; i++) {
      let [steepest, square] = [0, 0];
      for (let j = 0; j < n; j++) {
        const slope = first.G[i * n + j];
        steepest = Math.max(steepest, Math.abs(slope));
        square += slope * slope;
      }
      const isWeak = !(lambda[i] * steepest > WEAK[problem.dtype] * forces);
      active[i] = !isWeak && lambda[i] * square > curvature * -first.g[i] ? 1 : 0;
    }
  }
  return active;
}

function inverseAt(
  { extents: { n, p, q } }: PointwiseProblem,
  inverter: KktInverse,
  { first: { G, A }, H }: Look,
  active: Uint8Array,
  k: number,
): KktAt {
  const order = Array.from({ length: n }, (_, i) => i);
  const rows: [Float64Array, number][] = [];
  for (let i = 0; i < p; i++) {
    if (active[k * p + i] === 0) continue;
    order.push(n + i);
    rows.push([G, k * p + i]);
  }
  for (let i = 0; i < q; i++) {
    order.push(n + p + i);
    rows.push([A, k * q + i]);
  }
  const N = order.length;
  const K = new Float64Array(N * N);
  for (let i = 0; i < n; i++) K.set(H.subarray((k * n + i) * n, (k * n + i + 1) * n), i * N);
  rows.forEach(([M, row], i) => {
    for (let j = 0; j < n; j++) K[(n + i) * N + j] = K[j * N + n + i] = M[row * n + j];
  });
  if (!K.every(Number.isFinite)) return { order, K, Z: K.map(() => 0), isUnique: false, isRegular: false };
  return { order, K, ...inverter.of(K.slice(), N, n) };
}

/** One step of Newton's method for each open problem. */
function corrected(
  { extents: { n, p, q } }: PointwiseProblem,
  { u, lambda, nu, first }: Look,
  inverses: readonly KktAt[],
  open: ReadonlySet<number>,
): { u: Float64Array } & Multipliers {
  const next = { u: u.slice(), lambda: lambda.slice(), nu: nu.slice() };
  for (const k of open) {
    const { order, Z } = inverses[k];
    const right = order.map((i) => {
      if (i < n) return -first.gradient[k * n + i];
      return i < n + p ? -first.g[k * p + i - n] : -first.h[k * q + i - n - p];
    });
    const N = order.length;
    next.lambda.fill(0, k * p, (k + 1) * p);
    for (let i = 0; i < N; i++) {
      let sum = 0;
      for (let j = 0; j < N; j++) sum += Z[i * N + j] * right[j];
      const at = order[i];
      if (at < n) next.u[k * n + at] += sum;
      else if (at < n + p) next.lambda[k * p + at - n] = sum;
      else next.nu[k * q + at - n - p] = sum;
    }
  }
  return next;
}
