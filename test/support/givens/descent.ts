// Descents by brute force: every pair, every axis transition, norms summed anew (Frerix and Bruna, Algorithm 1 and Proposition 1); every pair
// for the trace.
import { distanceToPermutations } from './assignment.js';
import { type Matrix, turnRows } from './dense.js';

/** The best turn of a pair of rows, and by how much it is better than any other angle. */
export interface PairGain {
  readonly gain: number;
  readonly c: number;
  readonly s: number;
  readonly margin: number;
}

const NOTHING: PairGain = { gain: 0, c: 1, s: 0, margin: Number.POSITIVE_INFINITY };

/** ‖x‖₁ + ‖y‖₁ after a turn. */
export function normAfter(x: readonly number[], y: readonly number[], c: number, s: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += Math.abs(c * x[k] - s * y[k]) + Math.abs(s * x[k] + c * y[k]);
  return sum;
}

/** The turn that lowers ‖x‖₁ + ‖y‖₁ most: one that takes a point to an axis. */
export function bestL1(x: readonly number[], y: readonly number[]): PairGain {
  const before = normAfter(x, y, 1, 0);
  const found: { angle: number; norm: number }[] = [];
  for (let k = 0; k < x.length; k++) {
    if (x[k] === 0 && y[k] === 0) continue;
    // A turn by α takes the point from θ to θ + α; right angles change nothing.
    let angle = -Math.atan2(y[k], x[k]);
    angle -= (Math.PI / 2) * Math.round(angle / (Math.PI / 2));
    found.push({ angle, norm: normAfter(x, y, Math.cos(angle), Math.sin(angle)) });
  }
  if (found.length === 0) return NOTHING;
  const best = found.reduce((a, b) => (b.norm < a.norm ? b : a));
  let margin = Number.POSITIVE_INFINITY;
  for (const { angle, norm } of found)
    if (Math.abs(Math.sin(2 * (angle - best.angle))) > 1e-7) margin = Math.min(margin, norm - best.norm);
  return { gain: before - best.norm, c: Math.cos(best.angle), s: Math.sin(best.angle), margin };
}

/** The turn of rows i and j that raises the trace most. */
export function bestTrace(u: Matrix, i: number, j: number): PairGain {
  const [a, b] = [u[i][i] + u[j][j], u[i][j] - u[j][i]];
  const length = Math.hypot(a, b);
  if (length === 0) return { ...NOTHING, margin: 0 };
  return {
    gain: a > 0 ? b * (b / (length + a)) : length - a,
    ...{ c: a / length, s: b / length, margin: Number.POSITIVE_INFINITY },
  };
}

export interface Step extends PairGain {
  readonly i: number;
  readonly j: number;
  /** What all other pairs and angles gain less. */
  readonly margin: number;
}

export interface Descent {
  readonly steps: Step[];
  /** error(N) for N = 0 … steps.length. */
  readonly errors: number[];
  /** Steps before the first that another choice comes near. */
  readonly sure: number;
}

/** Gains that count, and margins that make a choice sure. */
const NOISE = 1e-12;
const SURE = 1e-10;

/** The steepest descent from u, of at most `limit` steps. */
export function descent(criterion: 'l1' | 'greedy', u: Matrix, limit = Number.POSITIVE_INFINITY): Descent {
  const w = u.map((row) => [...row]);
  const d = w.length;
  const gainOf = (i: number, j: number) => (criterion === 'l1' ? bestL1(w[i], w[j]) : bestTrace(w, i, j));
  const root = Math.sqrt(Math.max(1, d));
  const gains: PairGain[][] = w.map((_, i) => w.map((_, j) => (j > i ? gainOf(i, j) : NOTHING)));
  const steps: Step[] = [];
  const errors = [distanceToPermutations(w) / root];
  while (steps.length < limit) {
    let best: [number, number] | undefined;
    let second = 0;
    for (let i = 0; i < d; i++) {
      for (let j = i + 1; j < d; j++) {
        const { gain } = gains[i][j];
        const most = best === undefined ? NOISE : gains[best[0]][best[1]].gain;
        if (gain > most) {
          second = best === undefined ? 0 : most;
          best = [i, j];
        } else second = Math.max(second, gain);
      }
    }
    if (best === undefined) break;
    const [i, j] = best;
    const { gain, c, s, margin } = gains[i][j];
    steps.push({ i, j, gain, c, s, margin: Math.min(margin, gain - second) });
    turnRows(w, i, j, c, s);
    for (let r = 0; r < d; r++) {
      for (const p of [i, j])
        if (r !== p) gains[Math.min(r, p)][Math.max(r, p)] = gainOf(Math.min(r, p), Math.max(r, p));
    }
    errors.push(distanceToPermutations(w) / root);
  }
  const unsure = steps.findIndex(({ margin, gain }) => margin < SURE || gain < SURE);
  return { steps, errors, sure: unsure < 0 ? steps.length : unsure };
}
