// P A = L U: Gaussian elimination with partial pivoting.
import { runtime, withWorkspace } from '../../core/runtime.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { add } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { applyAll, type Op } from '../../ops/op.js';
import { identity } from '../rules/matrix.js';
import { permuteRows } from '../rules/permute.js';
import { submatrix } from '../rules/submatrix.js';
import { lowerOf, upperOf } from '../rules/triangle.js';
import { checkFloat, type Stack, stackOf } from '../stack.js';
import { assign } from '../vectors.js';
import { divideByUpper, solveTriangularFor } from './triangular.js';

/**
 * Factors a stack in place: L below the diagonal (ones on it not stored), U on and above it; row i was exchanged with row
 * pivots[i], in this order. A zero pivot does not stop it. Per matrix, the number (from 1) of the first one, or 0.
 */
export function getrf(name: string, stack: Stack, lu: Tensor, pivots: Tensor): Int32Array {
  const { exports } = lapack;
  const { dtype, count, rows: m, columns: n } = stack;
  if (lu.size === 0) return new Int32Array(count);
  const bytes = exports[`getrf_${dtype}_work`](m, n);
  return withWorkspace(bytes + 4 * count, name, (work) => {
    exports[`getrf_${dtype}`](count, m, n, lu.address, n, m * n, pivots.address, work + bytes, work);
    return new Int32Array(runtime().memory.buffer, work + bytes, count).slice();
  });
}

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
  prepare([l, u, p], [a]) {
    const stack = stackOf('lu', 'a', a);
    const { dtype, count, rows: m, columns: n, batch } = stack;
    const k = Math.min(m, n);
    // One factor has the shape of the packed matrix: it is made in place, after the other has been copied out.
    const packed = m <= n ? u : l;
    return () => {
      const triangle = lapack.exports[`triangle_${dtype}`];
      const pivots = allocate([...batch, k], 'i32', 'lu');
      try {
        assign(a, packed);
        getrf('lu', stack, packed, pivots);
        const lower = () => triangle(count, 1, 1, m, k, packed.address, n, m * n, l.address, k, m * k);
        const upper = () => triangle(count, 0, 0, k, n, packed.address, n, m * n, u.address, n, k * n);
        for (const step of m <= n ? [lower, upper] : [upper, lower]) step();
        lapack.exports.row_orders(count, m, k, pivots.address, p.address);
      } finally {
        pivots.dispose();
      }
    };
  },
  jvp([t], { outputs: [l, u, p] }) {
    if (t === undefined) return [undefined, undefined, undefined];
    const [m, n] = t.shape.slice(-2);
    const k = Math.min(m, n);
    // The unit diagonal makes the square matrix of L and columns of zeros regular.
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
 * The LU factorization with partial pivoting: take(a, p, 0) = l u. Recursive, on gemm (Toledo, 1997).
 * A singular matrix is factored too: u has a zero on its diagonal. Derivatives keep the pivots; they want the leading k columns
 * of P A to be of full rank.
 * @param a [..., m, n], f64 or f32.
 * @returns l [..., m, k] lower triangular with ones on the diagonal, u [..., k, n] upper triangular, and the row order
 *   p [..., m] (i32), where k = min(m, n).
 * @throws ShapeError, DTypeError, ArgumentError; its derivatives SingularMatrixError.
 * Source: LAPACK's getrf.
 * @example
 * linalg.lu(tensor([[1, 2], [4, 4]])); // l = [[1, 0], [0.25, 1]], u = [[4, 4], [0, 1]], p = [1, 0]
 */
export function lu(a: Tensor): { l: Tensor; u: Tensor; p: Tensor } {
  const [l, u, p] = applyAll(luOp, [checkFloat('lu', 'a', a)], undefined);
  return { l, u, p };
}
