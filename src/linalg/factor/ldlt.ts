// P A Pᵀ = L D Lᵀ as a factorization object; Bunch and Kaufman's pivots, as in LAPACK's sytrf.
import { bytesPerElement } from '../../core/dtype.js';
import { ldlt } from '../../generated/ldlt.js';
import { factorRows } from './rows.js';
import type { Factorization } from './verbs.js';

/**
 * Symmetric matrices, including singular ones; stores L with the diagonal of D, the subdiagonal of D, and the row
 * order.
 */
export const ldltFactorization: Factorization = {
  symmetric: true,
  hasInfos: true,
  vectors: (dtype) => [dtype, 'i32'],
  norms({ dtype, count, rows: n }) {
    const norm1 = ldlt.exports[`sytrf_norm1_${dtype}`];
    return {
      bytes: n * bytesPerElement(dtype),
      run: ([a], out, work) => norm1(count, n, a, out, work),
    };
  },
  factorBytes: ({ dtype, rows: n }) => ldlt.exports[`sytrf_${dtype}_work`](n),
  factor({ dtype, count, rows: n }) {
    const sytrf = ldlt.exports[`sytrf_${dtype}`];
    return (_, [packed, off, order, infos], work) => sytrf(count, n, packed, off, order, infos, work);
  },
  solveBytes: ({ dtype, rows: n }, columns) => ldlt.exports[`sytrs_${dtype}_work`](n, columns),
  solve({ dtype, rows: n }) {
    const sytrs = ldlt.exports[`sytrs_${dtype}`];
    const size = bytesPerElement(dtype);
    return ([packed, off, order], x, columns, { batch, matrix, matrixStride, side, sideStride }, _, work) => {
      const [from, to] = [packed + matrix * n * n * size, x + side * n * columns * size];
      const [e, perm] = [off + matrix * n * size, order + matrix * n * 4];
      sytrs(batch, n, columns, from, e, perm, matrixStride, to, sideStride, work);
    };
  },
  inverse({ dtype, count, rows: n }) {
    const inverse = ldlt.exports[`sytrf_inverse_${dtype}`];
    return {
      bytes: ldlt.exports[`sytrs_${dtype}_work`](n, n),
      run: ([packed, off, order], out, work) => inverse(count, n, packed, off, order, out, work),
    };
  },
  reconstruct({ dtype, count, rows: n }) {
    const reconstruct = ldlt.exports[`sytrf_reconstruct_${dtype}`];
    return {
      bytes: ldlt.exports[`sytrf_reconstruct_${dtype}_work`](n),
      run: ([packed, off, order], out, work) => reconstruct(count, n, packed, off, order, out, work),
    };
  },
  determinant({ dtype, count, rows: n }, form) {
    const det = ldlt.exports[`sytrf_det_${dtype}`];
    return {
      bytes: n * bytesPerElement(dtype),
      run: ([packed, off], out, work) => det(count, n, packed, off, form, out, work),
    };
  },
  rcond({ dtype, count, rows: n }) {
    const rcond = ldlt.exports[`sytrf_rcond_${dtype}`];
    return {
      bytes: ldlt.exports[`sytrf_rcond_${dtype}_work`](n),
      run: ([packed, off, order, , norms], out, work) =>
        rcond(count, n, packed, off, order, norms, out, work),
    };
  },
};

/** The rows of the table. */
export const ldltRows = /* @__PURE__ */ factorRows(ldltFactorization);
