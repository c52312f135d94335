// One transport problem with positive masses: over-relaxed sweeps over rows and columns, then Newton's method on the
// dual in which the potentials of the columns are eliminated; gamma grows in steps to the one that is wanted. Potentials
// are logarithms, and differences of exponents are taken before e^x, so that nothing under- or overflows.
// Sources: Cuturi, NeurIPS (2013); Schmitzer, SIAM J. Sci. Comput. 41 (2019), the scaling of gamma and potentials that
// absorb the factors of the sweeps; Thibault et al., Algorithms 14 (2021), over-relaxation.
import { exponential, logarithm } from '../problems/exponential.js';
import { eliminate, substitute, weightsOf } from './laplacian.js';

/** gamma times the range of the costs is at first at most this, and grows by at most this factor. */
const [EASY, GROWTH] = [16, 4];
/** Plain sweeps from which the rate is read. */
const SWEEPS = 8;
/** Largest change of a potential in a Newton step. */
const LONGEST = 8;
/** The residual, relative to each mass, that suffices before gamma grows; and that of rounding. */
const [ROUGH, FINE] = [0.05, 4e-16];

/** The problem, with m <= n rows. */
export interface Problem {
  m: number;
  n: number;
  /** Costs less a constant per row and column, so that they begin at 0. */
  costs: Float64Array;
  gamma: number;
  r: Float64Array;
  c: Float64Array;
}

/** Its state: plan = exp(a_i + b_j - gamma costs_ij), whose columns have the wanted sums. */
export class Transport {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly plan: Float64Array;
  iterations = 0;
  readonly #p: Problem;
  readonly #limit: number;
  readonly #logR: Float64Array;
  readonly #logC: Float64Array;
  readonly #rows: Float64Array;
  readonly #work: Float64Array;
  #gamma: number;
  /** max |row sum - r_i| / r_i. */
  #error = Number.POSITIVE_INFINITY;
  #dual = Number.NEGATIVE_INFINITY;

  constructor(p: Problem, limit: number) {
    this.#p = p;
    this.#limit = limit;
    this.plan = new Float64Array(p.m * p.n);
    this.#logR = p.r.map(logarithm);
    this.#logC = p.c.map(logarithm);
    this.a = this.#logR.slice();
    this.b = this.#logC.slice();
    this.#rows = new Float64Array(p.m);
    this.#work = new Float64Array(p.n);
    const range = p.costs.reduce((most, v) => Math.max(most, v), 0);
    this.#gamma = range > 0 ? Math.min(p.gamma, EASY / range) : p.gamma;
  }

  /** Solves, in at most as many iterations as allowed. */
  run(): void {
    const { gamma } = this.#p;
    for (;;) {
      this.#normalizeRows();
      this.#normalizeColumns();
      this.#sweep(SWEEPS, this.#gamma === gamma);
      this.#newton(this.#gamma === gamma ? FINE : ROUGH);
      if (this.#gamma === gamma) return;
      const next = this.#isOver ? gamma : Math.min(gamma, this.#gamma * GROWTH);
      const ratio = next / this.#gamma;
      for (let i = 0; i < this.a.length; i++) this.a[i] = (this.a[i] - this.#logR[i]) * ratio + this.#logR[i];
      for (let j = 0; j < this.b.length; j++) this.b[j] = (this.b[j] - this.#logC[j]) * ratio + this.#logC[j];
      this.#gamma = next;
    }
  }

  get #isOver(): boolean {
    return this.iterations >= this.#limit;
  }

  #normalizeRows(): void {
    const { m, n, costs } = this.#p;
    const { a, b } = this;
    const g = this.#gamma;
    for (let i = 0; i < m; i++) {
      let top = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < n; j++) top = Math.max(top, b[j] - g * costs[i * n + j]);
      let sum = 0;
      for (let j = 0; j < n; j++) sum += exponential(b[j] - g * costs[i * n + j] - top);
      a[i] = this.#logR[i] - top - logarithm(sum);
    }
  }

  /** Sets b and the plan for a, and measures. */
  #normalizeColumns(): void {
    const { m, n, costs, r, c } = this.#p;
    const { a, b, plan } = this;
    const g = this.#gamma;
    b.fill(Number.NEGATIVE_INFINITY);
    for (let i = 0, k = 0; i < m; i++)
      for (let j = 0; j < n; j++, k++) {
        plan[k] = a[i] - g * costs[k];
        if (plan[k] > b[j]) b[j] = plan[k];
      }
    const sums = this.#work.fill(0);
    for (let i = 0, k = 0; i < m; i++)
      for (let j = 0; j < n; j++, k++) sums[j] += plan[k] = exponential(plan[k] - b[j]);
    let dual = 0;
    for (let j = 0; j < n; j++) {
      b[j] = this.#logC[j] - b[j] - logarithm(sums[j]);
      dual += c[j] * b[j];
      sums[j] = c[j] / sums[j];
    }
    this.#error = 0;
    for (let i = 0, k = 0; i < m; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++, k++) sum += plan[k] *= sums[j];
      this.#rows[i] = sum;
      this.#error = Math.max(this.#error, Math.abs(sum - r[i]) / r[i]);
      dual += r[i] * a[i];
    }
    this.#dual = dual;
  }

  /** Some plain sweeps; and if `finish`, over-relaxed ones where they cost less than Newton's method. */
  #sweep(count: number, finish: boolean): void {
    const { m, n } = this.#p;
    const before = this.#error;
    const rate = this.#relax(count, 1);
    if (!finish || !(rate < 1) || !(before > FINE)) return;
    const omega = 2 / (1 + Math.sqrt(1 - rate));
    const shrink = Math.max(omega - 1, rate * rate);
    const needed = Math.ceil(logarithm(1e-12 / this.#error) / logarithm(shrink)) + 2;
    if (needed > 0 && needed * 4 < 4 * (m + (m * m) / (3 * n)) + 40) this.#relax(needed, omega);
  }

  /** Sweeps on the plan times a factor per row and column; the rate at which the error of the rows shrinks. */
  #relax(count: number, omega: number): number {
    const { m, n, r, c } = this.#p;
    const { plan } = this;
    const [u, v, sums] = [new Float64Array(m).fill(1), new Float64Array(n).fill(1), this.#work];
    let [error, rate] = [Number.POSITIVE_INFINITY, 1];
    let isSafe = true;
    for (let k = 0; k < count && isSafe && !this.#isOver; k++, this.iterations++) {
      let worst = 0;
      sums.fill(0);
      for (let i = 0, at = 0; i < m; i++, at += n) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += plan[at + j] * v[j];
        worst = Math.max(worst, Math.abs(u[i] * sum - r[i]) / r[i]);
        u[i] = step(u[i], r[i] / sum, omega);
        if (!(u[i] > 1e-60 && u[i] < 1e60)) isSafe = false;
        for (let j = 0; j < n; j++) sums[j] += plan[at + j] * u[i];
      }
      for (let j = 0; j < n && isSafe; j++) {
        v[j] = step(v[j], c[j] / sums[j], omega);
        if (!(v[j] > 1e-60 && v[j] < 1e60)) isSafe = false;
      }
      rate = worst / error;
      error = worst;
      if (worst < 1e-13) break;
    }
    if (isSafe) for (let i = 0; i < m; i++) this.a[i] += logarithm(u[i]);
    else this.#normalizeRows();
    this.#normalizeColumns();
    return isSafe ? rate : 1;
  }

  /** Newton's method until the error is at most `goal`, or that of rounding. */
  #newton(goal: number): void {
    const { m, n, c, r } = this.#p;
    const [W, pivots, step, ground] = [m * m, m, m, m].map((size) => new Float64Array(size));
    const start = new Float64Array(m);
    for (let stalled = 0; this.#error > goal && stalled < 3 && !this.#isOver; this.iterations++) {
      const [error, dual] = [this.#error, this.#dual];
      const damping = Math.min(0.1, Math.max(1e-14, error * error));
      weightsOf(m, n, this.plan, c, W);
      for (let i = 0; i < m; i++) {
        ground[i] = damping * r[i];
        step[i] = r[i] - this.#rows[i];
      }
      eliminate(m, W, ground, r, pivots);
      substitute(m, W, pivots, step);
      let longest = 0;
      let slope = 0;
      for (let i = 0; i < m; i++) {
        longest = Math.max(longest, Math.abs(step[i]));
        slope += step[i] * (r[i] - this.#rows[i]);
      }
      start.set(this.a);
      let t = Math.min(1, LONGEST / longest);
      for (let tries = 0; ; tries++, t /= 2) {
        for (let i = 0; i < m; i++) this.a[i] = start[i] + t * step[i];
        this.#normalizeColumns();
        if (this.#error < error / 2 || this.#dual >= dual + 1e-4 * t * slope) break;
        if (tries < 6 && error > 1e-9) continue;
        if (this.#error < error) break;
        // No progress: back, and to where a sweep leads.
        this.a.set(start);
        this.#normalizeColumns();
        if (error > 1e-9) this.#relax(2, 1);
        break;
      }
      if (!(this.#error < error / 2) && this.#error < 1e-9) stalled++;
    }
  }
}

/** x ratio^omega. */
function step(x: number, ratio: number, omega: number): number {
  return omega === 1 ? x * ratio : x * exponential(omega * logarithm(ratio));
}
