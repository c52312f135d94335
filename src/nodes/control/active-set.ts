// Newton's method on the optimality conditions with the active inequalities as equalities: it ends at rounding, and its
// matrix is that of the implicit derivative.
import { BandLU, type BandMatrix } from './band-lu.js';
import { type ConstraintRows, kktMatrix, lagrangianGradient } from './kkt.js';
import type { Blocks, Evaluation, Layout } from './layout.js';
import { type Found, residualsAt, scalesAt, worstOf } from './measure.js';
import type { Asking, Point, Problem } from './solver.js';

/** Most steps of Newton's method for one active set, and most changes of it. */
const STEPS = 8;
const CHANGES = 12;

/** The diagonal for constraints that hold: small, so that constraints that depend on each other have a solution. */
export const DEPENDENT = 1e-10;

/** What is known at w. */
export function pointAt({ layout, blocks, start }: Problem, w: Float64Array, E: Evaluation): Point {
  const scales = scalesAt(layout, E, blocks, w);
  const found: Found = residualsAt(layout, E, scales, w, start);
  return { w, E, scales, found, worst: worstOf(found) };
}

/** Which inequalities hold with equality: those whose multiplier is larger than their slack, each to its own scale. */
export function activeSetOf(
  { layout: { inequalities } }: Problem,
  { w, scales }: Point,
  slacks: Float64Array,
): Uint8Array {
  return Uint8Array.from(inequalities, (at, k) =>
    Number(w[at] * scales.constraint > slacks[k] * scales.multiplier),
  );
}

/** The system with the active inequalities as equalities. */
export function activeMatrix(
  layout: Layout,
  blocks: Blocks,
  active: Uint8Array,
  relaxed: number,
): BandMatrix {
  const rows: ConstraintRows = {
    isOn: (k) => active[k] === 1,
    diagonal: () => -relaxed,
    equalityDiagonal: -relaxed,
  };
  return kktMatrix(layout, blocks, rows, 0);
}

/** A x = b by factors of a matrix near A: the error is that of A x - b, which refinement takes to rounding. */
export function refined(A: BandMatrix, lu: BandLU, b: Float64Array): { x: Float64Array; error: number } {
  const x = Float64Array.from(b);
  lu.solve(x);
  const r = new Float64Array(b.length);
  let error = Number.POSITIVE_INFINITY;
  let best = x;
  let now = x;
  for (let k = 0; k < 12; k++) {
    const terms = A.residual(b, now, r);
    let high = 0;
    for (let i = 0; i < r.length; i++) high = Math.max(high, Math.abs(r[i]));
    const next = terms === 0 ? 0 : high / terms;
    if (!(next < error)) break;
    error = next;
    best = now;
    if (next < 1e-17) break;
    lu.solve(r);
    now = Float64Array.from(best);
    for (let i = 0; i < r.length; i++) now[i] += r[i];
  }
  return { x: best, error };
}

/** Goes on from a point to rounding; if that fails, the point with the smallest residual is given. */
export function* polish(
  problem: Problem,
  from: Point,
  guess: Uint8Array,
  most: number,
): Asking<{ point: Point; active: Uint8Array; iterations: number }> {
  const { layout, blocks, start, tolerance } = problem;
  const { inequalities } = layout;
  let active = guess;
  let best = { point: from, active };
  let iterations = 0;
  const seen = new Set<string>();
  for (let change = 0; change < CHANGES && iterations < most; change++) {
    const key = active.join('');
    if (seen.has(key)) break;
    seen.add(key);
    // Inactive multipliers are 0 from here on.
    let w = Float64Array.from(from.w);
    for (let k = 0; k < active.length; k++) if (active[k] === 0) w[inequalities[k]] = 0;
    let E = yield { w, blocks: true };
    let point = pointAt(problem, w, E);
    let last = Number.POSITIVE_INFINITY;
    let size = equationsOf(point, active, layout, start);
    for (let step = 0; step < STEPS && iterations < most; step++) {
      const right = lagrangianGradient(layout, E, w, start);
      for (let k = 0; k < active.length; k++)
        right[inequalities[k]] = active[k] === 1 ? E.g[k] : w[inequalities[k]];
      for (let i = 0; i < right.length; i++) right[i] = -right[i];
      const lu = new BandLU(activeMatrix(layout, blocks, active, DEPENDENT));
      const exact = activeMatrix(layout, blocks, active, 0);
      const { x } = refined(exact, lu, right);
      if (!x.every(Number.isFinite)) break;
      const moved = w.map((v, i) => v + x[i]);
      const nextE = yield { w: moved, blocks: true };
      const next = pointAt(problem, moved, nextE);
      const nextSize = equationsOf(next, active, layout, start);
      if (!Number.isFinite(nextSize)) break;
      iterations++;
      const isBetter = nextSize < size;
      if (isBetter || step === 0) {
        [w, E, point] = [moved, nextE, next];
        last = size;
        size = nextSize;
      }
      if (point.worst < best.point.worst) best = { point, active };
      if (!isBetter || size <= problem.rounding / 64) break;
      // Where the equations hold to rounding, further steps only move within it.
      if (size > last / 4 && size <= tolerance) break;
    }
    if (best.point.worst <= tolerance) break;
    const changed = active.map((on, k) =>
      Number(on === 1 ? !(w[inequalities[k]] < 0) : E.g[k] > tolerance * point.scales.constraint),
    );
    if (size > 1e-6 || !(size < Number.POSITIVE_INFINITY)) break;
    active = changed;
  }
  return { ...best, iterations };
}

/** How far the equations of this active set are from holding; signs do not count. */
function equationsOf(
  { w, E, scales, found }: Point,
  active: Uint8Array,
  { equalities, inequalities }: Layout,
  _start: Float64Array,
): number {
  let primal = 0;
  for (let k = 0; k < equalities.length; k++) primal = Math.max(primal, Math.abs(E.h[k]));
  for (let k = 0; k < inequalities.length; k++)
    if (active[k] === 1) primal = Math.max(primal, Math.abs(E.g[k]));
  const share = primal === 0 ? 0 : primal / scales.constraint;
  void w;
  return Math.max(found.stationarity, found.dynamics, share);
}
