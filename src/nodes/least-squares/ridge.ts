// x = argmin 1/2 |A x - b|² + lambda/2 |x|², differentiable in A, b and lambda.
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { batchOf, type NodeArgument } from '../problems/batch.js';
import { checkReporter, type ReportOptions } from '../problems/report.js';
import { rowsNode } from './rows-node.js';

const RIDGE_OPTIONS: OptionNames<ReportOptions> = { onSolve: true };

/**
 * Ridge regression: the x that minimizes 1/2 |A x - b|² + lambda/2 |x|².
 * QR with column pivoting of A above sqrt(lambda) I, never the normal equations. Derivatives, also those in lambda,
 * solve with R and factor nothing.
 * @param A [..., m, n] with any m and n, f64 or f32.
 * @param b [..., m].
 * @param lambda at least 0: a number, or a tensor [...] to differentiate in it.
 * @param options `onSolve`; residuals: `stationarity`.
 * @returns x [..., n]; batch axes broadcast.
 * @throws SingularMatrixError if lambda is 0 (or nothing beside A) and A has not full column rank; ArgumentError for
 * NaN, infinities, negative lambda; ShapeError, DTypeError.
 * Source: Golub (1965); (53) of the notes on differentiable optimisation for the derivative in lambda.
 * @example
 * nodes.ridge(tensor([[1, 0], [0, 1]]), tensor([2, 4]), 1); // [1, 2]
 */
export function ridge(A: Tensor, b: Tensor, lambda: NodeArgument, options: ReportOptions = {}): Tensor {
  const name = 'ridge';
  checkOptions(name, options, RIDGE_OPTIONS);
  const { onSolve } = options;
  checkReporter(name, onSolve);
  return scope(() => {
    const batch = batchOf(name, { A: [A, 'm', 'n'], b: [b, 'm'], lambda: [lambda] });
    const { m, n } = batch.sizes;
    const eps = batch.dtype === 'f64' ? 2 ** -52 : 2 ** -23;
    const advice = 'raise lambda, or use linalg.lstsq for the solution of least norm';
    return rowsNode(batch, { rcond: Math.max(m, n) * eps, advice, onSolve });
  });
}
