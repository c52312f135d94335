// The barrier problem: inequalities g <= 0 become g + s = 0 with slacks s > 0 and the cost -τ Σ log s.
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { log } from '../../ops/exponential.js';
import { sum } from '../../ops/sum.js';
import type { Evaluation } from './layout.js';
import type { Point, Problem } from './solver.js';

/** The barrier problem of a problem, for a parameter τ that goes to 0. */
export class BarrierProblem {
  readonly problem: Problem;
  readonly count: number;
  /** τ is this times the unit, and conditions are to hold up to ten times this, relatively. */
  theta: number;
  unit = 1;
  /** Inequalities are relaxed by this, so that there is an inside where some of them can hold with equality only. */
  relaxation = 0;

  constructor(problem: Problem) {
    this.problem = problem;
    this.count = problem.layout.inequalities.length;
    this.theta = this.count > 0 ? 0.1 : Math.max(1e-7, problem.tolerance / 10);
  }

  get tau(): number {
    return this.count > 0 ? this.theta * this.unit : 0;
  }

  /** A smaller τ; false if it is as small as it may become. */
  tighten(): boolean {
    const least = this.problem.tolerance / 100;
    if (this.theta <= least) return false;
    const next =
      this.count > 0 ? Math.min(this.theta / 5, this.theta * Math.sqrt(this.theta)) : this.theta / 100;
    this.theta = Math.max(least, next);
    return true;
  }

  relaxed(g: number): number {
    return g - this.relaxation;
  }

  /** The sum of |residuals| of the dynamics and the constraints. */
  infeasibility({ next, h, g }: Evaluation, w: Float64Array, slacks: Float64Array): number {
    const { T, nx, stride } = this.problem.layout;
    let total = 0;
    for (let t = 0; t < T; t++)
      for (let i = 0; i < nx; i++) total += Math.abs(next[t * nx + i] - w[(t + 1) * stride + nx + i]);
    for (let k = 0; k < h.length; k++) total += Math.abs(h[k]);
    for (let k = 0; k < slacks.length; k++) total += Math.abs(this.relaxed(g[k]) + slacks[k]);
    return Number.isNaN(total) ? Number.POSITIVE_INFINITY : total;
  }

  /** cost - τ Σ log s. */
  cost(E: Evaluation, slacks: Float64Array): number {
    const total = slacks.length > 0 ? E.cost - this.tau * sumOfLogarithms(slacks) : E.cost;
    return Number.isNaN(total) ? Number.POSITIVE_INFINITY : total;
  }

  /** Its derivative along a step. */
  slope(dw: Float64Array, ds: Float64Array, slacks: Float64Array): number {
    const { layout, blocks } = this.problem;
    const { T, nx, nz, stride } = layout;
    let total = 0;
    for (let t = 0; t <= T; t++)
      for (let i = 0; i < (t === T ? nx : nz); i++)
        total += blocks.costGradient[t * nz + i] * dw[t * stride + nx + i];
    for (let k = 0; k < ds.length; k++) total -= (this.tau * ds[k]) / slacks[k];
    return total;
  }

  /** How far the conditions of the barrier problem are from holding. */
  errorAt({ w, E, found, scales }: Point, slacks: Float64Array): number {
    const { equalities, inequalities } = this.problem.layout;
    let [primal, product] = [0, 0];
    for (let k = 0; k < equalities.length; k++) primal = Math.max(primal, Math.abs(E.h[k]));
    for (let k = 0; k < inequalities.length; k++) {
      primal = Math.max(primal, Math.abs(this.relaxed(E.g[k]) + slacks[k]));
      product = Math.max(product, Math.abs(slacks[k] * w[inequalities[k]] - this.tau));
    }
    const error = Math.max(
      found.stationarity,
      found.dynamics,
      primal === 0 ? 0 : primal / scales.constraint,
      product / this.unit,
    );
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }

  /** w, with the multipliers of inequalities kept near the central path, so that a poor one does not last. */
  central(w: Float64Array, slacks: Float64Array): Float64Array {
    const { inequalities } = this.problem.layout;
    for (let k = 0; k < slacks.length; k++) {
      const least = (1e-10 * this.tau) / slacks[k];
      w[inequalities[k]] = Math.min(Math.max(w[inequalities[k]], least), 1e20 * least);
    }
    return w;
  }
}

/** By the library's own logarithm, whose bits are the same in every engine. */
function sumOfLogarithms(x: Float64Array): number {
  let result = 0;
  scope(() => {
    result = sum(log(tensor(x))).item();
  });
  return result;
}
