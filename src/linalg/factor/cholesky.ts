// A = L Lᵀ, kept to be solved with.
import { bytesPerElement } from '../../core/dtype.js';
import { lapack } from '../../generated/lapack.js';
import { potrf, potrfBytes } from '../dense/cholesky.js';
import type { Stack } from '../stack.js';
import { norm1Verb } from './norms.js';
import { factorRows } from './rows.js';
import type { Factorization } from './verbs.js';

/** Positive definite matrices; what is kept is L in lower triangles. */
export function choleskyFactorization(stack: Stack): Factorization {
  const { dtype, count, rows: n } = stack;
  const k = lapack.exports;
  const size = bytesPerElement(dtype);
  const [potrs, det] = [k[`potrs_${dtype}`], k[`potrf_det_${dtype}`]];
  const [inverse, reconstruct] = [k[`potrf_inverse_${dtype}`], k[`potrf_reconstruct_${dtype}`]];
  const rcond = k[`potrf_rcond_${dtype}`];
  const whole = k[`level3_${dtype}_work`](n, n, n);
  return {
    ...{ stack, vectors: [], hasInfos: false },
    norms: norm1Verb(stack, { symmetric: true }),
    factorBytes: potrfBytes(stack),
    factor: (user, [l], work) => potrf(user, stack, l, work),
    solveBytes: (columns) => k[`level3_${dtype}_work`](n, columns, n),
    solve([l], x, columns, { batch, matrix, matrixStride, side, sideStride }, _transpose, work) {
      const [from, to] = [l + matrix * n * n * size, x + side * n * columns * size];
      const [stride, stride2] = [matrixStride * n * n, sideStride * n * columns];
      potrs(batch, n, columns, from, n, stride, to, columns, 1, stride2, work);
    },
    inverse: { bytes: whole, run: ([l], out, work) => inverse(count, n, l, out, work) },
    reconstruct: { bytes: whole, run: ([l], out, work) => reconstruct(count, n, l, out, work) },
    determinant: (form) => ({ bytes: 0, run: ([l], out) => det(count, n, l, form, out) }),
    rcond: {
      bytes: k[`rcond_${dtype}_work`](n),
      run: ([l, norms], out, work) => rcond(count, n, l, norms, out, work),
    },
  };
}

/** The rows of the table. */
export const choleskyRows = /* @__PURE__ */ factorRows({ of: choleskyFactorization, symmetric: true });
