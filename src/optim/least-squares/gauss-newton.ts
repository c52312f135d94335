// Gauss-Newton: x := x + t p, p the least-squares solution of J p = -r.

import { tensor } from '../../core/create.js';
import type { OptionNames } from '../../core/options.js';
import { lengthOf, squared } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { solveUpper, triangularise } from '../../linalg/blas/systems.js';
import { assign, dot, gemv, norm2, scale, unitRoundoffOf } from '../../linalg/blas/tensors.js';
import { lstsq } from '../../linalg/dense/lstsq.js';
import type { Float } from '../../linalg/stack.js';
import { div } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { backtracking } from '../line-search/backtracking.js';
import { checkLineSearch, type Line, type LineSearch } from '../line-search/line.js';
import type { Fit, LeastSquaresMethod } from './least-squares.js';
import { augment } from './levenberg-marquardt.js';

/** Options of `gaussNewton`. */
export interface GaussNewtonOptions {
  /** Default backtracking, starting at 1. */
  lineSearch?: LineSearch;
}

const OPTIONS: OptionNames<GaussNewtonOptions> = { lineSearch: true };

/**
 * The Gauss-Newton method: quadratic convergence if the residuals are small at the minimum, linear otherwise, and no
 * guarantee if J loses rank on the way (levenbergMarquardt has one). Uses QR of J; if J does not have full rank, and
 * for m < n, the step of minimum norm by the SVD.
 * Source: Nocedal and Wright, section 10.3.
 * @param options `lineSearch`.
 * @throws ArgumentError for an invalid option.
 * @example
 * optim.leastSquares(residuals, x0, optim.gaussNewton());
 */
export function gaussNewton(options: GaussNewtonOptions = {}): LeastSquaresMethod {
  const search = checkLineSearch('gaussNewton', options, OPTIONS, backtracking());
  return {
    name: 'gaussNewton',
    maxIterations: 1000,
    startFit(fit) {
      const p = fit.source.parameters.vector();
      const [m, n] = fit.jacobian.shape;
      const whole = allocate([m, n + 1], fit.x.dtype, 'gaussNewton');
      const line = new FitLine(fit, p);
      return {
        step() {
          solve(fit, whole, p);
          const { value, noise } = fit;
          const slope = line.begin();
          if (!Number.isFinite(slope)) return 'notFinite';
          // The model's decrease is |J p|² / 2.
          const gain = -slope / 2;
          if (fit.stopsAtRounding && gain <= noise && fit.isSettled(p.data() as Float64Array))
            return fit.isAtNoise ? 'converged' : 'singular';
          if (gain <= noise && line.valueAt(1) <= value + noise) return fit.ended(fit.accept(gain));
          const isFound = search.search(line, search.initialStep);
          if (isFound && !fit.isUnmoved) return fit.accept(gain);
          return Number.isFinite(line.value) ? fit.ended('stalled') : 'notFinite';
        },
      };
    },
  };
}

/** p := the least-squares solution of J p = -r, of minimum norm. */
function solve(fit: Fit, whole: Tensor, p: Tensor): void {
  const { jacobian, residuals } = fit;
  const [m, n] = jacobian.shape;
  if (n === 0) return;
  if (m >= n) {
    augment(jacobian, residuals, whole);
    triangularise(whole);
    const [data, solution] = [whole.data(), p.data()];
    // Next to the length of its column, a diagonal entry of R does not depend on the units of x.
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < n; j++) {
      least = Math.min(least, Math.abs(data[j * (n + 2)]) / fit.columnLength(j) || 0);
      solution[j] = data[j * (n + 1) + n];
    }
    // Without column exchanges the diagonal of R is a poor measure of small singular values: use the SVD for those.
    if (least > Math.sqrt(unitRoundoffOf(p))) {
      solveUpper(whole, p);
      return;
    }
  }
  scope(() => assign(shortest(fit), p));
  scale(-1, p);
}

/**
 * The least-squares solution of J y = r of minimum norm; where units hide a rank of J, with columns of length 1, and with
 * such rows if m < n, which changes neither solution nor norm.
 */
function shortest(fit: Fit): Tensor {
  const { jacobian, residuals } = fit;
  const [m, n] = jacobian.shape;
  const plain = lstsq(jacobian, residuals);
  if (plain.rank === Math.min(m, n)) return plain.x;
  const byRows = m < n;
  const rowLength = (i: number) => lengthOf(jacobian.data().subarray(i * n, (i + 1) * n));
  const lengths = Float64Array.from({ length: Math.min(m, n) }, (_, k) => {
    // A zero row or column has no length of its own.
    return (byRows ? rowLength(k) : fit.columnLength(k)) || 1;
  });
  const units = tensor(lengths, { dtype: jacobian.dtype as Float });
  const scaled = byRows
    ? lstsq(div(jacobian, reshape(units, [m, 1])), div(residuals, units))
    : lstsq(div(jacobian, units), residuals);
  if (!(Number(scaled.rank) > Number(plain.rank))) return plain.x;
  return byRows ? scaled.x : div(scaled.x, units);
}

/** φ(t) = 1/2 |r(x + t p)|². */
class FitLine implements Line {
  value0 = 0;
  slope0 = 0;
  step = 0;
  value = 0;
  slope = 0;
  readonly rounding: number;
  readonly #fit: Fit;
  readonly #p: Tensor;
  readonly #product: Tensor;

  constructor(fit: Fit, p: Tensor) {
    this.rounding = unitRoundoffOf(p);
    this.#fit = fit;
    this.#p = p;
    this.#product = allocate([fit.source.count], fit.x.dtype, 'gaussNewton');
  }

  /** Prepares the line search; φ'(0) = -|J p|². */
  begin(): number {
    const [fit, product] = [this.#fit, this.#product];
    gemv(1, fit.jacobian, this.#p, 0, product);
    [this.value0, this.value, this.step] = [fit.value, fit.value, 0];
    this.slope0 = -squared(norm2(product));
    this.slope = this.slope0;
    return this.slope0;
  }

  valueAt(t: number): number {
    this.step = t;
    this.slope = Number.NaN;
    this.value = this.#fit.valueAt(t, this.#p);
    return this.value;
  }

  evaluateAt(t: number): void {
    this.valueAt(t);
    const { x, residuals } = this.#fit.trial;
    this.#fit.source.product(x, this.#p, this.#product);
    this.slope = dot(residuals, this.#product);
  }
}
