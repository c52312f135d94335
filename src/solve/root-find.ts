// rootFind(F, y0, method): y with F(y) = 0.

import { checkAtLeast } from '../core/check.js';
import { describeMade } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import type { Tree } from '../core/tree.js';
import { assign, axpy, maxAbsOf, norm2 } from '../linalg/blas/tensors.js';
import type { Float } from '../linalg/stack.js';
import { solveWherever, type Unary } from './inside.js';
import { iterate } from './iterate.js';
import { newtonRoot } from './newton-root.js';
import { type ResidualFunction, Residuals } from './residuals.js';
import type { Solution, SolutionStatus } from './solution.js';
import { ITERATION_OPTIONS, type IterationOptions, type Limits, limitsOf } from './watch.js';

/** Options of `rootFind` and `fixedPoint`. */
export interface ResidualOptions extends IterationOptions {
  /**
   * Stop when the largest absolute entry of the residual is at most this; default 1e-9 in f64, 1e-4 in f32. Other
   * solvers call it `gradientTolerance`, which is accepted, too.
   */
  tolerance?: number;
}

export const RESIDUAL_OPTIONS: OptionNames<ResidualOptions> = /* @__PURE__ */ joinNames(ITERATION_OPTIONS, {
  tolerance: true,
});

/** A method of root finding. Tensors made by `startRoot` and its steps are freed by `rootFind`. */
export interface RootMethod {
  readonly name: string;
  /** Default limit of iterations. */
  readonly maxIterations?: number;
  startRoot(root: Root): { step(): SolutionStatus | undefined };
}

/** The state of the search for a root. */
export class Root {
  readonly source: Residuals;
  x: Tensor;
  /** F(x). */
  residual: Tensor;
  /** |F(x)|. */
  value: number;
  /** The largest |F(x)_i|. */
  gradientNorm: number;
  /** The last t. */
  step = 0;
  /** Whether to stop when a step is lost in the rounding of x: if no tolerance was given. */
  readonly stopsAtRounding: boolean;
  #trial: Tensor;
  #trialResidual: Tensor;

  constructor(source: Residuals, stopsAtRounding: boolean) {
    const { parameters } = source;
    this.source = source;
    this.stopsAtRounding = stopsAtRounding;
    this.x = parameters.start();
    this.residual = source.start(this.x);
    if (source.count !== parameters.size) {
      throw new ShapeError(
        `${source.name}: F must give as many numbers as y0 has, ${parameters.size}, got ${source.count} (use leastSquares)`,
      );
    }
    this.value = norm2(this.residual);
    this.gradientNorm = maxAbsOf(this.residual);
    this.#trial = parameters.vector();
    this.#trialResidual = parameters.vector();
  }

  /** |F(x + t p)|; `accept` moves there. */
  valueAt(t: number, p: Tensor): number {
    this.step = t;
    assign(this.x, this.#trial);
    axpy(t, p, this.#trial);
    this.source.value(this.#trial, this.#trialResidual);
    return norm2(this.#trialResidual);
  }

  /** Moves to the point of the last `valueAt`. */
  accept(): void {
    [this.x, this.#trial] = [this.#trial, this.x];
    [this.residual, this.#trialResidual] = [this.#trialResidual, this.residual];
    this.value = norm2(this.residual);
    this.gradientNorm = maxAbsOf(this.residual);
  }

  /** F before the last step. */
  get previousResidual(): Tensor {
    return this.#trialResidual;
  }

  /**
   * Halves t from 1 until |F(x + t p)| <= (1 - t / 10⁴) |F(x)| and moves there; false, with x unchanged, if there is no
   * such t.
   * For a Newton step p this is Armijo's rule for |F|² (Nocedal and Wright, section 11.2).
   */
  damped(p: Tensor, shortest: number): boolean {
    const { value } = this;
    for (let t = 1; t >= shortest; t /= 2) {
      if (this.valueAt(t, p) <= (1 - 1e-4 * t) * value) {
        this.accept();
        return true;
      }
    }
    this.step = 0;
    return false;
  }

  /** Whether x + p equals x up to rounding, in every entry, and the search may stop for that. */
  isLost(p: Tensor): boolean {
    if (!this.stopsAtRounding) return false;
    const [x, change] = [this.x.data(), p.data()];
    const unit = p.dtype === 'f64' ? 2 ** -51 : 2 ** -22;
    return change.every((c, i) => Math.abs(c) <= unit * Math.abs(x[i]));
  }
}

/** Limits, and whether a tolerance was given. */
export function residualLimits(
  name: string,
  options: ResidualOptions,
  dtype: Float,
  most: number,
): { limits: Limits; isGiven: boolean } {
  const { tolerance = options.gradientTolerance } = options;
  if (tolerance !== undefined) checkAtLeast(name, 'tolerance', tolerance, 0);
  const merged = { ...options, ...(tolerance !== undefined && { gradientTolerance: tolerance }) };
  const defaults = { tolerance: dtype === 'f64' ? 1e-9 : 1e-4, maxIterations: most };
  return { limits: limitsOf(name, merged, defaults), isGiven: tolerance !== undefined };
}

/**
 * Finds y with F(y) = 0, starting from y0. In the solution `x` is y, `value` is |F(y)|, `gradientNorm` the largest
 * |F(y)_i|; in `evaluations`, value counts values of F and gradient Jacobians. Without a `tolerance` it also stops, as
 * converged, when a whole step of Newton's method is lost in the rounding of y. If the Jacobian is singular, the status
 * is 'singular'. Inside a differentiated function, y has derivatives in every tensor that F captures, by the implicit
 * function theorem; inside `compile` and `trace` it is a node, and value, gradientNorm and iterations are scalar
 * tensors.
 * Source: Nocedal and Wright, chapter 11.
 * @param F y -> a tensor or a tree of tensors, as many numbers as y has, written in operations: its Jacobian is derived
 * and
 *   compiled; or `{ residuals, jacobian }` with a user-written Jacobian, [n, n].
 * @param y0 a tensor or a tree of tensors, all f64 or all f32. Not changed.
 * @param method `newtonRoot()` (default) or `broyden()`.
 * @param options see `ResidualOptions` and `IterationOptions`.
 * @returns the Solution; the caller owns its tensors.
 * @throws ConvergenceError, with `.solution`, if it does not converge (see `throws`); ArgumentError, DTypeError,
 * ShapeError.
 * @example
 * optim.rootFind((y) => sub(square(y), 2), tensor(1), optim.newtonRoot()).x; // 1.4142135623730951
 * @example
 * const F = (theta, y) => sub(square(y), theta);
 * const root = implicitRoot(F, (theta, y0) => optim.rootFind((y) => F(theta, y), y0, optim.newtonRoot()).x);
 * grad(root)(tensor(4), tensor(1)); // 0.25
 */
export function rootFind<X = Tree>(
  F: ResidualFunction,
  y0: X,
  method: RootMethod = newtonRoot(),
  options: ResidualOptions = {},
): Solution<X> {
  if (typeof method?.startRoot !== 'function') {
    throw new ArgumentError(
      `rootFind: method must be a method like optim.newtonRoot(), got ${describeMade(method)}`,
    );
  }
  checkOptions('rootFind', options, RESIDUAL_OPTIONS);
  return solveWherever({
    ...{ name: 'rootFind', f: F, x0: y0, options },
    solve: (G, start) => solve(G, start, method, options),
    residual: (G: Unary, y) => G(y),
  });
}

function solve(F: ResidualFunction, y0: Tree, method: RootMethod, options: ResidualOptions): Solution {
  const source = new Residuals('rootFind', ['F', 'y0'], F, y0, options?.compile);
  try {
    const { parameters, evaluations } = source;
    const most = method.maxIterations ?? 1000;
    const { limits, isGiven } = residualLimits('rootFind', options, parameters.dtype, most);
    const root = new Root(source, !isGiven);
    const iteration = method.startRoot(root);
    const name = `rootFind by ${method.name}`;
    const labels = ['|F|', 'its largest entry'] as const;
    const step = () => iteration.step();
    return iterate({ name, parameters, evaluations, standing: root, step, labels }, limits, options);
  } finally {
    source.dispose();
  }
}
