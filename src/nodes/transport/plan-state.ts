// The state of one transport problem: potentials, and the plan that they make. Potentials are logarithms, and
// differences of exponents are taken before e^x, so that nothing under- or overflows.
import { exponential, logarithm } from '../problems/exponential.js';

/** Largest change of a potential for which the plan is scaled, not made anew. */
const SMALL = 1;

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

/** plan = exp(a_i + b_j - gamma costs_ij), whose columns have the wanted sums. */
export class PlanState {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly plan: Float64Array;
  readonly rows: Float64Array;
  /** max |row sum - r_i| / r_i. */
  error = Number.POSITIVE_INFINITY;
  /** Σ r a + Σ c b, what the dual problem maximises. */
  dual = Number.NEGATIVE_INFINITY;
  /** The size of its terms. */
  terms = 0;
  gamma: number;
  readonly #p: Problem;
  readonly #logR: Float64Array;
  readonly #logC: Float64Array;
  readonly #work: Float64Array;
  readonly #before: { a: Float64Array; b: Float64Array; plan: Float64Array };

  constructor(p: Problem, gamma: number) {
    this.#p = p;
    this.gamma = gamma;
    this.plan = new Float64Array(p.m * p.n);
    this.#logR = p.r.map(logarithm);
    this.#logC = p.c.map(logarithm);
    this.a = this.#logR.slice();
    this.b = this.#logC.slice();
    this.rows = new Float64Array(p.m);
    this.#work = new Float64Array(p.n);
    this.#before = { a: this.a.slice(), b: this.b.slice(), plan: this.plan.slice() };
  }

  /** Another gamma: what the potentials have beside the masses grows with it. */
  rescale(gamma: number): void {
    const { a, b } = this;
    const ratio = gamma / this.gamma;
    for (let i = 0; i < a.length; i++) a[i] = (a[i] - this.#logR[i]) * ratio + this.#logR[i];
    for (let j = 0; j < b.length; j++) b[j] = (b[j] - this.#logC[j]) * ratio + this.#logC[j];
    this.gamma = gamma;
  }

  /** Sets a for b. */
  normalizeRows(): void {
    const { m, n, costs } = this.#p;
    const { a, b } = this;
    const g = this.gamma;
    for (let i = 0; i < m; i++) {
      let top = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < n; j++) top = Math.max(top, b[j] - g * costs[i * n + j]);
      let sum = 0;
      for (let j = 0; j < n; j++) sum += exponential(b[j] - g * costs[i * n + j] - top);
      a[i] = this.#logR[i] - top - logarithm(sum);
    }
  }

  /** Sets b and the plan for a, and measures. */
  normalizeColumns(): void {
    const { m, n, costs } = this.#p;
    const { a, b, plan } = this;
    const g = this.gamma;
    b.fill(Number.NEGATIVE_INFINITY);
    for (let i = 0, k = 0; i < m; i++)
      for (let j = 0; j < n; j++, k++) {
        plan[k] = a[i] - g * costs[k];
        if (plan[k] > b[j]) b[j] = plan[k];
      }
    for (let i = 0, k = 0; i < m; i++) for (let j = 0; j < n; j++, k++) plan[k] = exponential(plan[k] - b[j]);
    for (let j = 0; j < n; j++) b[j] = -b[j];
    this.#scaleColumns();
  }

  /** Scales the columns of the plan to their masses, and measures. */
  #scaleColumns(): void {
    const { m, n, r, c } = this.#p;
    const { a, b, plan } = this;
    const sums = this.#work.fill(0);
    for (let i = 0, k = 0; i < m; i++) for (let j = 0; j < n; j++, k++) sums[j] += plan[k];
    let [dual, terms] = [0, 0];
    for (let j = 0; j < n; j++) {
      sums[j] = c[j] / sums[j];
      b[j] += logarithm(sums[j]);
      dual += c[j] * b[j];
      terms += c[j] * Math.abs(b[j]);
    }
    this.error = 0;
    for (let i = 0, k = 0; i < m; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++, k++) sum += plan[k] *= sums[j];
      this.rows[i] = sum;
      this.error = Math.max(this.error, Math.abs(sum - r[i]) / r[i]);
      dual += r[i] * a[i];
      terms += r[i] * Math.abs(a[i]);
    }
    this.dual = dual;
    this.terms = terms;
  }

  /** Keeps the state, for steps from here. */
  keep(): void {
    for (const key of ['a', 'b', 'plan'] as const) this.#before[key].set(this[key]);
  }

  /**
   * From the kept state to a + t step, with b for it. After a small step the plan is scaled: large potentials have
   * rounding errors that e^x would make visible.
   */
  move(step: Float64Array, t: number, longest: number): void {
    const { m, n } = this.#p;
    const { a, b, plan } = this;
    for (let i = 0; i < m; i++) a[i] = this.#before.a[i] + (t === 0 ? 0 : t * step[i]);
    if (!(t * longest <= SMALL)) {
      this.normalizeColumns();
      return;
    }
    b.set(this.#before.b);
    for (let i = 0, k = 0; i < m; i++) {
      const factor = exponential(t * step[i]);
      for (let j = 0; j < n; j++, k++) plan[k] = this.#before.plan[k] * factor;
    }
    this.#scaleColumns();
  }
}

/** The largest |x_i|. */
export function largest(x: Float64Array): number {
  return x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}
