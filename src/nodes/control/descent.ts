// Descent to a local minimum: steps of Newton's method for a barrier problem, with a line search by a filter.
import { pointAt } from './active-set.js';
import { BarrierProblem } from './barrier-problem.js';
import { Filter, type Mark } from './filter.js';
import { type Evaluation, largest } from './layout.js';
import { simulated } from './simulate.js';
import type { Asking, Outcome, Point, Problem } from './solver.js';
import { corrected, feasibleStep, newtonStep, type Step } from './step.js';

/** The shortest step, as a part of the longest. */
const SHORTEST = 2 ** -26;
/** The same where states follow the dynamics; then more curvature does better. */
const SHORTEST_FOLLOWED = 2 ** -10;
/** A cost that has fallen below minus this times what it was falls without limit. */
const UNBOUNDED = 1e15;
/** Steps that only bring the constraints nearer, in a row, and how much nearer all of them must. */
const RESTORATIONS = 30;
const RESTORED = 0.9;

/** The state of the search. */
export class Descent {
  iterations = 0;
  point!: Point;
  slacks: Float64Array;
  readonly #barrier: BarrierProblem;
  readonly #problem: Problem;
  readonly #isMultiplier: Uint8Array;
  readonly #w: Float64Array;
  readonly #filter = new Filter();
  #shift = 0;
  #short = 0;
  #isFirst = true;
  readonly #isFollowing: boolean;
  readonly #most: number;
  readonly #feedback: Float64Array | undefined;
  #firstCost = 0;

  /**
   * @param isFollowing whether states follow the dynamics, at some cost; else all move as the step says.
   * @param most so many iterations it may take.
   */
  constructor(problem: Problem, w: Float64Array, isFollowing: boolean, most: number) {
    const { layout } = problem;
    this.#isFollowing = isFollowing;
    this.#most = most;
    const { T, nu, nz } = layout;
    this.#feedback = isFollowing ? new Float64Array(T * nu * nz) : undefined;
    this.#problem = problem;
    this.#barrier = new BarrierProblem(problem);
    this.#w = w;
    this.slacks = new Float64Array(layout.inequalities.length);
    this.#isMultiplier = new Uint8Array(layout.size);
    for (const at of layout.inequalities) this.#isMultiplier[at] = 1;
  }

  /** Multipliers and slacks at the first point. */
  *begin(): Asking<void> {
    const { layout } = this.#problem;
    const w = this.#w;
    const E = yield { w, blocks: true };
    this.#beginCostates(E);
    const { scales } = pointAt(this.#problem, w, E);
    const barrier = this.#barrier;
    barrier.unit = scales.multiplier * scales.constraint || 1;
    barrier.relaxation = Math.max(1e-8, 64 * this.#problem.rounding) * scales.constraint;
    const least = 0.01 * (scales.constraint || 1);
    for (let k = 0; k < this.slacks.length; k++) {
      this.slacks[k] = Math.max(-barrier.relaxed(E.g[k]), least);
      w[layout.inequalities[k]] = barrier.tau / this.slacks[k];
    }
    this.point = pointAt(this.#problem, w, yield { w, blocks: true });
    this.#firstCost = this.point.E.cost;
    const first = barrier.infeasibility(this.point.E, w, this.slacks);
    this.#filter.allow(Math.max(scales.state + scales.constraint, first));
  }

  /** Multipliers of the dynamics by the adjoint equation, unless it is unstable. */
  #beginCostates({ gradient }: Evaluation): void {
    const { layout, blocks } = this.#problem;
    const { T, nx, nz, stride } = layout;
    const costates = new Float64Array((T + 1) * nx);
    costates.set(gradient.subarray(T * nz, T * nz + nx), T * nx);
    for (let t = T - 1; t >= 0; t--) {
      for (let j = 0; j < nx; j++) {
        let sum = gradient[t * nz + j];
        for (let i = 0; i < nx; i++) sum += blocks.A[(t * nx + i) * nz + j] * costates[(t + 1) * nx + i];
        costates[t * nx + j] = sum;
      }
    }
    if (!(largest(costates) <= 1e8 * largest(gradient))) return;
    for (let t = 0; t <= T; t++) for (let i = 0; i < nx; i++) this.#w[t * stride + i] = costates[t * nx + i];
  }

  /** A smaller barrier; false if it is as small as it may become. */
  tighten(): boolean {
    this.#filter.clear();
    return this.#barrier.tighten();
  }

  /** Steps until the barrier problem is solved, well enough for Newton's method on the active constraints to take over. */
  *run(): Asking<Outcome['status']> {
    for (;;) {
      const { worst, E } = this.point;
      if (!Number.isFinite(worst) || E.cost < -UNBOUNDED * (1 + Math.abs(this.#firstCost)))
        return 'unbounded';
      if (this.#barrier.errorAt(this.point, this.slacks) <= 10 * this.#barrier.theta) {
        if (this.slacks.length === 0 || this.#barrier.theta <= 1e-3) return 'converged';
        this.tighten();
        continue;
      }
      if (this.iterations >= this.#most) return 'limit';
      if (!(yield* this.#advance())) return this.#whyStuck();
    }
  }

  /** Without constraints there are always states that follow the controls. */
  #whyStuck(): Outcome['status'] {
    const { primal, dynamics } = this.point.found;
    return primal !== undefined && Math.max(primal, dynamics) > 1e3 * this.#problem.tolerance
      ? 'infeasible'
      : 'stuck';
  }

  /** One step; false if there is none. */
  *#advance(): Asking<boolean> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const least = [0, 1e-3, 1e-2, 0.1, 1][attempt];
      const { step, shift } = newtonStep(
        this.#barrier,
        this.point,
        this.slacks,
        this.#shift,
        least,
        this.#feedback,
      );
      if (shift > 0) this.#shift = shift;
      // States that are all 0 at first say nothing of how far others may be from the dynamics.
      if (step !== undefined && this.#isFirst) this.#filter.allow(this.#reach(step));
      if (step !== undefined && (yield* this.#search(step))) {
        this.iterations++;
        this.#isFirst = false;
        // Steps that the bounds cut to nothing, one after the other, lead nowhere.
        this.#short = step.primal < 1e-6 ? this.#short + 1 : 0;
        return this.#short < 8;
      }
      // The line search has left the matrices of another point behind.
      const { w, scales } = this.point;
      this.point = pointAt(this.#problem, w, yield { w, blocks: true });
      const away = this.#mark(this.point.E, w, this.slacks).infeasibility;
      if (away <= 1e3 * this.#problem.rounding * (scales.state + scales.constraint)) continue;
      if (yield* this.#restore()) return true;
      if (attempt > 0) return false;
    }
    return false;
  }

  /** The largest state that a step leads to. */
  #reach({ dw }: Step): number {
    const { T, nx, stride } = this.#problem.layout;
    const { w } = this.point;
    let high = 0;
    for (let t = 1; t <= T; t++)
      for (let i = t * stride + nx; i < t * stride + 2 * nx; i++)
        high = Math.max(high, Math.abs(w[i] + dw[i]));
    return high;
  }

  #mark(E: Evaluation, w: Float64Array, slacks: Float64Array): Mark {
    return { infeasibility: this.#barrier.infeasibility(E, w, slacks), cost: this.#barrier.cost(E, slacks) };
  }

  /** Moves along a step, as far as the filter or, for the full step, the error of all conditions allows. */
  *#search(step: Step): Asking<boolean> {
    if (this.#isFollowing) return yield* this.#follow(step);
    const { dw, ds, primal, dual } = step;
    const { w, E } = this.point;
    const { slacks } = this;
    const barrier = this.#barrier;
    const slope = barrier.slope(dw, ds, slacks);
    const from = this.#mark(E, w, slacks);
    const noise = 8 * this.#problem.rounding * (Math.abs(E.cost) + Math.abs(from.cost));
    for (let length = primal; length >= SHORTEST * primal; length /= 2) {
      const isFirst = length === primal;
      const s = slacks.map((v, k) => v + length * ds[k]);
      const moved = barrier.central(
        w.map((v, i) => v + (this.#isMultiplier[i] === 1 ? dual : length) * dw[i]),
        s,
      );
      // The first trial is the one that is taken most often, so that its matrices are wanted.
      const trial = yield { w: moved, blocks: isFirst };
      const to = this.#mark(trial, moved, s);
      const isTaken = this.#filter.takes(from, to, length, slope, noise);
      if (isFirst) {
        const point = pointAt(this.#problem, moved, trial);
        const isSolved = () => barrier.errorAt(point, s) <= barrier.errorAt(this.point, slacks) / 2;
        if (isTaken || isSolved()) return this.#accept(point, s);
        if (to.infeasibility <= from.infeasibility) continue;
        const second = corrected(barrier, { point: this.point, slacks }, { E: trial, w: moved, slacks: s });
        if (second === undefined) continue;
        const again = yield { w: second.w, blocks: false };
        const mark = this.#mark(again, second.w, second.slacks);
        if (!this.#filter.takes(from, mark, length, slope, noise)) continue;
        return yield* this.#moveTo(second.w, second.slacks);
      }
      if (isTaken) return yield* this.#moveTo(moved, s);
    }
    return false;
  }

  /** Moves along a step with states that follow the dynamics, as far as the filter allows. */
  *#follow({ dw, ds, primal, dual, feedback }: Step): Asking<boolean> {
    const { w, E } = this.point;
    const { slacks } = this;
    const barrier = this.#barrier;
    const { nx, stride } = this.#problem.layout;
    const slope = barrier.slope(dw, ds, slacks);
    const from = this.#mark(E, w, slacks);
    const noise = 8 * this.#problem.rounding * (Math.abs(E.cost) + Math.abs(from.cost));
    const away = Float64Array.from(
      E.next,
      (v, k) => v - w[(Math.floor(k / nx) + 1) * stride + nx + (k % nx)],
    );
    for (let length = primal; length >= SHORTEST_FOLLOWED * primal; length /= 2) {
      const s = slacks.map((v, k) => v + length * ds[k]);
      const trial = barrier.central(
        w.map((v, i) => v + (this.#isMultiplier[i] === 1 ? dual : length) * dw[i]),
        s,
      );
      const defects = away.map((v) => (1 - length) * v);
      const found = yield* simulated(barrier, trial, defects, feedback as Float64Array);
      if (found === undefined) continue;
      if (!this.#filter.takes(from, this.#mark(found.E, found.w, s), length, slope, noise)) continue;
      return this.#accept(pointAt(this.#problem, found.w, found.E), s);
    }
    return false;
  }

  /** Brings the constraints nearer, until the filter allows the point. */
  *#restore(): Asking<boolean> {
    const { w, E } = this.point;
    const barrier = this.#barrier;
    this.#filter.note(this.#mark(E, w, this.slacks));
    // Slacks of inequalities that hold are what they have room for.
    this.slacks = this.slacks.map((s, k) => Math.max(s, -barrier.relaxed(E.g[k])));
    const first = this.#mark(E, w, this.slacks);
    for (let round = 0; round < RESTORATIONS; round++) {
      if (this.iterations >= this.#most) return true;
      const step = feasibleStep(barrier, this.point, this.slacks);
      const before = barrier.infeasibility(this.point.E, this.point.w, this.slacks);
      if (step === undefined) return false;
      let length = step.primal;
      for (; length >= SHORTEST * step.primal; length /= 2) {
        const at = length;
        const s = this.slacks.map((v, k) => v + at * step.ds[k]);
        const moved = barrier.central(
          this.point.w.map((v, i) => v + at * step.dw[i]),
          s,
        );
        const trial = yield { w: moved, blocks: false };
        if (!(barrier.infeasibility(trial, moved, s) <= (1 - 1e-2 * at) * before)) continue;
        if (!(yield* this.#moveTo(moved, s))) return false;
        break;
      }
      if (length < SHORTEST * step.primal) return false;
      this.iterations++;
      const now = this.#mark(this.point.E, this.point.w, this.slacks);
      if (now.infeasibility <= RESTORED * first.infeasibility && this.#filter.allows(now, 0)) return true;
    }
    return false;
  }

  *#moveTo(w: Float64Array, slacks: Float64Array): Asking<boolean> {
    return this.#accept(pointAt(this.#problem, w, yield { w, blocks: true }), slacks);
  }

  #accept(point: Point, slacks: Float64Array): boolean {
    if (!Number.isFinite(point.worst)) return false;
    this.point = point;
    this.slacks = slacks;
    return true;
  }
}
