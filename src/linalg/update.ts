// L' L'ᵀ = L Lᵀ ± x xᵀ: a Cholesky factor after a rank-one change, in O(n²) instead of O(n³).
import { NotPositiveDefiniteError, ShapeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { lapack } from '../generated/lapack.js';
import { commonFloat } from '../ops/op.js';
import { checkFloat, checkSquare, copyOf } from './stack.js';

/**
 * The Cholesky factor of L Lᵀ + x xᵀ, or with `downdate` of L Lᵀ - x xᵀ.
 * Rotations for the update, hyperbolic rotations in their mixed form for the downdate (Bojanczyk, Brent, Van Dooren and
 * de Hoog, 1987).
 * @param l lower triangular with a positive diagonal, [n, n], f64 or f32; @param x a vector [n] of the same dtype.
 * @throws NotPositiveDefiniteError with `.index` where the result would not be positive definite.
 */
export function choleskyUpdate(l: Tensor, x: Tensor, options: { downdate?: boolean } = {}): Tensor {
  const { downdate = false } = options;
  const { dtype, rows: n, batch } = checkSquare('choleskyUpdate', 'l', l);
  checkFloat('choleskyUpdate', 'x', x);
  commonFloat('choleskyUpdate', [l, x]);
  if (batch.length > 0 || x.ndim !== 1 || x.size !== n) {
    throw new ShapeError(`choleskyUpdate: l must be [n, n] and x [n], got [${l.shape}] and [${x.shape}]`);
  }
  const result = copyOf(l, 'choleskyUpdate');
  let vector: Tensor | undefined;
  try {
    vector = copyOf(x, 'choleskyUpdate');
    const info = lapack.exports[`cholupdate_${dtype}`](
      Number(downdate),
      n,
      result.address,
      n,
      vector.address,
      1,
    );
    if (info === 0) return result;
    throw new NotPositiveDefiniteError(
      `choleskyUpdate: the ${downdate ? 'downdated' : 'updated'} matrix is not positive definite: pivot ${info - 1} vanishes`,
      info - 1,
    );
  } catch (error) {
    result.dispose();
    throw error;
  } finally {
    vector?.dispose();
  }
}
