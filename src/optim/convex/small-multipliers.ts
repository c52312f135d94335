// Finds small multipliers of a solution: without a strictly feasible point the multipliers are not bounded.
import { gemv, maxAbs, view } from '../../linalg/blas/addresses.js';
import type { Iterate } from './measure.js';
import { nonnegativeLeastSquares } from './nonnegative-least-squares.js';
import { array, type ConvexProgram } from './program.js';

/** Larger multipliers of an equilibrated program are either needed or many digits too large. */
const LARGE = 1e3;
/** Slacks below this are zero. */
const ACTIVE = 1e-9;

/**
 * Replaces large multipliers by those of as few active rows as possible, Gᵀλ + Aᵀν = -(P x + q), if there are such and
 * the point is not worse with them, or is accurate to rounding: with large multipliers the equations lose as many
 * digits to rounding.
 */
export function smallMultipliers(
  program: ConvexProgram,
  point: Iterate,
  exact: number,
  errorOf: (point: Iterate) => number,
): void {
  const { n, m, p, P, q, G, h, A, work } = program;
  const size = Math.max(maxAbs(view(point.lambda)), maxAbs(view(point.nu)));
  if (!(size > LARGE)) return;
  const [gradient, image] = [array('convex', [n], q), array('convex', [m])];
  const trial = { x: point.x, lambda: array('convex', [m]), nu: array('convex', [p]) };
  gemv(P, -1, point.x.address, -1, gradient.address, work.address);
  if (m > 0) gemv(G, 1, point.x.address, 0, image.address, work.address);
  const rows = Array.from({ length: m }, (_, i) => i).filter((i) => view(h)[i] - view(image)[i] <= ACTIVE);
  const rowOf = (M: Iterate['x'], i: number) => view(M).slice(i * n, (i + 1) * n);
  const columns = [...rows.map((i) => rowOf(G, i)), ...Array.from({ length: p }, (_, i) => rowOf(A, i))];
  const y = nonnegativeLeastSquares(columns, rows.length, view(gradient).slice());
  if (!(maxAbs(y) < 0.1 * size)) return;
  rows.forEach((row, k) => {
    view(trial.lambda)[row] = y[k];
  });
  view(trial.nu).set(y.subarray(rows.length));
  if (!(errorOf(trial) <= Math.max(exact, errorOf(point)))) return;
  view(point.lambda).set(view(trial.lambda));
  view(point.nu).set(view(trial.nu));
}
