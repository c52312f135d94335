// Levenberg-Marquardt: (JᵀJ + μ D²) p = -Jᵀ r by orthogonal transformations; μ adapts to how well the linear model
// predicts.

import { checkBetween } from '../../core/check.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { squared } from '../../core/scalars.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { solveUpper, triangularise } from '../../linalg/blas/systems.js';
import { unitRoundoffOf } from '../../linalg/blas/tensors.js';
import type { Fit, LeastSquaresMethod } from './least-squares.js';

/** Options of `levenbergMarquardt`. */
export interface LevenbergMarquardtOptions {
  /** The first μ, in units of the squared lengths of the Jacobian's columns; default 1e-3; use less for a good x0. */
  damping?: number;
}

const LEVENBERG_MARQUARDT_OPTIONS: OptionNames<LevenbergMarquardtOptions> = { damping: true };

/**
 * The Levenberg-Marquardt method: gradient descent far from the minimum, Gauss-Newton near it; for any m and n and any
 * rank. D holds the largest length that each column of J has had (Moré, 1978), so that the units of x do not matter. μ
 * follows Nielsen (1999): times max(1/3, 1 - (2 ρ - 1)³) after a step, times 2, 4, 8, … while steps are rejected. One
 * QR factorization of J per iteration, and one of 2 n rows for every μ: JᵀJ, whose condition number is the square of
 * J's, is not formed. An iteration is a trial step; a rejected one has step 0 in the trace.
 * Source: Nocedal and Wright, section 10.3; Moré, Lecture Notes in Mathematics 630 (1978); Madsen, Nielsen and Tingleff
 * (2004).
 * @param options `damping`.
 * @throws ArgumentError for an invalid option.
 * @example
 * optim.leastSquares(residuals, x0, optim.levenbergMarquardt());
 */
export function levenbergMarquardt(options: LevenbergMarquardtOptions = {}): LeastSquaresMethod {
  checkOptions('levenbergMarquardt', options, LEVENBERG_MARQUARDT_OPTIONS);
  const { damping = 1e-3 } = options;
  checkBetween('levenbergMarquardt', 'damping', damping, 0, Number.POSITIVE_INFINITY);
  return {
    name: 'levenbergMarquardt',
    maxIterations: 1000,
    startFit(fit) {
      const system = new DampedSystem(fit);
      const p = fit.source.parameters.vector();
      let [mu, nu, isNew] = [damping, 2, true];
      return {
        step() {
          if (isNew) {
            system.factor();
            if (fit.stopsAtRounding && system.isAtRounding && fit.isSettled(system.undamped(p)))
              return 'converged';
          }
          const predicted = system.solve(mu, p);
          const { value, noise } = fit;
          const trial = fit.valueAt(1, p);
          const ratio = (value - trial) / predicted;
          const isLost = predicted <= noise;
          isNew = isLost ? trial <= value + noise : ratio > 1e-4;
          if (isNew) {
            const before = fit.gradientNorm;
            const ended = fit.ended(fit.accept(predicted));
            // A ratio of numbers that are lost in rounding tells nothing about μ; the gradient does.
            const trusted = isLost ? Number(fit.gradientNorm < before) : ratio;
            const side = 2 * Math.min(trusted, 1) - 1;
            const change = isLost && trusted === 0 ? 1 : Math.max(1 / 3, 1 - side * side * side);
            mu = Math.max(mu * change, squared(unitRoundoffOf(p)));
            nu = 2;
            return ended;
          }
          fit.step = 0;
          mu *= nu;
          nu *= 2;
          if (!fit.isUnmoved && Number.isFinite(mu)) return undefined;
          return Number.isFinite(trial) ? fit.ended('stalled') : 'notFinite';
        },
      };
    },
  };
}

/** min |J p + r|² + μ |D p|² for one J and many μ. */
export class DampedSystem {
  readonly #fit: Fit;
  /** [J, -r], then its triangle [R, z] in the leading rows. */
  readonly #whole: Tensor;
  /** [R, z] above [√μ D, 0], then the triangle of that. */
  readonly #damped: Tensor;
  /** The diagonal of D. */
  readonly #lengths: Float64Array;
  /** Rows of R. */
  readonly #rows: number;

  constructor(fit: Fit) {
    const [m, n] = fit.jacobian.shape;
    const make = (rows: number) => allocate([rows, n + 1], fit.x.dtype, 'levenbergMarquardt');
    this.#fit = fit;
    this.#rows = Math.min(m, n);
    this.#whole = make(m);
    this.#damped = make(this.#rows + n);
    this.#lengths = new Float64Array(n);
  }

  /** Takes the J and r of the fit. */
  factor(): void {
    const { jacobian, residuals } = this.#fit;
    const n = jacobian.shape[1];
    augment(jacobian, residuals, this.#whole);
    for (let j = 0; j < n; j++) {
      const length = this.#fit.columnLength(j);
      // A zero column has no length of its own.
      this.#lengths[j] = Math.max(this.#lengths[j], length) || 1;
    }
    triangularise(this.#whole);
  }

  /** Whether the possible decrease of the model is below noise: half the square of the part of r in the range of J. */
  get isAtRounding(): boolean {
    const n = this.#lengths.length;
    const data = this.#whole.data();
    let inRange = 0;
    for (let i = 0; i < this.#rows; i++) inRange += squared(data[i * (n + 1) + n]);
    return 0.5 * inRange <= this.#fit.noise;
  }

  /** p := the minimiser without damping; infinite or NaN where J has lost a rank. */
  undamped(p: Tensor): Float64Array {
    const [n, data, solution] = [p.size, this.#whole.data(), p.data()];
    if (this.#rows < n) solution.fill(Number.NaN);
    else {
      for (let i = 0; i < n; i++) solution[i] = data[i * (n + 1) + n];
      solveUpper(this.#whole, p);
    }
    return p.data() as Float64Array;
  }

  /** p := the minimiser; returns the decrease of the model: |J p|² / 2 + μ |D p|². */
  solve(mu: number, p: Tensor): number {
    const [rows, n, width] = [this.#rows, p.size, p.size + 1];
    const [lengths, root] = [this.#lengths, Math.sqrt(mu)];
    copyTriangle(this.#whole, rows, this.#damped);
    const below = this.#damped.data();
    for (let i = 0; i < n; i++) below[(rows + i) * width + i] = root * lengths[i];
    triangularise(this.#damped);
    // New views: a workspace may have grown the memory.
    const [from, to, solution] = [this.#whole.data(), this.#damped.data(), p.data()];
    for (let i = 0; i < n; i++) solution[i] = to[i * width + n];
    solveUpper(this.#damped, p);
    let predicted = 0;
    for (let i = 0; i < rows; i++) {
      let product = 0;
      for (let j = i; j < n; j++) product += from[i * width + j] * solution[j];
      predicted += 0.5 * product * product;
    }
    for (let i = 0; i < n; i++) predicted += mu * squared(lengths[i] * solution[i]);
    return predicted;
  }
}

/** to := the upper triangle of the first rows of `a`, zeros elsewhere. */
function copyTriangle(a: Tensor, rows: number, to: Tensor): void {
  const width = a.shape[1];
  const [from, into] = [a.data(), to.data()];
  into.fill(0);
  for (let i = 0; i < rows; i++) into.set(from.subarray(i * width + i, (i + 1) * width), i * width + i);
}

/** out := [J, -r]. */
export function augment(jacobian: Tensor, residuals: Tensor, out: Tensor): void {
  const [m, n] = jacobian.shape;
  const [from, r, to] = [jacobian.data(), residuals.data(), out.data()];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) to[i * (n + 1) + j] = from[i * n + j];
    to[i * (n + 1) + n] = -r[i];
  }
}
