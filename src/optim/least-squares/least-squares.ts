// leastSquares(r, x0, method): min 1/2 |r(x)|² by methods that use the residuals and not only their sum of squares.

import { jacobian } from '../../autodiff/jacobian.js';
import { vjp } from '../../autodiff/vjp.js';
import { describeMade } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { squared } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { flatten, type Tree } from '../../core/tree.js';
import { blas } from '../../generated/blas.js';
import { assign, axpy, gemv, maxAbsOf, norm2, unitRoundoffOf } from '../../linalg/blas/tensors.js';
import type { Float } from '../../linalg/stack.js';
import { mul } from '../../ops/arithmetic.js';
import { concat } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { square } from '../../ops/roots.js';
import { sum } from '../../ops/sum.js';
import { solveWherever, type Unary } from '../../solve/inside.js';
import { iterate } from '../../solve/iterate.js';
import { vectorOf } from '../../solve/linear-system.js';
import { type ResidualFunction, Residuals } from '../../solve/residuals.js';
import type { Solution, SolutionStatus } from '../../solve/solution.js';
import { ITERATION_OPTIONS, type IterationOptions, limitsOf } from '../../solve/watch.js';
import type { Iteration } from '../method.js';
import { NOISE, StallDetector } from '../stall-detector.js';
import { levenbergMarquardt } from './levenberg-marquardt.js';

/** Options of `leastSquares`. */
export interface LeastSquaresOptions extends IterationOptions {}

/** The result of `leastSquares`. */
// biome-ignore lint/suspicious/noExplicitAny: x has the structure of x0
export interface LeastSquaresSolution<X = any> extends Solution<X> {
  /** r(x), [m]: the tensors of the result, one after the other. */
  residuals: Tensor;
  /** The Jacobian at x, [m, n]. (JᵀJ)⁻¹ |r|² / (m - n) estimates the covariance of a fit. */
  jacobian: Tensor;
}

/** A method of least squares. Tensors made by `startFit` and its steps are freed by `leastSquares`. */
export interface LeastSquaresMethod {
  readonly name: string;
  /** Default limit of iterations. */
  readonly maxIterations?: number;
  startFit(fit: Fit): Iteration;
}

/** A step that changes x by less than this, and the value by less than noise, is not worth taking. */
const SETTLED = { f64: 1e-6, f32: 1e-3 } as const;

/** The state of a fit. */
export class Fit {
  readonly source: Residuals;
  x: Tensor;
  residuals: Tensor;
  readonly jacobian: Tensor;
  /** Jᵀ r. */
  readonly gradient: Tensor;
  /** 1/2 |r|². */
  value: number;
  /** The largest |Jᵀ r|_i. */
  gradientNorm = Number.NaN;
  /** The length of the last step, in units of its direction. */
  step = 0;
  /** Whether to stop when the possible decrease is below the rounding of the value: if no tolerance was given. */
  readonly stopsAtRounding: boolean;
  #trial: Tensor;
  #trialResiduals: Tensor;
  readonly #patience = new StallDetector();

  constructor(source: Residuals, stopsAtRounding: boolean) {
    const { parameters } = source;
    this.source = source;
    this.stopsAtRounding = stopsAtRounding;
    this.x = parameters.start();
    this.residuals = source.start(this.x);
    this.value = halfSquare(this.residuals);
    this.jacobian = allocate([source.count, parameters.size], parameters.dtype, source.name);
    this.gradient = parameters.vector();
    this.#trial = parameters.vector();
    this.#trialResiduals = allocate([source.count], parameters.dtype, source.name);
    this.#differentiate();
  }

  /** Changes of the value below this are rounding. */
  get noise(): number {
    return NOISE * unitRoundoffOf(this.x) * this.value;
  }

  /** 1/2 |r(x + t p)|²; `accept` moves to that point and its residuals. */
  valueAt(t: number, p: Tensor): number {
    this.step = t;
    assign(this.x, this.#trial);
    axpy(t, p, this.#trial);
    this.source.value(this.#trial, this.#trialResiduals);
    return halfSquare(this.#trialResiduals);
  }

  /** Whether the point of `valueAt` was x up to rounding, in every entry. */
  get isUnmoved(): boolean {
    const [x, trial] = [this.x.data(), this.#trial.data()];
    const unit = 2 * unitRoundoffOf(this.x);
    return trial.every((value, i) => Math.abs(value - x[i]) <= unit * Math.abs(x[i]));
  }

  /** The point of the last `valueAt`. */
  get trial(): { x: Tensor; residuals: Tensor } {
    return { x: this.#trial, residuals: this.#trialResiduals };
  }

  /** The length of column j of the Jacobian. */
  columnLength(j: number): number {
    const { dtype, address, shape } = this.jacobian;
    const bytes = dtype === 'f64' ? 8 : 4;
    return blas.exports[`nrm2_${dtype as Float}`](shape[0], address + j * bytes, shape[1]);
  }

  /**
   * Whether each column alone can lower the value by no more than noise, |(Jᵀr)_j|² <= 2 noise |J_j|². A method's own
   * prediction is less: where its matrix has lost a rank, it does not see all of the gradient.
   */
  get isAtNoise(): boolean {
    const most = Math.sqrt(2 * this.noise);
    return this.gradient.data().every((g, j) => Math.abs(g) <= most * this.columnLength(j));
  }

  /** Whether a step would change no entry of x by more than a small fraction of it. */
  isSettled(p: Float64Array | Float32Array): boolean {
    const x = this.x.data();
    const most = SETTLED[this.x.dtype as Float];
    return p.every((change, j) => Math.abs(change) <= most * Math.abs(x[j]));
  }

  /** A step that ended as stalled has converged if no tolerance was given and the rest is noise. */
  ended(status: SolutionStatus | undefined): SolutionStatus | undefined {
    return status === 'stalled' && this.stopsAtRounding && this.isAtNoise ? 'converged' : status;
  }

  /**
   * Moves to the point of the last `valueAt`. If the possible decrease is lost in the rounding of the value, progress
   * shows in the gradient: 'stalled' if that has not fallen for some steps.
   */
  accept(gain: number): SolutionStatus | undefined {
    const isLost = gain <= this.noise;
    const before = this.gradientNorm;
    this.#move();
    return this.#patience.judge(isLost, before, this.gradientNorm);
  }

  #move(): void {
    [this.x, this.#trial] = [this.#trial, this.x];
    [this.residuals, this.#trialResiduals] = [this.#trialResiduals, this.residuals];
    this.value = halfSquare(this.residuals);
    this.#differentiate();
  }

  #differentiate(): void {
    if (!Number.isFinite(this.value)) return;
    this.source.jacobian(this.x, this.jacobian);
    gemv(1, this.jacobian, this.residuals, 0, this.gradient, { transpose: true });
    this.gradientNorm = maxAbsOf(this.gradient);
  }
}

const halfSquare = (r: Tensor): number => 0.5 * squared(norm2(r));

/**
 * Nonlinear least squares: minimises 1/2 |r(x)|² from x0. In the solution `value` is 1/2 |r|² and `gradientNorm` the
 * largest |Jᵀ r|_i; in `evaluations`, value counts residuals and gradient Jacobians. Without a `gradientTolerance` it
 * also stops, as converged, where rounding of the value hides what is left: the linear model predicts a decrease below
 * 1000 u times the value, u the unit roundoff, |Jᵀ r|_j is at most √(1000 u) |J_j| |r| for every column J_j, and the
 * step is below 1e-6 of x (1e-3 in f32) in every entry, or the gradient no longer falls.
 * Source: Nocedal and Wright, chapter 10.
 * Inside a differentiated function x, residuals and jacobian have derivatives in every tensor that the residuals
 * capture, by the implicit function theorem.
 * @param residuals x -> a tensor or a tree of tensors, m numbers, written in operations: its Jacobian is derived and
 * compiled, by
 *   columns for m >= n, else by rows; or `{ residuals, jacobian }` with a user-written Jacobian, [m, n]. m < n is
 * allowed.
 * @param x0 a tensor or a tree of tensors, all f64 or all f32. Not changed.
 * @param method `levenbergMarquardt()` (default) or `gaussNewton()`.
 * @param options see `IterationOptions`.
 * @returns the Solution with `residuals` and `jacobian`; the caller owns its tensors.
 * @throws ConvergenceError, with `.solution`, if it does not converge (see `throws`); ArgumentError, DTypeError,
 * ShapeError.
 * @example
 * // y = a exp(b t)
 * const r = ({ a, b }) => sub(mul(a, exp(mul(b, t))), y);
 * const { x } = optim.leastSquares(r, { a: tensor(1), b: tensor(0) }, optim.levenbergMarquardt());
 */
export function leastSquares<X = Tree>(
  residuals: ResidualFunction,
  x0: X,
  method: LeastSquaresMethod = levenbergMarquardt(),
  options: LeastSquaresOptions = {},
): LeastSquaresSolution<X> {
  if (typeof method?.startFit !== 'function') {
    throw new ArgumentError(
      `leastSquares: method must be a method like optim.levenbergMarquardt(), got ${describeMade(method)}`,
    );
  }
  checkOptions('leastSquares', options, ITERATION_OPTIONS);
  const vector = (r: Unary, x: Tree) => vectorOf(flatten(r(x)).leaves);
  return solveWherever({
    ...{ name: 'leastSquares', f: residuals, x0, options },
    solve: (r, start) => solve(r, start, method, options),
    residual(r: Unary, x) {
      const { value, pullback } = vjp(r, x);
      return pullback(value)[0];
    },
    tensors: (r, x) => ({ residuals: vector(r, x) }),
    lazily: (r, x) => ({ jacobian: () => jacobianOf(r, x) }),
    value: (r, x) => mul(0.5, sum(square(vector(r, x)))),
  });
}

/** The Jacobian in operations, [m, n]: the leaves of x side by side. */
function jacobianOf(r: Unary, x: Tree): Tensor {
  return scope(() => {
    const parts = flatten(jacobian((at: Tree) => vectorOf(flatten(r(at)).leaves))(x)).leaves;
    const sizes = flatten(x).leaves.map((leaf) => leaf.size);
    const flat = parts.map((part, i) => reshape(part, [part.shape[0], sizes[i]]));
    return flat.length === 1 ? flat[0] : concat(flat, 1);
  });
}

function solve(
  f: ResidualFunction,
  x0: Tree,
  method: LeastSquaresMethod,
  options: LeastSquaresOptions,
): LeastSquaresSolution {
  const source = new Residuals('leastSquares', ['residuals', 'x0'], f, x0, options?.compile);
  try {
    const { parameters, evaluations } = source;
    const limits = limitsOf('leastSquares', options, {
      tolerance: parameters.dtype === 'f64' ? 1e-6 : 1e-3,
      maxIterations: method.maxIterations ?? 1000,
    });
    const fit = new Fit(source, options.gradientTolerance === undefined);
    const iteration = method.startFit(fit);
    const name = `leastSquares by ${method.name}`;
    const labels = ['1/2 |r|²', '|Jᵀ r|'] as const;
    const step = () => iteration.step();
    const solution = iterate({ name, parameters, evaluations, standing: fit, step, labels }, limits, options);
    return { ...solution, residuals: fit.residuals, jacobian: fit.jacobian };
  } finally {
    source.dispose();
  }
}
