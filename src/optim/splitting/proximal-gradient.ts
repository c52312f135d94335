// x := prox_{t g}(y - t ∇f(y)), y extrapolated from x by momentum: proximal gradient descent, plain or accelerated
// (FISTA).

import { checkBetween } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { mapTree, type Tree } from '../../core/tree.js';
import { assign, axpy, dot, maxAbsOf, unitRoundoffOf } from '../../linalg/blas/tensors.js';
import { cloneTensor } from '../../linalg/stack.js';
import { Objective, type ObjectiveFunction } from '../../solve/objective.js';
import { explain, type Solution, type SolutionStatus, solutionOf } from '../../solve/solution.js';
import { ITERATION_OPTIONS, IterationMonitor, type IterationOptions, limitsOf } from '../../solve/watch.js';
import type { ProxFunction, Proximable } from '../prox/penalty.js';

/** Options of `proximalGradient`. */
export interface ProximalGradientOptions extends IterationOptions {
  /** 'fista' (default): momentum; 'none': the plain iteration. */
  acceleration?: 'fista' | 'none';
  /** 'gradient' (default): momentum that leads uphill is dropped (O'Donoghue and Candès); 'none': never. */
  restart?: 'gradient' | 'none';
  /** The first t; default 1, doubled before the first step as often as f allows. */
  initialStep?: number;
  /** The factor by which t is shortened if f is not below its model; in (0, 1), default 1/2. */
  shrink?: number;
}

const PROXIMAL_GRADIENT_OPTIONS: OptionNames<ProximalGradientOptions> = /* @__PURE__ */ joinNames(
  ITERATION_OPTIONS,
  { acceleration: true, restart: true, initialStep: true, shrink: true },
);

/** The first t is doubled up to this factor, and t is never shortened below its reciprocal times the first. */
const FARTHEST = 2 ** 60;
/** The factor by which the plain iteration lengthens t in every step, and an accelerated one at a restart. */
const GROWTH = { none: 1.1, fista: 2 } as const;

/**
 * Minimises f(x) + g(x), f smooth, g with a prox: lasso, group lasso, f on a convex set. The step t is found by
 * backtracking: f(x) <= f(y) + ∇f(y)ᵀ(x - y) + ‖x - y‖² / 2t, or if rounding hides that, (∇f(x) - ∇f(y))ᵀ(x - y) <= ‖x
 * - y‖² / t. In the solution, `value` is f + g, and `gradientNorm` the largest entry of the prox-gradient mapping (y -
 * x) / t, which is 0 at a minimum and equals the gradient if g = 0; `gradientTolerance` bounds it. The solution has no
 * derivatives: it is an error if x0, or a tensor that f or g captures, is differentiated.
 * Source: Beck and Teboulle, SIAM J. Imaging Sci. 2 (2009); O'Donoghue and Candès, Found. Comput. Math. 15 (2015);
 * Parikh and Boyd, Proximal Algorithms (2014), sections 4.2 and 4.3.
 * @param f as in `minimize`.
 * @param g a regulariser like `optim.penalty.l1(0.1)`, `{ prox(x, t), value?(x) }`, or a function prox(x, t); x has the
 * structure
 *   of x0.
 * @param x0 a tensor or a tree of tensors, all f64 or all f32. Not changed.
 * @throws ConvergenceError, with `.solution`, if it does not converge (see `throws`); ArgumentError, DTypeError,
 * ShapeError.
 * @example
 * const f = (x) => sum(square(sub(matmul(A, x), b)));
 * const { x } = optim.proximalGradient(f, optim.penalty.l1(0.1), zeros([n]));
 */
export function proximalGradient<X = Tree>(
  f: ObjectiveFunction,
  g: Proximable | ProxFunction,
  x0: X,
  options: ProximalGradientOptions = {},
): Solution<X> {
  checkOptions('proximalGradient', options, PROXIMAL_GRADIENT_OPTIONS);
  const term = proximableOf('proximalGradient', 'g', g);
  return solutionOf(
    scope(() => new ProximalDescent(f, term, x0, options).run()),
    options,
  ) as Solution<X>;
}

/** g as an object. */
export function proximableOf(name: string, argument: string, g: unknown): Proximable {
  if (typeof g === 'function') return { prox: g as ProxFunction };
  const { prox, value } = (g ?? {}) as Partial<Proximable>;
  if (typeof prox === 'function' && (value === undefined || typeof value === 'function'))
    return g as Proximable;
  throw new ArgumentError(
    `${name}: ${argument} must be a regulariser like optim.penalty.l1(1), or a function prox(x, t), got ${describe(g)}`,
  );
}

class ProximalDescent {
  readonly #objective: Objective;
  readonly #g: Proximable;
  readonly #options: ProximalGradientOptions;
  readonly #acceleration: 'fista' | 'none';
  readonly #restart: boolean;
  readonly #shrink: number;
  /** The current point, the previous one, and the point from which to step. */
  #x: Tensor;
  #previous: Tensor;
  readonly #y: Tensor;
  readonly #gradient: Tensor;
  /** The argument of the prox; afterwards x - y. */
  readonly #difference: Tensor;
  readonly #scratch: Tensor;
  #value = Number.NaN;
  #gradientNorm = Number.NaN;
  /** Whether the last step had no effect. */
  #isStuck = false;
  /** t, and θ of FISTA. */
  #step: number;
  #theta = 1;

  constructor(f: ObjectiveFunction, g: Proximable, x0: Tree, options: ProximalGradientOptions) {
    const name = 'proximalGradient';
    const limits = limitsOf(name, options, { tolerance: 0, maxIterations: 0 });
    const { acceleration = 'fista', restart = 'gradient', initialStep = 1, shrink = 0.5 } = options;
    if (acceleration !== 'fista' && acceleration !== 'none')
      throw new ArgumentError(
        `${name}: acceleration must be 'fista' or 'none', got ${describe(acceleration)}`,
      );
    if (restart !== 'gradient' && restart !== 'none')
      throw new ArgumentError(`${name}: restart must be 'gradient' or 'none', got ${describe(restart)}`);
    checkBetween(name, 'initialStep', initialStep, 0, Number.POSITIVE_INFINITY);
    checkBetween(name, 'shrink', shrink, 0, 1);
    this.#objective = new Objective(name, f, x0, limits.compile);
    this.#g = g;
    this.#options = options;
    this.#acceleration = acceleration;
    this.#restart = restart === 'gradient';
    this.#shrink = shrink;
    this.#step = initialStep;
    const { parameters } = this.#objective;
    this.#x = parameters.start();
    this.#previous = cloneTensor(this.#x, name);
    this.#y = cloneTensor(this.#x, name);
    this.#gradient = parameters.vector();
    this.#difference = parameters.vector();
    this.#scratch = parameters.vector();
  }

  run(): Solution {
    const { parameters, evaluations } = this.#objective;
    const options = this.#options;
    try {
      const { tolerance, maxIterations } = limitsOf('proximalGradient', options, {
        tolerance: parameters.dtype === 'f64' ? 1e-6 : 1e-3,
        maxIterations: 10_000,
      });
      const watch = new IterationMonitor(options, evaluations, () => parameters.tree(this.#x));
      if (watch.trace !== undefined) {
        const value = this.#objective.value(this.#x) + this.#penalty();
        watch.note(0, { value, gradientNorm: Number.NaN, step: 0 });
      }
      let iterations = 0;
      let status: SolutionStatus | undefined;
      while (status === undefined) {
        if (iterations >= maxIterations) status = 'maxIterations';
        else {
          status = this.#iterate(iterations === 0);
          if (status !== undefined) break;
          iterations++;
          const [value, gradientNorm, step] = [this.#value, this.#gradientNorm, this.#step];
          const asked = watch.note(iterations, { value, gradientNorm, step });
          status = gradientNorm <= tolerance ? 'converged' : this.#isStuck ? 'stalled' : asked;
        }
      }
      const value = iterations === 0 ? this.#objective.value(this.#x) + this.#penalty() : this.#value;
      const gradientNorm = this.#gradientNorm;
      return {
        x: mapTree(parameters.tree(this.#x), (leaf) => cloneTensor(leaf, 'proximalGradient')),
        value,
        gradientNorm,
        iterations,
        evaluations: { ...evaluations },
        converged: status === 'converged',
        status,
        message: explain(
          'proximalGradient',
          status,
          iterations,
          `f + g = ${value} and |prox-gradient mapping| = ${gradientNorm} (tolerance ${tolerance})`,
        ),
        ...(watch.trace && { trace: watch.trace }),
      };
    } finally {
      this.#objective.dispose();
    }
  }

  /** One step, or the reason why there is none; then x is unchanged. */
  #iterate(first: boolean): SolutionStatus | undefined {
    const y = this.#y;
    const value = this.#objective.valueAndGradient(y, this.#gradient);
    if (value === Number.NEGATIVE_INFINITY) return 'unbounded';
    if (!Number.isFinite(value) || !Number.isFinite(maxAbsOf(this.#gradient))) {
      // Momentum may have left the domain of f.
      if (first || this.#theta === 1) return 'notFinite';
      this.#theta = 1;
      assign(this.#x, y);
      return this.#iterate(true);
    }
    const next = this.#previous;
    const shortest = this.#step / FARTHEST;
    let reached = this.#try(value, next);
    if (first && Number.isNaN(this.#value) && this.#options.initialStep === undefined) {
      while (reached !== undefined && this.#step < FARTHEST && this.#gradientNorm > 0) {
        this.#step *= 2;
        reached = this.#try(value, next);
      }
    }
    while (reached === undefined) {
      this.#step *= this.#shrink;
      if (this.#step < shortest) return this.#failure(value, next);
      reached = this.#try(value, next);
    }
    if (reached === Number.NEGATIVE_INFINITY) return 'unbounded';
    this.#gradientNorm = maxAbsOf(this.#difference) / this.#step;
    this.#isStuck = this.#gradientNorm === 0 && maxAbsOf(this.#gradient) > 0;
    // A step that is lost in rounding means no more than that.
    if (this.#isStuck) this.#gradientNorm = (unitRoundoffOf(y) * maxAbsOf(y)) / this.#step;
    this.#advance(next, reached);
    return undefined;
  }

  /** x becomes `next`, where f has this value; y is extrapolated from it. */
  #advance(next: Tensor, value: number): void {
    // The next step overwrites the previous x.
    [this.#x, this.#previous] = [next, this.#x];
    this.#value = value + this.#penalty();
    const y = this.#y;
    assign(this.#x, y);
    if (this.#acceleration === 'none') {
      this.#step *= GROWTH.none;
      return;
    }
    const step = this.#scratch;
    assign(this.#x, step);
    axpy(-1, this.#previous, step);
    // Compares x - y, a descent direction of f + g, with the step from x to x: whether momentum leads uphill.
    if (this.#restart && dot(this.#difference, step) < 0) {
      this.#theta = 1;
      this.#step *= GROWTH.fista;
      return;
    }
    const theta = (1 + Math.sqrt(1 + 4 * this.#theta * this.#theta)) / 2;
    axpy((this.#theta - 1) / theta, step, y);
    this.#theta = theta;
  }

  /** next := prox(y - t ∇f(y), t) and f there, or undefined if t is too long. */
  #try(value: number, next: Tensor): number | undefined {
    const [y, g, d, t] = [this.#y, this.#gradient, this.#difference, this.#step];
    assign(y, d);
    axpy(-t, g, d);
    const { parameters } = this.#objective;
    scope(() => parameters.gather(this.#g.prox(parameters.tree(d), t) as Tree, next, 'what prox gives'));
    assign(next, d);
    axpy(-1, y, d);
    const square = dot(d, d);
    const reached = this.#objective.value(next);
    this.#gradientNorm = maxAbsOf(d) / t;
    if (square === 0 || reached === Number.NEGATIVE_INFINITY) return reached;
    if (!Number.isFinite(square) || !Number.isFinite(reached)) return undefined;
    const bound = square / (2 * t);
    if (bound > 1e3 * unitRoundoffOf(y) * Math.max(Math.abs(value), Math.abs(reached)))
      return reached - value - dot(g, d) <= bound ? reached : undefined;
    const change = this.#scratch;
    this.#objective.gradient(next, change);
    axpy(-1, g, change);
    return dot(change, d) <= 2 * bound ? reached : undefined;
  }

  /** Why no t is short enough. */
  #failure(value: number, next: Tensor): SolutionStatus {
    const reached = this.#objective.value(next);
    if (!Number.isFinite(reached) || !Number.isFinite(maxAbsOf(this.#difference))) return 'notFinite';
    return Math.abs(reached - value) <= 1e4 * unitRoundoffOf(next) * Math.abs(value)
      ? 'stalled'
      : 'lineSearch';
  }

  /** g(x). */
  #penalty(): number {
    const g = this.#g;
    let value = 0;
    if (g.value !== undefined)
      scope(() => void (value = g.value?.(this.#objective.parameters.tree(this.#x)) ?? 0));
    return value;
  }
}
