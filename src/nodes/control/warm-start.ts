// A start from controls that the caller gives: if they are nearly optimal, Newton's method goes to the solution beside
// them, where a barrier would first lead away.
import { squared } from '../../core/scalars.js';
import { DEPENDENT, pointAt, polish } from './active-set.js';
import { isConvex } from './curvature.js';
import { writeSystem } from './kkt.js';
import { largest } from './layout.js';
import type { Asking, Outcome, Problem } from './solver.js';

/** An inequality is taken to hold with equality if it is this near, relatively; and a start is good up to this residual. */
const NEAR = 1e-4;
const GOOD = 1e-2;

/** The minimum beside w, if w is nearly one; undefined if it is not. */
export function* warmStart(problem: Problem, w: Float64Array): Asking<Outcome | undefined> {
  const { layout, blocks, system, isGiven, tolerance, maxIterations } = problem;
  const { T, nx, nz, stride, inequalities, equalities } = layout;
  const E = yield { w, blocks: true };
  const { scales } = pointAt(problem, w, E);
  if (!Number.isFinite(scales.gradient)) return undefined;
  const active = Uint8Array.from(E.g, (g, k) => Number(isGiven[k] === 0 && g > -NEAR * scales.constraint));
  // Multipliers by least squares.
  const flat = { ...blocks, H: new Float64Array(blocks.H.length) };
  const row = Math.max(largest(blocks.C), largest(blocks.G)) || 1;
  const diagonal = -DEPENDENT * squared(row);
  const rows = {
    isOn: (k: number) => active[k] === 1,
    diagonal: () => diagonal,
    equalityDiagonal: diagonal,
  };
  writeSystem(system.matrix, layout, flat, rows, 1);
  system.lu.factor(system.matrix);
  const y = new Float64Array(layout.size);
  for (let t = 0; t <= T; t++)
    for (let i = 0; i < (t === T ? nx : nz); i++) y[t * stride + nx + i] = -blocks.costGradient[t * nz + i];
  system.lu.solve(y);
  if (!Number.isFinite(largest(y))) return undefined;
  const begin = Float64Array.from(w);
  for (let t = 0; t <= T; t++) for (let i = 0; i < nx; i++) begin[t * stride + i] = y[t * stride + i];
  for (const at of equalities) begin[at] = y[at];
  inequalities.forEach((at, k) => {
    // Those that push the wrong way are let go.
    if (y[at] < 0) active[k] = 0;
    begin[at] = active[k] === 1 ? y[at] : 0;
  });
  const point = pointAt(problem, begin, yield { w: begin, blocks: true });
  if (!(point.worst <= GOOD)) return undefined;
  const polished = yield* polish(problem, point, active, maxIterations);
  if (!(polished.point.worst <= tolerance)) return undefined;
  // Not where the cost could still fall.
  yield { w: polished.point.w, blocks: true };
  // A large weight is nearer to the constraints, a smaller one suffers less from rounding; one that shows it is enough.
  const isMinimum = [1e6, 1e3, 10].some((by) => {
    const weight = (by * (largest(blocks.H) || 1)) / squared(row);
    const weights = { equality: weight, inequality: (k: number) => weight * polished.active[k] };
    return isConvex(layout, blocks, weights, 0);
  });
  if (!isMinimum) return undefined;
  return { ...polished, status: 'converged' };
}
