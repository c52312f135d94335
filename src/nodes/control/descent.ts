// Descent to a local minimum: steps of Newton's method for a barrier problem, with a line search for a merit function.
import { tensor } from '../../core/create.js';
import { squared } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import { log } from '../../ops/exponential.js';
import { sum } from '../../ops/sum.js';
import { DEPENDENT, pointAt } from './active-set.js';
import type { BandLU } from './band-lu.js';
import { isConvex } from './curvature.js';
import { lagrangianGradient, writeSystem } from './kkt.js';
import { type Evaluation, largest } from './layout.js';
import type { Asking, Outcome, Point, Problem } from './solver.js';

/** How near slacks and multipliers may come to 0 in one step, and what the merit function must fall by. */
const BOUNDARY = 0.99;
const ARMIJO = 1e-4;
/** The shortest step, and the number of steps that fail before the search is given up. */
const SHORTEST = 2 ** -30;
/** A cost that has fallen below minus this times what it was falls without limit. */
const UNBOUNDED = 1e20;

/** A direction. */
interface Step {
  readonly dw: Float64Array;
  readonly ds: Float64Array;
  readonly lu: BandLU;
  /** The longest steps in which slacks and multipliers stay positive. */
  readonly primal: number;
  readonly dual: number;
}

/** The state of the search. */
export class Descent {
  iterations = 0;
  point!: Point;
  slacks: Float64Array;
  readonly #problem: Problem;
  readonly #isMultiplier: Uint8Array;
  /** The barrier parameter is this times the unit. */
  #theta: number;
  #unit = 1;
  /** Inequalities are relaxed by this, so that there is an inside where some of them can hold with equality only. */
  #relaxation = 0;
  #penalty = 0;
  #shift = 0;
  #failures = 0;
  #firstCost = 0;
  readonly #w: Float64Array;

  constructor(problem: Problem, w: Float64Array) {
    const { layout, tolerance } = problem;
    this.#problem = problem;
    this.#w = w;
    this.slacks = new Float64Array(layout.inequalities.length);
    this.#theta = this.slacks.length > 0 ? 0.1 : Math.max(1e-7, tolerance / 10);
    this.#isMultiplier = new Uint8Array(layout.size);
    for (const at of layout.inequalities) this.#isMultiplier[at] = 1;
  }

  get #barrier(): number {
    return this.slacks.length > 0 ? this.#theta * this.#unit : 0;
  }

  #relaxed(g: number): number {
    return g - this.#relaxation;
  }

  /** Multipliers at the first point. */
  *begin(): Asking<void> {
    const { layout, blocks } = this.#problem;
    const w = this.#w;
    const E = yield { w, blocks: true };
    const { T, nx, nz, stride, inequalities } = layout;
    // Those of the dynamics by the adjoint equation, unless it is unstable.
    const lambda = Float64Array.from(E.gradient.subarray(T * nz, T * nz + nx));
    const costates = new Float64Array((T + 1) * nx);
    costates.set(lambda, T * nx);
    for (let t = T - 1; t >= 0; t--) {
      for (let j = 0; j < nx; j++) {
        let sum = E.gradient[t * nz + j];
        for (let i = 0; i < nx; i++) sum += blocks.A[(t * nx + i) * nz + j] * costates[(t + 1) * nx + i];
        costates[t * nx + j] = sum;
      }
    }
    if (largest(costates) <= 1e8 * largest(E.gradient))
      for (let t = 0; t <= T; t++) for (let i = 0; i < nx; i++) w[t * stride + i] = costates[t * nx + i];
    const { scales } = pointAt(this.#problem, w, E);
    this.#unit = scales.multiplier * scales.constraint || 1;
    this.#relaxation = Math.max(1e-8, 64 * this.#problem.rounding) * scales.constraint;
    const least = 0.01 * (scales.constraint || 1);
    for (let k = 0; k < inequalities.length; k++) {
      this.slacks[k] = Math.max(-this.#relaxed(E.g[k]), least);
      w[inequalities[k]] = this.#barrier / this.slacks[k];
    }
    this.point = pointAt(this.#problem, w, yield { w, blocks: true });
    this.#firstCost = this.point.E.cost;
  }

  /** A smaller barrier; false if it is as small as it may become. */
  tighten(): boolean {
    const least = this.#problem.tolerance / 100;
    if (this.#theta <= least) return false;
    this.#theta =
      this.slacks.length > 0
        ? Math.max(least, Math.min(this.#theta / 5, this.#theta * Math.sqrt(this.#theta)))
        : Math.max(least, this.#theta / 100);
    this.#penalty = 0;
    return true;
  }

  /** Steps until the barrier problem is solved, well enough for Newton's method on the active constraints to take over. */
  *run(): Asking<Outcome['status']> {
    for (;;) {
      const { worst, E } = this.point;
      if (!Number.isFinite(worst) || E.cost < -UNBOUNDED * (1 + Math.abs(this.#firstCost)))
        return 'unbounded';
      if (this.#errorAt(this.point, this.slacks) <= 10 * this.#theta) {
        if (this.slacks.length === 0 || this.#theta <= 1e-3) return 'converged';
        this.tighten();
        continue;
      }
      if (this.iterations >= this.#problem.maxIterations) return 'limit';
      if (!(yield* this.#advance())) return this.#whyStuck();
    }
  }

  #whyStuck(): Outcome['status'] {
    const { point } = this;
    return (point.found.primal ?? 0) > 1e3 * this.#problem.tolerance ? 'infeasible' : 'stuck';
  }

  /** How far the conditions of the barrier problem are from holding. */
  #errorAt({ w, E, found, scales }: Point, slacks: Float64Array): number {
    const { equalities, inequalities } = this.#problem.layout;
    let [primal, product] = [0, 0];
    for (let k = 0; k < equalities.length; k++) primal = Math.max(primal, Math.abs(E.h[k]));
    for (let k = 0; k < inequalities.length; k++) {
      primal = Math.max(primal, Math.abs(this.#relaxed(E.g[k]) + slacks[k]));
      product = Math.max(product, Math.abs(slacks[k] * w[inequalities[k]] - this.#barrier));
    }
    const error = Math.max(
      found.stationarity,
      found.dynamics,
      primal === 0 ? 0 : primal / scales.constraint,
      product / this.#unit,
    );
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }

  /** One step; false if there is none. */
  *#advance(): Asking<boolean> {
    for (let attempt = 0; attempt < 8; attempt++) {
      const step = this.#direction(attempt);
      if (step !== undefined && (yield* this.#search(step))) {
        this.iterations++;
        this.#failures = step.primal < 1e-6 ? this.#failures + 1 : 0;
        return this.#failures < 8;
      }
      // The line search has left the matrices of another point behind.
      const { w } = this.point;
      this.point = pointAt(this.#problem, w, yield { w, blocks: true });
    }
    return false;
  }

  /** The step, with as much curvature added as makes it one of descent; more after attempts that failed. */
  #direction(attempt: number): Step | undefined {
    const { layout, blocks, start } = this.#problem;
    const { w, E } = this.point;
    const { slacks } = this;
    const { inequalities } = layout;
    const tau = this.#barrier;
    const ratio = (k: number) => w[inequalities[k]] / slacks[k];
    const size = largest(blocks.H) || 1;
    const row = Math.max(largest(blocks.C), largest(blocks.G)) || 1;
    const weights = { equality: (1e6 * size) / squared(row), inequality: ratio };
    let shift = attempt === 0 ? 0 : Math.max(10 * this.#shift, 1e-3 * size);
    for (let k = 0; k < 60 && !isConvex(layout, blocks, weights, shift); k++)
      shift = Math.max(8 * shift, this.#shift > 0 ? this.#shift / 10 : 1e-8 * size);
    if (shift > 0) this.#shift = shift;
    const rows = {
      isOn: () => true,
      diagonal: (k: number) => -1 / ratio(k),
      equalityDiagonal: (-DEPENDENT * squared(row)) / size,
    };
    const { matrix, lu } = this.#problem.system;
    writeSystem(matrix, layout, blocks, rows, shift);
    lu.factor(matrix);
    const dw = lagrangianGradient(layout, E, w, start);
    for (let k = 0; k < inequalities.length; k++)
      dw[inequalities[k]] = this.#relaxed(E.g[k]) + tau / w[inequalities[k]];
    for (let i = 0; i < dw.length; i++) dw[i] = -dw[i];
    lu.solve(dw);
    if (!Number.isFinite(largest(dw))) return undefined;
    const ds = slacks.map((s, k) => tau / w[inequalities[k]] - s - dw[inequalities[k]] / ratio(k));
    let [primal, dual] = [1, 1];
    for (let k = 0; k < ds.length; k++) {
      if (ds[k] < 0) primal = Math.min(primal, (-BOUNDARY * slacks[k]) / ds[k]);
      const mu = w[inequalities[k]];
      const dmu = dw[inequalities[k]];
      if (dmu < 0) dual = Math.min(dual, (-BOUNDARY * mu) / dmu);
    }
    return { dw, ds, lu, primal, dual };
  }

  /** Moves along a step, as far as the merit function or, for the full step, the error falls enough. */
  *#search({ dw, ds, lu, primal, dual }: Step): Asking<boolean> {
    const { blocks, rounding } = this.#problem;
    const { w, E } = this.point;
    const { slacks } = this;
    const before = this.#errorAt(this.point, slacks);
    const slope = this.#slope(blocks.costGradient, dw, ds);
    const away = this.#infeasibility(E, w, slacks);
    // At least the largest multiplier: then a minimum of the merit function is one of the problem.
    if (away > 0)
      this.#penalty = Math.max(this.#penalty, (2 * slope) / away, this.#largestMultiplier(dw), 1e-8);
    const merit = this.#merit(E, w, slacks);
    const fall = slope - this.#penalty * away;
    const noise = 8 * rounding * (Math.abs(E.cost) + Math.abs(merit));
    for (let length = primal; length >= SHORTEST * primal; length /= 2) {
      const isFirst = length === primal;
      const s = slacks.map((v, k) => v + length * ds[k]);
      const moved = this.#central(
        w.map((v, i) => v + (this.#isMultiplier[i] === 1 ? dual : length) * dw[i]),
        s,
      );
      const trial = yield { w: moved, blocks: isFirst };
      const isLower = (at: Evaluation, v: Float64Array, slack: Float64Array) =>
        this.#merit(at, v, slack) <= merit + ARMIJO * length * fall + noise;
      let accepted = isLower(trial, moved, s);
      if (isFirst) {
        const point = pointAt(this.#problem, moved, trial);
        if (accepted || this.#errorAt(point, s) <= before / 2) return this.#accept(point, s);
        const corrected = this.#corrected(trial, moved, s, lu);
        if (corrected !== undefined) {
          const again = yield { w: corrected.w, blocks: false };
          if (isLower(again, corrected.w, corrected.s)) {
            const E2 = yield { w: corrected.w, blocks: true };
            return this.#accept(pointAt(this.#problem, corrected.w, E2), corrected.s);
          }
        }
        continue;
      }
      accepted = accepted && Number.isFinite(trial.cost);
      if (!accepted) continue;
      const E2 = yield { w: moved, blocks: true };
      return this.#accept(pointAt(this.#problem, moved, E2), s);
    }
    return false;
  }

  #accept(point: Point, slacks: Float64Array): boolean {
    if (!Number.isFinite(point.worst)) return false;
    this.point = point;
    this.slacks = slacks;
    return true;
  }

  /** w, with the multipliers of inequalities kept near the central path, so that a poor one does not last. */
  #central(w: Float64Array, slacks: Float64Array): Float64Array {
    const { inequalities } = this.#problem.layout;
    const tau = this.#barrier;
    for (let k = 0; k < slacks.length; k++) {
      const mu = w[inequalities[k]];
      w[inequalities[k]] = Math.min(Math.max(mu, (1e-10 * tau) / slacks[k]), (1e10 * tau) / slacks[k]);
    }
    return w;
  }

  /** The largest multiplier after a step. */
  #largestMultiplier(dw: Float64Array): number {
    const { layout } = this.#problem;
    let high = 0;
    for (let i = 0; i < dw.length; i++) {
      const at = i >= layout.last ? i - layout.last : i % layout.stride;
      const isPrimal = at >= layout.nx && at < (i >= layout.last ? 2 * layout.nx : layout.nuAt);
      if (!isPrimal) high = Math.max(high, Math.abs(this.point.w[i] + dw[i]));
    }
    return high;
  }

  /** A second step that takes the constraints' curvature into account (Nocedal & Wright, section 18.3). */
  #corrected(
    E: Evaluation,
    w: Float64Array,
    slacks: Float64Array,
    lu: BandLU,
  ): { w: Float64Array; s: Float64Array } | undefined {
    const { layout, start } = this.#problem;
    const { inequalities, equalities, T, nx, stride } = layout;
    const all = lagrangianGradient(layout, E, w, start);
    const right = new Float64Array(layout.size);
    for (let t = 0; t <= T; t++) for (let i = 0; i < nx; i++) right[t * stride + i] = -all[t * stride + i];
    for (let k = 0; k < equalities.length; k++) right[equalities[k]] = -E.h[k];
    for (let k = 0; k < slacks.length; k++) right[inequalities[k]] = -(this.#relaxed(E.g[k]) + slacks[k]);
    lu.solve(right);
    if (!Number.isFinite(largest(right))) return undefined;
    const old = this.point.w;
    const s = slacks.map((v, k) => {
      const at = inequalities[k];
      return v - (this.slacks[k] / old[at]) * right[at];
    });
    if (s.some((v, k) => !(v >= (1 - BOUNDARY) * this.slacks[k]))) return undefined;
    const isPrimal = (i: number) => {
      const at = i >= layout.last ? i - layout.last : i % stride;
      return at >= nx && at < (i >= layout.last ? 2 * nx : layout.nuAt);
    };
    return { w: w.map((v, i) => (isPrimal(i) ? v + right[i] : v)), s };
  }

  /** The derivative of cost - τ Σ log s along the step. */
  #slope(costGradient: Float64Array, dw: Float64Array, ds: Float64Array): number {
    const { T, nx, nz, stride } = this.#problem.layout;
    let sum = 0;
    for (let t = 0; t <= T; t++)
      for (let i = 0; i < (t === T ? nx : nz); i++) sum += costGradient[t * nz + i] * dw[t * stride + nx + i];
    for (let k = 0; k < ds.length; k++) sum -= (this.#barrier * ds[k]) / this.slacks[k];
    return sum;
  }

  #merit(E: Evaluation, w: Float64Array, slacks: Float64Array): number {
    let total = E.cost + this.#penalty * this.#infeasibility(E, w, slacks);
    if (slacks.length > 0) total -= this.#barrier * sumOfLogarithms(slacks);
    return Number.isNaN(total) ? Number.POSITIVE_INFINITY : total;
  }

  /** The sum of |residuals| of the dynamics and the constraints. */
  #infeasibility({ next, h, g }: Evaluation, w: Float64Array, slacks: Float64Array): number {
    const { T, nx, stride } = this.#problem.layout;
    let sum = 0;
    for (let t = 0; t < T; t++)
      for (let i = 0; i < nx; i++) sum += Math.abs(next[t * nx + i] - w[(t + 1) * stride + nx + i]);
    for (let k = 0; k < h.length; k++) sum += Math.abs(h[k]);
    for (let k = 0; k < slacks.length; k++) sum += Math.abs(this.#relaxed(g[k]) + slacks[k]);
    return sum;
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
