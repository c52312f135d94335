// Norms of singular values as a row of their own: a norm has a subgradient where single values have no derivative.
import type { Tensor } from '../../core/tensor.js';
import { mul } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Op } from '../../ops/op.js';
import { prepareSingularValues, svd } from '../dense/svd.js';
import { asMatrix, inner } from '../rules/matrix.js';
import { submatrix } from '../rules/submatrix.js';
import { scratchTensor } from '../scratch.js';
import { stackOf } from '../stack.js';

/** The largest singular value, or the sum of them. */
export interface SpectralNormParams {
  order: 'spectral' | 'nuc';
}

/** The largest of the descending values s[start … start + k), or their sum. */
function total(s: ArrayLike<number>, start: number, k: number, order: 'spectral' | 'nuc'): number {
  if (k === 0 || order === 'spectral') return k === 0 ? 0 : s[start];
  let sum = 0;
  for (let i = start + k - 1; i >= start; i--) sum += s[i];
  return sum;
}

/** u vᵀ of the first singular vectors, or U Vᵀ. */
function subgradient(a: Tensor, order: 'spectral' | 'nuc'): Tensor {
  const { u, vt } = svd(a);
  if (order === 'nuc') return matmul(u, vt);
  const [m, n] = a.shape.slice(-2);
  return matmul(submatrix(u, m, 1), submatrix(vt, 1, n));
}

/** Row of the table; 0 for empty matrices. */
export const spectralNormOp: Op<SpectralNormParams> = {
  name: 'norm',
  shape: ([a]) => ({ shape: stackOf('norm', 'a', a).batch, dtype: a.dtype }),
  prepare([out], [a], { order }, space) {
    const stack = stackOf('norm', 'a', a);
    const k = Math.min(stack.rows, stack.columns);
    if (k === 0) return () => void out.data().fill(0);
    const s = scratchTensor({ shape: [...stack.batch, k], dtype: a.dtype }, space);
    const decompose = prepareSingularValues('norm', a, stack, s, space);
    return () => {
      decompose();
      const [values, norms] = [s.data(), out.data()];
      for (let i = 0; i < norms.length; i++) norms[i] = total(values, i * k, k, order);
    };
  },
  jvp: ([t], { inputs: [a], params }) =>
    t === undefined || a.size === 0 ? undefined : inner(subgradient(a, params.order), t),
  vjp: ([ct], { inputs: [a], params }) => [
    a.size === 0 ? undefined : mul(asMatrix(ct as Tensor), subgradient(a, params.order)),
  ],
};

/** The norm of each matrix. */
export function spectralNorm(a: Tensor, order: 'spectral' | 'nuc'): Tensor {
  return apply(spectralNormOp, [a], { order });
}
