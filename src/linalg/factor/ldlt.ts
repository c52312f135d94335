// P A Pᵀ = L D Lᵀ, kept to be solved with; Bunch and Kaufman's pivots, also LAPACK's sytrf.
import { bytesPerElement } from '../../core/dtype.js';
import { ldlt } from '../../generated/ldlt.js';
import type { Stack } from '../stack.js';
import { factorRows } from './rows.js';
import type { Factorization } from './verbs.js';

/** Symmetric matrices, singular ones too; what is kept is L with the diagonal of D, D's subdiagonal, and the order of rows. */
export function ldltFactorization(stack: Stack): Factorization {
  const { dtype, count, rows: n } = stack;
  const k = ldlt.exports;
  const size = bytesPerElement(dtype);
  const [sytrf, sytrs, norm1] = [k[`sytrf_${dtype}`], k[`sytrs_${dtype}`], k[`sytrf_norm1_${dtype}`]];
  const [inverse, reconstruct] = [k[`sytrf_inverse_${dtype}`], k[`sytrf_reconstruct_${dtype}`]];
  const [det, rcond] = [k[`sytrf_det_${dtype}`], k[`sytrf_rcond_${dtype}`]];
  return {
    ...{ stack, vectors: [dtype, 'i32'], hasInfos: true },
    norms: { bytes: n * size, run: ([a], out, work) => norm1(count, n, a, out, work) },
    factorBytes: k[`sytrf_${dtype}_work`](n),
    factor: (_, [packed, off, order, infos], work) => sytrf(count, n, packed, off, order, infos, work),
    solveBytes: (columns) => k[`sytrs_${dtype}_work`](n, columns),
    solve([packed, off, order], x, columns, { batch, matrix, matrixStride, side, sideStride }, _, work) {
      const [from, to] = [packed + matrix * n * n * size, x + side * n * columns * size];
      const [e, perm] = [off + matrix * n * size, order + matrix * n * 4];
      sytrs(batch, n, columns, from, e, perm, matrixStride, to, sideStride, work);
    },
    inverse: {
      bytes: k[`sytrs_${dtype}_work`](n, n),
      run: ([packed, off, order], out, work) => inverse(count, n, packed, off, order, out, work),
    },
    reconstruct: {
      bytes: k[`sytrf_reconstruct_${dtype}_work`](n),
      run: ([packed, off, order], out, work) => reconstruct(count, n, packed, off, order, out, work),
    },
    determinant: (form) => ({
      bytes: n * size,
      run: ([packed, off], out, work) => det(count, n, packed, off, form, out, work),
    }),
    rcond: {
      bytes: k[`sytrf_rcond_${dtype}_work`](n),
      run: ([packed, off, order, , norms], out, work) =>
        rcond(count, n, packed, off, order, norms, out, work),
    },
  };
}

/** The rows of the table. */
export const ldltRows = /* @__PURE__ */ factorRows({ of: ldltFactorization, symmetric: true });
