// The exact solution for a guess of the active inequalities: P x + q + Gᵀλ + Aᵀν = 0, G x = h on them, λ = 0 on the
// others.
import { gemv, gemvTransposed, maxAbs, view } from '../../linalg/blas/addresses.js';
import type { Iterate } from './measure.js';
import { type NewtonSystem, PROXIMAL } from './newton-system.js';
import { array, type ConvexProgram } from './program.js';

/** Number of guesses, and of corrections for each. */
const GUESSES = 6;
const CORRECTIONS = 12;
/** The largest growth of multipliers. */
const GROWTH = 100;

/**
 * Improves `point` if possible. At first the rows with λ > h - G x are active; then rows with a negative multiplier are
 * removed and violated rows added. Dependent rows do no harm: each correction is a proximal step, which leaves
 * undetermined parts unchanged.
 * @param errorOf measures a point.
 * @returns the error of the new point.
 * Source: Stellato et al., Math. Prog. Comp. 12 (2020), section 4; the changes of the set: Hintermüller, Ito & Kunisch,
 * SIAM J.
 * Optim. 13 (2002).
 */
export function polish(
  program: ConvexProgram,
  system: NewtonSystem,
  point: Iterate,
  errorOf: (point: Iterate) => number,
): number {
  const { n, m, p, G, h, work } = program;
  const trial = {
    x: array('polish', [n], point.x),
    lambda: array('polish', [m], point.lambda),
    nu: array('polish', [p], point.nu),
  };
  const vectors = { right: array('polish', [n + p + m]), step: array('polish', [n + p + m]) };
  const slack = array('polish', [m]);
  const slacks = () => {
    if (m > 0) gemv(G, 1, trial.x.address, 0, slack.address, work.address);
    const [out, hs] = [view(slack), view(h)];
    for (let i = 0; i < m; i++) out[i] = hs[i] - out[i];
    return out;
  };
  let best = errorOf(point);
  // If the multipliers are not unique, a guess that is nearly right has multipliers as large as its error is small.
  const sizeOf = ({ lambda, nu }: Iterate) => Math.max(1, maxAbs(view(lambda)), maxAbs(view(nu)));
  const bound = GROWTH * sizeOf(point);
  const s = slacks();
  let active = Array.from(view(trial.lambda), (value, i) => value > s[i]);
  for (let guess = 0; guess < GUESSES; guess++) {
    if (!solveOn(program, system, active, trial, vectors)) break;
    const [lambda, left] = [view(trial.lambda), slacks()];
    const floor = 1e-11 * Math.max(1, maxAbs(lambda));
    const low = 1e-11 * Math.max(1, maxAbs(view(trial.x)));
    const next = active.map((isIn, i) => (isIn ? lambda[i] > -floor : left[i] < -low));
    for (let i = 0; i < m; i++) lambda[i] = Math.max(0, lambda[i]);
    const error = errorOf(trial);
    if (error < best && sizeOf(trial) <= bound) {
      best = error;
      view(point.x).set(view(trial.x));
      view(point.lambda).set(lambda);
      view(point.nu).set(view(trial.nu));
    }
    if (!Number.isFinite(error) || next.every((isIn, i) => isIn === active[i])) break;
    active = next;
  }
  return best;
}

/** Corrects the point until the equations of the active rows hold to rounding. */
function solveOn(
  program: ConvexProgram,
  system: NewtonSystem,
  active: boolean[],
  trial: Iterate,
  { right, step }: { right: Iterate['x']; step: Iterate['x'] },
): boolean {
  const { n, m, p, P, q, G, h, A, b, work } = program;
  const lambda = view(trial.lambda);
  for (let i = 0; i < m; i++) if (!active[i]) lambda[i] = 0;
  if (!system.factor(active.map((isIn) => (isIn ? 1 / PROXIMAL : 0)))) return false;
  let before = Number.POSITIVE_INFINITY;
  for (let k = 0; k < CORRECTIONS; k++) {
    const [r, w] = [right.address, work.address];
    const e = view(right);
    e.set(view(q));
    e.set(view(b), n);
    e.set(view(h), n + p);
    // The right side is minus the residual of the equations; the sign of the q part changes below.
    gemv(P, 1, trial.x.address, 1, r, w);
    if (p > 0) {
      gemvTransposed(A, 1, trial.nu.address, 1, r, w);
      gemv(A, -1, trial.x.address, 1, r + 8 * n, w);
    }
    if (m > 0) {
      gemvTransposed(G, 1, trial.lambda.address, 1, r, w);
      gemv(G, -1, trial.x.address, 1, r + 8 * (n + p), w);
    }
    for (let i = 0; i < n; i++) e[i] = -e[i];
    for (let i = 0; i < m; i++) if (!active[i]) e[n + p + i] = 0;
    const now = maxAbs(e);
    if (!Number.isFinite(now)) return false;
    if (now < 1e-16 || (k > 3 && !(now < 0.9 * before))) return true;
    before = now;
    system.solve(right, step);
    const d = view(step);
    const [x, nu] = [view(trial.x), view(trial.nu)];
    for (let i = 0; i < n; i++) x[i] += d[i];
    for (let i = 0; i < p; i++) nu[i] += d[n + i];
    for (let i = 0; i < m; i++) if (active[i]) lambda[i] += d[n + p + i];
  }
  return true;
}
