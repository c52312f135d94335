// Steps: of Newton's method for the barrier problem, a second one for the constraints' curvature, and one that only
// brings the constraints nearer.
import { squared } from '../../core/scalars.js';
import { DEPENDENT } from './active-set.js';
import type { BarrierProblem } from './barrier-problem.js';
import { isConvex } from './curvature.js';
import { lagrangianGradient, writeSystem } from './kkt.js';
import { type Evaluation, type Layout, largest } from './layout.js';
import type { Point } from './solver.js';

/** How near slacks and multipliers may come to 0 in one step. */
const BOUNDARY = 0.99;

/** A step. */
export interface Step {
  readonly dw: Float64Array;
  readonly ds: Float64Array;
  /** The longest steps in which slacks and multipliers stay positive. */
  readonly primal: number;
  readonly dual: number;
  /** What each control adds where states and controls before it are not where the step leads, as in `isConvex`. */
  readonly feedback?: Float64Array;
}

/** The longest part of a step in which x stays positive, by a margin. */
function longest(x: (k: number) => number, dx: (k: number) => number, count: number): number {
  let length = 1;
  for (let k = 0; k < count; k++) if (dx(k) < 0) length = Math.min(length, (-BOUNDARY * x(k)) / dx(k));
  return length;
}

/**
 * Newton's step, with as much curvature added as makes it one of descent.
 * @param last the curvature added before; `least` is added at any rate.
 */
export function newtonStep(
  barrier: BarrierProblem,
  { w, E }: Point,
  slacks: Float64Array,
  last: number,
  least: number,
  feedback?: Float64Array,
): { step: Step | undefined; shift: number } {
  const { layout, blocks, start, system } = barrier.problem;
  const { inequalities } = layout;
  const { tau } = barrier;
  const ratio = (k: number) => w[inequalities[k]] / slacks[k];
  const size = largest(blocks.H) || 1;
  const row = Math.max(largest(blocks.C), largest(blocks.G)) || 1;
  // A large weight is nearer to the constraints, a smaller one suffers less from rounding; one that shows it is enough.
  const isDescent = (added: number) =>
    (layout.equalities.length > 0 ? [1e6, 1e3] : [0]).some((by) =>
      isConvex(layout, blocks, { equality: (by * size) / squared(row), inequality: ratio }, added, feedback),
    );
  let shift = least * size;
  for (let k = 0; k < 60 && !isDescent(shift); k++)
    shift = Math.max(8 * shift, last > 0 ? last / 10 : 1e-8 * size);
  const rows = {
    isOn: () => true,
    diagonal: (k: number) => -1 / ratio(k),
    equalityDiagonal: (-DEPENDENT * squared(row)) / size,
  };
  writeSystem(system.matrix, layout, blocks, rows, shift);
  system.lu.factor(system.matrix);
  const dw = lagrangianGradient(layout, E, w, start);
  for (let k = 0; k < inequalities.length; k++)
    dw[inequalities[k]] = barrier.relaxed(E.g[k]) + tau / w[inequalities[k]];
  for (let i = 0; i < dw.length; i++) dw[i] = -dw[i];
  system.lu.solve(dw);
  if (!Number.isFinite(largest(dw))) return { step: undefined, shift };
  const ds = slacks.map((s, k) => tau / w[inequalities[k]] - s - dw[inequalities[k]] / ratio(k));
  const primal = longest((k) => slacks[k], (k) => ds[k], ds.length); // biome-ignore format: one line
  const dual = longest((k) => w[inequalities[k]], (k) => dw[inequalities[k]], ds.length); // biome-ignore format: one line
  return { step: { dw, ds, primal, dual, feedback }, shift };
}

/** The residuals of the dynamics and the constraints at w, negative; 0 elsewhere. */
function negativeConstraints(
  barrier: BarrierProblem,
  E: Evaluation,
  w: Float64Array,
  slacks: Float64Array,
): Float64Array {
  const { layout, start } = barrier.problem;
  const { inequalities, equalities, T, nx, stride } = layout;
  const all = lagrangianGradient(layout, E, w, start);
  const right = new Float64Array(layout.size);
  for (let t = 0; t <= T; t++) for (let i = 0; i < nx; i++) right[t * stride + i] = -all[t * stride + i];
  for (let k = 0; k < equalities.length; k++) right[equalities[k]] = -E.h[k];
  for (let k = 0; k < slacks.length; k++) right[inequalities[k]] = -(barrier.relaxed(E.g[k]) + slacks[k]);
  return right;
}

/** Whether an entry is that of a state or a control. */
export function isPrimal({ last, stride, nx, nuAt }: Layout, i: number): boolean {
  const at = i >= last ? i - last : i % stride;
  return at >= nx && at < (i >= last ? 2 * nx : nuAt);
}

/**
 * A point beside the trial w, slacks that meets the constraints better; with the factors of Newton's step from `from`.
 * Source: Nocedal & Wright, section 18.3.
 */
export function corrected(
  barrier: BarrierProblem,
  from: { point: Point; slacks: Float64Array },
  trial: { E: Evaluation; w: Float64Array; slacks: Float64Array },
): { w: Float64Array; slacks: Float64Array } | undefined {
  const { layout, system } = barrier.problem;
  const { inequalities } = layout;
  const right = negativeConstraints(barrier, trial.E, trial.w, trial.slacks);
  system.lu.solve(right);
  if (!Number.isFinite(largest(right))) return undefined;
  const old = from.point.w;
  const slacks = trial.slacks.map((v, k) => {
    const at = inequalities[k];
    return v - (from.slacks[k] / old[at]) * right[at];
  });
  if (slacks.some((v, k) => !(v >= (1 - BOUNDARY) * from.slacks[k]))) return undefined;
  return { w: trial.w.map((v, i) => (isPrimal(layout, i) ? v + right[i] : v)), slacks };
}

/** The shortest step that meets the linearised constraints; multipliers stay. */
export function feasibleStep(
  barrier: BarrierProblem,
  { w, E }: Point,
  slacks: Float64Array,
): Step | undefined {
  const { layout, blocks, system } = barrier.problem;
  const { inequalities } = layout;
  const flat = { ...blocks, H: new Float64Array(blocks.H.length) };
  const row = Math.max(largest(blocks.C), largest(blocks.G)) || 1;
  const rows = {
    isOn: () => true,
    diagonal: (k: number) => -squared(slacks[k]),
    equalityDiagonal: -1e-8 * squared(row),
  };
  writeSystem(system.matrix, layout, flat, rows, 1);
  system.lu.factor(system.matrix);
  const dw = negativeConstraints(barrier, E, w, slacks);
  system.lu.solve(dw);
  if (!Number.isFinite(largest(dw))) return undefined;
  const ds = slacks.map((s, k) => -squared(s) * dw[inequalities[k]]);
  for (let i = 0; i < dw.length; i++) if (!isPrimal(layout, i)) dw[i] = 0;
  return { dw, ds, primal: longest((k) => slacks[k], (k) => ds[k], ds.length), dual: 0 }; // biome-ignore format: one line
}
