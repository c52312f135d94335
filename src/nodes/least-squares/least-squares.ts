// x = argmin Σ w_i (a_iᵀx - b_i)², differentiable in A, b and w.
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { batchOf } from '../problems/batch.js';
import { checkReporter, type ReportOptions } from '../problems/report.js';
import { rowsNode } from './rows-node.js';

/** Options of `leastSquares`. */
export interface LeastSquaresOptions extends ReportOptions {
  /** One weight of at least 0 per row, [..., m]; default: all are 1. */
  weights?: Tensor;
  /**
   * A diagonal entry of R, pivoted, of at most rcond times the largest means that A has not full rank; default
   * max(m, n) eps.
   */
  rcond?: number;
}

const LEAST_SQUARES_OPTIONS: OptionNames<LeastSquaresOptions> = { weights: true, rcond: true, onSolve: true };

/**
 * Weighted least squares: the x that minimizes Σ w_i (a_iᵀx - b_i)².
 * QR of the weighted rows with column pivoting, never the normal equations. Derivatives solve with R and factor nothing.
 * That in a weight is right at weight 0, too: (b - A x)_i (A (AᵀWA)⁻¹ v)_i for a cotangent v of x.
 * @param A [..., m, n] with m >= n, f64 or f32.
 * @param b [..., m].
 * @param options `weights`, `rcond`, `onSolve`; residuals: `stationarity`.
 * @returns x [..., n]; batch axes broadcast.
 * @throws SingularMatrixError if A, its rows of weight 0 left out, has not full column rank; ShapeError for m < n or
 * shapes that do not fit; ArgumentError for NaN, infinities, negative weights; DTypeError.
 * Source: Golub (1965); the derivative: Gould, Hartley and Campbell, Deep Declarative Networks (2022).
 * @example
 * nodes.leastSquares(tensor([[1, 0], [1, 1], [1, 2]]), tensor([1, 3, 5])); // [1, 2]
 */
export function leastSquares(A: Tensor, b: Tensor, options: LeastSquaresOptions = {}): Tensor {
  const name = 'leastSquares';
  checkOptions(name, options, LEAST_SQUARES_OPTIONS);
  const { weights, rcond, onSolve } = options;
  checkReporter(name, onSolve);
  if (rcond !== undefined && !(typeof rcond === 'number' && rcond >= 0))
    throw new ArgumentError(`${name}: rcond must be at least 0, got ${describe(rcond)}`);
  return scope(() => {
    const batch = batchOf(name, {
      A: [A, 'm', 'n'],
      b: [b, 'm'],
      weights: weights === undefined ? undefined : [weights, 'm'],
    });
    const { m, n } = batch.sizes;
    if (m < n)
      throw new ShapeError(
        `${name}: A must have at least as many rows as columns, got ${m} x ${n} (use nodes.ridge or linalg.lstsq)`,
      );
    const eps = batch.dtype === 'f64' ? 2 ** -52 : 2 ** -23;
    const advice = 'use nodes.ridge, or linalg.lstsq for the solution of least norm';
    return rowsNode(batch, { rcond: rcond ?? Math.max(m, n) * eps, advice, onSolve });
  });
}
