// The eigenvalues of a symmetric matrix alone.
import type { Tensor } from '../../core/tensor.js';
import { add, mul } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Op } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import { symmetrized } from '../rules/matrix.js';
import { spectralGradient } from '../rules/spectral-gradient.js';
import { tiesForward } from '../rules/ties-forward.js';
import { checkFloat, squareOf } from '../stack.js';
import { eigh, prepareEigen } from './eigh.js';

/** Row of the table: values only; the rules compute the vectors, too. */
export const eigvalshOp: Op = {
  name: 'eigvalsh',
  shape([a]) {
    const { dtype, batch, rows: n } = squareOf('eigvalsh', 'a', a);
    return { shape: [...batch, n], dtype };
  },
  prepare([values], [a], _, space) {
    return prepareEigen('eigvalsh', a, squareOf('eigvalsh', 'a', a), 'divideAndConquer', space, values);
  },
  jvp([t], { inputs: [a] }) {
    if (t === undefined) return t;
    const { values, vectors: v } = eigh(a);
    const moved = matmul(symmetrized(t), v);
    const { changes } = tiesForward(values, matmul(v, moved, { transposeA: true }), false);
    return add(sum(mul(v, moved), { axis: -2 }), changes);
  },
  vjp([ct], { inputs: [a] }) {
    return [spectralGradient(a, ct as Tensor)];
  },
};

/**
 * The eigenvalues of a symmetric matrix, ascending: a third of the work of `eigh`. Only the lower triangle of `a` is
 * read. Blocked Householder tridiagonalisation and root-free QL (Pal, Walker and Kahan), as LAPACK's sterf. The values
 * agree with those of `eigh` within rounding, not to the last bit. Workspace: n² elements and about 150 n.
 * Derivatives of functions that treat equal values alike are right where values are equal, and so are their Hessians in
 * forward over reverse mode (`hvp`, `hessian`); others are NaN there in reverse mode, as are second derivatives in
 * reverse over reverse mode. Forward mode gives the changes of the values in their order.
 * @param a symmetric, [..., n, n], f64 or f32.
 * @returns values, [..., n].
 * @throws ArgumentError for NaN or Infinity in the lower triangle; ConvergenceError, as `eigh`.
 * @example
 * linalg.eigvalsh(tensor([[2, 1], [1, 2]])); // [1, 3]
 */
export function eigvalsh(a: Tensor): Tensor {
  return apply(eigvalshOp, [checkFloat('eigvalsh', 'a', a)], undefined);
}
