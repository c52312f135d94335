// A = L Lᵀ as a factorization object.
import { bytesPerElement } from '../../core/dtype.js';
import { lapack } from '../../generated/lapack.js';
import { potrf, potrfBytes } from '../dense/cholesky.js';
import { norm1Verb } from './norms.js';
import { factorRows } from './rows.js';
import type { Factorization } from './verbs.js';

/** Positive definite matrices; stores L in lower triangles. */
export const choleskyFactorization: Factorization = {
  symmetric: true,
  hasInfos: false,
  vectors: () => [],
  norms: (stack) => norm1Verb(stack, { symmetric: true }),
  factorBytes: potrfBytes,
  factor:
    (stack) =>
    (user, [l], work) =>
      potrf(user, stack, l, work),
  solveBytes: ({ dtype, rows: n }, columns) => lapack.exports[`level3_${dtype}_work`](n, columns, n),
  solve({ dtype, rows: n }) {
    const potrs = lapack.exports[`potrs_${dtype}`];
    const size = bytesPerElement(dtype);
    return ([l], x, columns, { batch, matrix, matrixStride, side, sideStride }, _transpose, work) => {
      const [from, to] = [l + matrix * n * n * size, x + side * n * columns * size];
      const [stride, stride2] = [matrixStride * n * n, sideStride * n * columns];
      potrs(batch, n, columns, from, n, stride, to, columns, 1, stride2, work);
    };
  },
  inverse({ dtype, count, rows: n }) {
    const inverse = lapack.exports[`potrf_inverse_${dtype}`];
    return {
      bytes: lapack.exports[`level3_${dtype}_work`](n, n, n),
      run: ([l], out, work) => inverse(count, n, l, out, work),
    };
  },
  reconstruct({ dtype, count, rows: n }) {
    const reconstruct = lapack.exports[`potrf_reconstruct_${dtype}`];
    return {
      bytes: lapack.exports[`level3_${dtype}_work`](n, n, n),
      run: ([l], out, work) => reconstruct(count, n, l, out, work),
    };
  },
  determinant({ dtype, count, rows: n }, form) {
    const det = lapack.exports[`potrf_det_${dtype}`];
    return { bytes: 0, run: ([l], out) => det(count, n, l, form, out) };
  },
  rcond({ dtype, count, rows: n }) {
    const rcond = lapack.exports[`potrf_rcond_${dtype}`];
    return {
      bytes: lapack.exports[`rcond_${dtype}_work`](n),
      run: ([l, norms], out, work) => rcond(count, n, l, norms, out, work),
    };
  },
};

/** The rows of the table. */
export const choleskyRows = /* @__PURE__ */ factorRows(choleskyFactorization);
