// P A = L U: Gaussian elimination with partial pivoting.
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { add } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { applyAll, type Op } from '../../ops/op.js';
import { assign } from '../blas/tensors.js';
import { identity } from '../rules/matrix.js';
import { permuteRows } from '../rules/permute.js';
import { submatrix } from '../rules/submatrix.js';
import { lowerOf, upperOf } from '../rules/triangle.js';
import { checkFloat, stackOf } from '../stack.js';
import { divideByUpper, solveTriangularFor } from './triangular.js';

/**
 * Row of the table. With L and U completed to square matrices, the upper one by rows of the identity, L⁻¹ P dA U⁻¹ is
 * L⁻¹ dL below its diagonal and dU U⁻¹ on and above it.
 */
export const luOp: Op = {
  name: 'lu',
  shape([a]) {
    const { dtype, batch, rows: m, columns: n } = stackOf('lu', 'a', a);
    const k = Math.min(m, n);
    return [
      { shape: [...batch, m, k], dtype },
      { shape: [...batch, k, n], dtype },
      { shape: [...batch, m], dtype: 'i32' },
    ];
  },
  prepare([l, u, p], [a], _, space) {
    const { dtype, count, rows: m, columns: n } = stackOf('lu', 'a', a);
    const k = Math.min(m, n);
    const kernels = lapack.exports;
    const [getrf, triangle] = [kernels[`getrf_${dtype}`], kernels[`triangle_${dtype}`]];
    const [pivots, infos] = [space.scratch(4 * count * k), space.scratch(4 * count)];
    const work = space.scratch(a.size > 0 ? kernels[`getrf_${dtype}_work`](m, n) : 0);
    // One factor has the shape of the packed matrix: it is made in place, after the other has been copied out.
    const packed = m <= n ? u : l;
    const lower = () => triangle(count, 1, 1, m, k, packed.address, n, m * n, l.address, k, m * k);
    const upper = () => triangle(count, 0, 0, k, n, packed.address, n, m * n, u.address, n, k * n);
    const steps = m <= n ? [lower, upper] : [upper, lower];
    return () => {
      assign(a, packed);
      if (a.size > 0) getrf(count, m, n, packed.address, n, m * n, pivots, infos, work);
      for (const step of steps) step();
      kernels.row_orders(count, m, k, pivots, p.address);
    };
  },
  jvp([t], { outputs: [l, u, p] }) {
    if (t === undefined) return [undefined, undefined, undefined];
    const [m, n] = t.shape.slice(-2);
    const k = Math.min(m, n);
    // The unit diagonal makes the square matrix of L and zero columns regular.
    const left = solveTriangularFor('lu', submatrix(l, m, m), permuteRows(t, p), { unitDiagonal: true });
    const whole = m < n ? add(submatrix(u, n, n), identity(n, l.dtype, m)) : u;
    const inner = divideByUpper('lu', left, whole);
    const [below, above] = [lowerOf(inner, 0), upperOf(inner)];
    const dl = matmul(l, submatrix(below, k, k));
    const rest = () => submatrix(submatrix(below, m - k, k, k), m, k, -k);
    return [m > n ? add(dl, rest()) : dl, matmul(submatrix(above, k, n), whole), undefined];
  },
};

/**
 * The LU factorization with partial pivoting: take(a, p, 0) = l u. Recursive, on gemm (Toledo, 1997). A singular matrix
 * can be factored too: u has a zero on its diagonal. Derivatives keep the pivots fixed and need the leading k columns
 * of P A to have full rank.
 * @param a [..., m, n], f64 or f32.
 * @returns l [..., m, k] lower triangular with ones on the diagonal, u [..., k, n] upper triangular, and the row order
 *   p [..., m] (i32), where k = min(m, n).
 * @throws ShapeError, DTypeError, ArgumentError; SingularMatrixError for derivatives without that rank.
 * Source: LAPACK's getrf.
 * @example
 * linalg.lu(tensor([[1, 2], [4, 4]])); // l = [[1, 0], [0.25, 1]], u = [[4, 4], [0, 1]], p = [1, 0]
 */
export function lu(a: Tensor): { l: Tensor; u: Tensor; p: Tensor } {
  const [l, u, p] = applyAll(luOp, [checkFloat('lu', 'a', a)], undefined);
  return { l, u, p };
}
