// The largest singular value, as a norm: a row of its own, because a norm has a subgradient where a singular value as
// such has no derivative.
import type { Tensor } from '../../core/tensor.js';
import { mul } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Op } from '../../ops/op.js';
import { prepareSingularValues, svd } from '../dense/svd.js';
import { asMatrix, inner } from '../rules/matrix.js';
import { submatrix } from '../rules/submatrix.js';
import { scratchTensor } from '../scratch.js';
import { stackOf } from '../stack.js';

/** u vᵀ of the first singular vectors. */
function subgradient(a: Tensor): Tensor {
  const { u, vt } = svd(a);
  const [m, n] = a.shape.slice(-2);
  return matmul(submatrix(u, m, 1), submatrix(vt, 1, n));
}

/** Row of the table: the largest singular value, 0 of an empty matrix. */
export const spectralNormOp: Op = {
  name: 'norm',
  shape: ([a]) => ({ shape: stackOf('norm', 'a', a).batch, dtype: a.dtype }),
  prepare([out], [a], _, space) {
    const stack = stackOf('norm', 'a', a);
    const k = Math.min(stack.rows, stack.columns);
    if (k === 0) return () => void out.data().fill(0);
    const s = scratchTensor({ shape: [...stack.batch, k], dtype: a.dtype }, space);
    const decompose = prepareSingularValues('norm', a, stack, s, space);
    return () => {
      decompose();
      const [values, norms] = [s.data(), out.data()];
      for (let i = 0; i < norms.length; i++) norms[i] = values[i * k];
    };
  },
  jvp: ([t], { inputs: [a] }) => t && (a.size === 0 ? undefined : inner(subgradient(a), t)),
  vjp: ([ct], { inputs: [a] }) => [a.size === 0 ? undefined : mul(asMatrix(ct as Tensor), subgradient(a))],
};

/** The largest singular value of each matrix. */
export function spectralNorm(a: Tensor): Tensor {
  return apply(spectralNormOp, [a], undefined);
}
