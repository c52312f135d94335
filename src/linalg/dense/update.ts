// L' L'ᵀ = L Lᵀ ± x xᵀ: a Cholesky factor after a rank-one change, in O(n²) instead of O(n³).

import { checkFlag } from '../../core/check.js';
import { bytesPerElement } from '../../core/dtype.js';
import { NotPositiveDefiniteError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { add, mul, plus } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, commonFloat, type Op } from '../../ops/op.js';
import { copyBytes } from '../blas/addresses.js';
import { assign } from '../blas/tensors.js';
import { asColumn, transposed } from '../rules/matrix.js';
import { lowerOf } from '../rules/triangle.js';
import { checkFloat, type Float, squareOf } from '../stack.js';
import { factorCotangent, factorTangent } from './cholesky.js';

/** Row of the table: its derivative rules are those of the Cholesky factor of L Lᵀ ± x xᵀ. */
export const choleskyUpdateOp: Op<{ downdate: boolean }> = {
  name: 'choleskyUpdate',
  shape([l, x]) {
    const { rows: n, batch } = squareOf('choleskyUpdate', 'l', l);
    commonFloat('choleskyUpdate', [l, x]);
    if (batch.length > 0 || x.shape.length !== 1 || x.shape[0] !== n)
      throw new ShapeError(`choleskyUpdate: l must be [n, n] and x [n], got [${l.shape}] and [${x.shape}]`);
    return l;
  },
  prepare([out], [l, x], { downdate }, space) {
    const n = x.size;
    const bytes = n * bytesPerElement(x.dtype);
    const vector = space.scratch(bytes);
    const update = lapack.exports[`cholupdate_${l.dtype as Float}`];
    return () => {
      assign(l, out);
      copyBytes(vector, x.address, bytes);
      const info = update(Number(downdate), n, out.address, n, vector, 1);
      if (info === 0) return;
      throw new NotPositiveDefiniteError(
        `choleskyUpdate: the ${downdate ? 'downdated' : 'updated'} matrix is not positive definite: pivot ${info - 1} vanishes`,
        info - 1,
      );
    };
  },
  jvp([tl, tx], { inputs: [l, x], outputs: [y], params: { downdate } }) {
    const both = (p: Tensor) => add(p, transposed(p));
    let change = tl && both(matmul(lowerOf(tl), l, { transposeB: true }));
    if (tx) {
      const outer = both(mul(asColumn(tx), x));
      change = plus(change, downdate ? mul(outer, -1) : outer);
    }
    return change && factorTangent(y, change);
  },
  vjp([ct], { inputs: [l, x], outputs: [y], params: { downdate } }) {
    const c = mul(factorCotangent(y, ct as Tensor), 2);
    const cx = matmul(c, x);
    return [lowerOf(matmul(c, l)), downdate ? mul(cx, -1) : cx];
  },
};

const UPDATE_OPTIONS: OptionNames<{ downdate?: boolean }> = { downdate: true };

/**
 * The Cholesky factor of L Lᵀ + x xᵀ, or with `downdate: true` of L Lᵀ - x xᵀ.
 * Rotations for the update, hyperbolic rotations in their mixed form for the downdate (Bojanczyk, Brent, Van Dooren and
 * de Hoog, 1987).
 * Derivatives go to the lower triangle of l and to x.
 * @param l lower triangular with a positive diagonal, [n, n], f64 or f32; @param x a vector [n] of the same dtype.
 * @throws NotPositiveDefiniteError with `.index` if the result would not be positive definite.
 */
export function choleskyUpdate(l: Tensor, x: Tensor, options: { downdate?: boolean } = {}): Tensor {
  checkOptions('choleskyUpdate', options, UPDATE_OPTIONS);
  const { downdate = false } = options;
  checkFlag('choleskyUpdate', 'downdate', downdate);
  const name = 'choleskyUpdate';
  return apply(choleskyUpdateOp, [checkFloat(name, 'l', l), checkFloat(name, 'x', x)], { downdate });
}
