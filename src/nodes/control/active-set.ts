// Newton's method on the optimality conditions with the active inequalities as equalities: it ends at rounding, and its
// matrix is that of the implicit derivative.
import { squared } from '../../core/scalars.js';
import { type ControlMatrix, lagrangianGradient, writeSystem } from './kkt.js';
import { type Blocks, type Evaluation, type Layout, largest } from './layout.js';
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
  { layout: { inequalities }, isGiven }: Problem,
  { w, scales }: Point,
  slacks: Float64Array,
): Uint8Array {
  return Uint8Array.from(inequalities, (at, k) =>
    Number(isGiven[k] === 0 && w[at] * scales.constraint > slacks[k] * scales.multiplier),
  );
}

/** Writes and factors the system with the active inequalities as equalities. */
export function factorActive(
  { matrix, lu }: ControlMatrix,
  layout: Layout,
  blocks: Blocks,
  active: Uint8Array,
): void {
  const write = (relaxed: number) => {
    const rows = {
      isOn: (k: number) => active[k] === 1,
      diagonal: () => -relaxed,
      equalityDiagonal: -relaxed,
    };
    writeSystem(matrix, layout, blocks, rows, 0);
  };
  if (hasConstraints(layout)) {
    const row = Math.max(largest(blocks.C), largest(blocks.G)) || 1;
    write((DEPENDENT * squared(row)) / (largest(blocks.H) || 1));
    lu.factor(matrix);
  }
  // The matrix for refinement is the exact one.
  write(0);
  if (!hasConstraints(layout)) lu.factor(matrix);
}

function hasConstraints({ equalities, inequalities }: Layout): boolean {
  return equalities.length + inequalities.length > 0;
}

/** Most rounds of refinement, and the error at which no more are worth while. */
const ROUNDS = 12;
const REFINED = 1e-15;

/** A x = b by factors of a matrix near A; `error` is the largest |A x - b| over the size of its terms. */
export function refined(
  { matrix, lu }: ControlMatrix,
  layout: Layout,
  b: Float64Array,
): { x: Float64Array; error: number } {
  let x = Float64Array.from(b);
  lu.solve(x);
  let best = { x, error: Number.POSITIVE_INFINITY };
  const r = new Float64Array(b.length);
  for (let k = 0; k < ROUNDS; k++) {
    const terms = matrix.residual(b, x, r);
    const error = terms === 0 ? 0 : largest(r) / terms;
    if (!(error < best.error)) break;
    best = { x, error };
    // Factors of a matrix that is only near: one round at least, as small rows hide behind large ones.
    if (error < REFINED && (k > 0 || !hasConstraints(layout))) break;
    lu.solve(r);
    x = r.map((v, i) => x[i] + v);
  }
  return best;
}

/** Goes on from a point to rounding; if that fails, the point with the smallest residual is given. */
export function* polish(
  problem: Problem,
  from: Point,
  guess: Uint8Array,
  most: number,
): Asking<{ point: Point; active: Uint8Array; iterations: number }> {
  const { layout, blocks, tolerance, isGiven } = problem;
  const { inequalities } = layout;
  let active = guess;
  let best = { point: from, active };
  let iterations = 0;
  const seen = new Set<string>();
  for (let change = 0; change < CHANGES && iterations < most; change++) {
    const key = active.join('');
    if (seen.has(key)) break;
    seen.add(key);
    let point = from;
    if (active.length > 0) {
      // Inactive multipliers are 0 from here on.
      const w = Float64Array.from(from.w);
      for (let k = 0; k < active.length; k++) if (active[k] === 0) w[inequalities[k]] = 0;
      point = pointAt(problem, w, yield { w, blocks: true });
    }
    let size = equationsOf(point, active, layout);
    for (let step = 0; step < STEPS && iterations < most; step++) {
      factorActive(problem.system, layout, blocks, active);
      const right = negativeConditions(problem, point, active);
      const { x } = refined(problem.system, layout, right);
      if (!Number.isFinite(largest(x))) break;
      const w = point.w.map((v, i) => v + x[i]);
      const next = pointAt(problem, w, yield { w, blocks: true });
      const nextSize = equationsOf(next, active, layout);
      iterations++;
      // The first step may have to move the multipliers far before the others converge.
      const isBetter = nextSize < size;
      if (!isBetter && (step > 0 || !Number.isFinite(nextSize))) break;
      const isSlow = nextSize > size / 4;
      point = next;
      size = nextSize;
      if (point.worst < best.point.worst) best = { point, active };
      // Where the conditions hold to rounding, further steps only move within it.
      if (size <= problem.rounding / 16 || (isSlow && size <= tolerance)) break;
    }
    if (best.point.worst <= tolerance || !(size <= 1e-6)) break;
    const { E, scales, w } = point;
    active = active.map((on, k) =>
      on === 1
        ? Number(!(w[inequalities[k]] < 0))
        : Number(isGiven[k] === 0 && E.g[k] > tolerance * scales.constraint),
    );
  }
  return { ...best, iterations };
}

/** What Newton's method takes to 0, negative. */
function negativeConditions({ layout, start }: Problem, { w, E }: Point, active: Uint8Array): Float64Array {
  const { inequalities } = layout;
  const right = lagrangianGradient(layout, E, w, start);
  for (let k = 0; k < active.length; k++)
    right[inequalities[k]] = active[k] === 1 ? E.g[k] : w[inequalities[k]];
  for (let i = 0; i < right.length; i++) right[i] = -right[i];
  return right;
}

/** How far the equations of this active set are from holding; signs do not count. */
function equationsOf(
  { E, scales, found }: Point,
  active: Uint8Array,
  { equalities, inequalities }: Layout,
): number {
  let primal = 0;
  for (let k = 0; k < equalities.length; k++) primal = Math.max(primal, Math.abs(E.h[k]));
  for (let k = 0; k < inequalities.length; k++)
    if (active[k] === 1) primal = Math.max(primal, Math.abs(E.g[k]));
  return Math.max(found.stationarity, found.dynamics, primal === 0 ? 0 : primal / scales.constraint);
}
