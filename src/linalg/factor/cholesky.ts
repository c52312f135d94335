// A = L Lᵀ, kept to be solved with.
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { potrf } from '../dense/cholesky.js';
import { checkSquare, cloneTensor, type Stack } from '../stack.js';
import { buildFactor, type Factorization } from './verbs.js';

/** Factors a stack of positive definite matrices; errors carry `name`. */
export function factorCholesky(name: string, a: Tensor): Factorization {
  const stack = checkSquare(name, 'a', a);
  return buildFactor((keep, tensors) => {
    potrf(name, stack, keep(cloneTensor(a, name)));
    return choleskyFactors(stack, tensors);
  });
}

/** The same for a stack that has been factored: [L in lower triangles]. */
export function choleskyFactors(stack: Stack, tensors: Tensor[]): Factorization {
  const { dtype, count, rows: n } = stack;
  const k = lapack.exports;
  const size = bytesPerElement(dtype);
  const [potrs, det] = [k[`potrs_${dtype}`], k[`potrf_det_${dtype}`]];
  const whole = k[`level3_${dtype}_work`](n, n, n);
  const [l] = tensors;
  return {
    ...{ stack, tensors },
    solveBytes: (columns) => k[`level3_${dtype}_work`](n, columns, n),
    solve(x, columns, { batch, matrix, matrixStride, side, sideStride }, _transpose, work) {
      const [from, to] = [l.address + matrix * n * n * size, x + side * n * columns * size];
      const [stride, stride2] = [matrixStride * n * n, sideStride * n * columns];
      potrs(batch, n, columns, from, n, stride, to, columns, 1, stride2, work);
    },
    inverse: {
      bytes: whole,
      run: (out, work) => k[`potrf_inverse_${dtype}`](count, n, l.address, out, work),
    },
    reconstruct: {
      bytes: whole,
      run: (out, work) => k[`potrf_reconstruct_${dtype}`](count, n, l.address, out, work),
    },
    determinant: (form) => ({ bytes: 0, run: (out) => det(count, n, l.address, form, out) }),
    rcond: (norms) => ({
      bytes: k[`rcond_${dtype}_work`](n),
      run: (out, work) => k[`potrf_rcond_${dtype}`](count, n, l.address, norms.address, out, work),
    }),
  };
}
