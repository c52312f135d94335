// One transport problem with positive masses: over-relaxed sweeps over rows and columns, then Newton's method on the
// dual in which the potentials of the columns are eliminated; gamma grows in steps to the one that is wanted.
// Sources: Cuturi, NeurIPS (2013); Schmitzer, SIAM J. Sci. Comput. 41 (2019), the scaling of gamma and potentials that
// absorb the factors of the sweeps; Thibault et al., Algorithms 14 (2021), over-relaxation.
import { exponential, logarithm } from '../problems/exponential.js';
import { eliminate, substitute, weightsOf } from './laplacian.js';
import { largest, PlanState, type Problem } from './plan-state.js';

/** gamma times the range of the costs is at first at most this, and grows by at most this factor. */
const [EASY, GROWTH] = [16, 4];
/** Plain sweeps from which the rate is read. */
const SWEEPS = 8;
/** Largest change of a potential in a Newton step. */
const LONGEST = 8;
/** The residual, relative to each mass, that suffices before gamma grows. */
const ROUGH = 0.05;

/** Solves a problem. */
export class Transport {
  readonly state: PlanState;
  iterations = 0;
  readonly #p: Problem;
  readonly #limit: number;
  /** The residual of rounding in sums of n numbers. */
  readonly #fine: number;

  constructor(p: Problem, limit: number) {
    this.#p = p;
    this.#limit = limit;
    this.#fine = 2 ** -52 * (2 + Math.sqrt(p.n) / 2);
    const range = largest(p.costs);
    // Too few iterations for more than one gamma are all spent on the last.
    const isDirect = range === 0 || limit <= SWEEPS;
    this.state = new PlanState(p, isDirect ? p.gamma : Math.min(p.gamma, EASY / range));
  }

  /** Solves, in at most as many iterations as allowed. */
  run(): void {
    const { state } = this;
    const { gamma } = this.#p;
    for (;;) {
      const isLast = state.gamma === gamma;
      state.normalizeRows();
      state.normalizeColumns();
      this.iterations++;
      const goal = isLast ? this.#fine : ROUGH;
      this.#sweep(goal);
      this.#newton(goal);
      if (isLast) return;
      state.rescale(this.#isOver ? gamma : Math.min(gamma, state.gamma * GROWTH));
    }
  }

  get #isOver(): boolean {
    return this.iterations >= this.#limit;
  }

  /** Sweeps, as long as they are likely to cost less than Newton's method. */
  #sweep(goal: number): void {
    const { state } = this;
    // A step of Newton's method takes the time of about so many sweeps.
    const price = 2 + this.#p.m / 5;
    this.#relax(SWEEPS + Math.ceil(2 * price), 1, ROUGH);
    if (goal === ROUGH) return;
    const rate = this.#relax(SWEEPS, 1, goal);
    // Far from the solution over-relaxation may diverge.
    if (!(rate < 1) || !(state.error > goal && state.error < ROUGH)) return;
    const omega = 2 / (1 + Math.sqrt(1 - rate));
    const shrink = Math.max(omega - 1, rate * rate);
    const needed = Math.ceil(logarithm(1e-9 / state.error) / logarithm(shrink)) + 2;
    if (needed > 0 && needed < 4 * price) this.#relax(needed, omega, 1e-9);
  }

  /** Sweeps on the plan times a factor per row and column; the rate at which the error of the rows shrinks. */
  #relax(count: number, omega: number, goal: number): number {
    const { m, n, r, c } = this.#p;
    const { state } = this;
    const { plan } = state;
    const [u, v, sums] = [new Float64Array(m).fill(1), new Float64Array(n).fill(1), new Float64Array(n)];
    let [error, rate] = [Number.POSITIVE_INFINITY, 1];
    let isSafe = true;
    for (let k = 0; k < count && isSafe && !this.#isOver; k++, this.iterations++) {
      let worst = 0;
      sums.fill(0);
      for (let i = 0, at = 0; i < m; i++, at += n) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += plan[at + j] * v[j];
        worst = Math.max(worst, Math.abs(u[i] * sum - r[i]) / r[i]);
        u[i] = step(u[i], r[i] / (u[i] * sum), omega);
        if (!(u[i] > 1e-60 && u[i] < 1e60)) isSafe = false;
        for (let j = 0; j < n; j++) sums[j] += plan[at + j] * u[i];
      }
      for (let j = 0; j < n && isSafe; j++) {
        v[j] = step(v[j], c[j] / (v[j] * sums[j]), omega);
        if (!(v[j] > 1e-60 && v[j] < 1e60)) isSafe = false;
      }
      rate = worst / error;
      error = worst;
      if (worst < goal) break;
    }
    if (isSafe) {
      state.keep();
      const change = u.map(logarithm);
      state.move(change, 1, largest(change));
    } else {
      state.normalizeRows();
      state.normalizeColumns();
    }
    return isSafe ? rate : 1;
  }

  /** Newton's method until the error is at most `goal`, or that of rounding. */
  #newton(goal: number): void {
    const { state } = this;
    const { m, n, c, r } = this.#p;
    const [W, pivots, step, ground] = [m * m, m, m, m].map((size) => new Float64Array(size));
    // Where parts of the plan have yet to meet, the way is long and straight: as long as the dual grows as predicted, steps
    // double.
    let stretch = 1;
    for (let stalled = 0; state.error > goal && stalled < 2 && !this.#isOver; this.iterations++) {
      // A row of little mass with far too much is quickly put right by sweeps, not by Newton's method.
      if (state.error > 0.5) this.#relax(2, 1, goal);
      const [error, dual] = [state.error, state.dual];
      const damping = Math.min(0.1, Math.max(1e-14, error * error));
      weightsOf(m, n, state.plan, c, W);
      for (let i = 0; i < m; i++) {
        ground[i] = damping * r[i];
        step[i] = r[i] - state.rows[i];
      }
      eliminate(m, W, ground, r, pivots);
      substitute(m, W, pivots, step);
      const longest = largest(step);
      let slope = 0;
      for (let i = 0; i < m; i++) slope += step[i] * (r[i] - state.rows[i]);
      state.keep();
      let t = Math.min(1, LONGEST / longest) * stretch;
      const tries = 6 + stretch;
      for (let k = 0; ; k++, t /= 2) {
        state.move(step, t, longest);
        const gain = state.dual - dual;
        if (k === 0) stretch = error > 1e-3 && gain > 0.8 * t * slope ? 2 * stretch : 1;
        const isNoLess = gain >= -1e-14 * state.terms;
        if (gain >= 1e-4 * t * slope || (isNoLess && state.error < error / 2)) break;
        if (k < tries && error > 1e-9) continue;
        if (state.error < error) break;
        // No progress: back, and to where a sweep leads.
        state.move(step, 0, longest);
        if (error > 1e-9) this.#relax(2, 1, goal);
        break;
      }
      // Newton's steps square the error, until it is that of rounding.
      if (!(state.error < error / 2) && state.error < 1e-9) stalled += state.error < 1e-13 ? 2 : 1;
    }
  }
}

/** x ratio^omega. */
function step(x: number, ratio: number, omega: number): number {
  return omega === 1 ? x * ratio : x * exponential(omega * logarithm(ratio));
}
