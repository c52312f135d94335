// P A = L U, kept to be solved with.
import { bytesPerElement } from '../../core/dtype.js';
import { lapack } from '../../generated/lapack.js';
import type { Stack } from '../stack.js';
import { norm1Verb } from './norms.js';
import { factorRows } from './rows.js';
import type { Factorization } from './verbs.js';

/** Square matrices, singular ones too; what is kept is packed factors and exchanges of rows. */
export function luFactorization(stack: Stack): Factorization {
  const { dtype, count, rows: n } = stack;
  const k = lapack.exports;
  const size = bytesPerElement(dtype);
  const [getrf, getrs, det] = [k[`getrf_${dtype}`], k[`getrs_${dtype}`], k[`getrf_det_${dtype}`]];
  const [inverse, reconstruct] = [k[`getrf_inverse_${dtype}`], k[`getrf_reconstruct_${dtype}`]];
  const rcond = k[`getrf_rcond_${dtype}`];
  const whole = k[`level3_${dtype}_work`](n, n, n);
  return {
    ...{ stack, vectors: ['i32'], hasInfos: true },
    norms: norm1Verb(stack, { symmetric: false }),
    factorBytes: k[`getrf_${dtype}_work`](n, n),
    factor: (_, [lu, pivots, infos], work) => getrf(count, n, n, lu, n, n * n, pivots, infos, work),
    solveBytes: (columns) => k[`level3_${dtype}_work`](n, columns, n),
    solve([lu, pivots], x, columns, { batch, matrix, matrixStride, side, sideStride }, transpose, work) {
      const [from, to] = [lu + matrix * n * n * size, x + side * n * columns * size];
      const exchanges = pivots + matrix * n * 4;
      const [stride, stride2] = [matrixStride * n * n, sideStride * n * columns];
      getrs(
        ...([batch, Number(transpose), n, columns, from, n, stride, exchanges, matrixStride * n] as const),
        ...([to, columns, 1, stride2, work] as const),
      );
    },
    inverse: { bytes: whole, run: ([lu, pivots], out, work) => inverse(count, n, lu, pivots, out, work) },
    reconstruct: {
      bytes: whole,
      run: ([lu, pivots], out, work) => reconstruct(count, n, lu, pivots, out, work),
    },
    determinant: (form) => ({ bytes: 0, run: ([lu, pivots], out) => det(count, n, lu, pivots, form, out) }),
    rcond: {
      bytes: k[`rcond_${dtype}_work`](n),
      run: ([lu, pivots, , norms], out, work) => rcond(count, n, lu, pivots, norms, out, work),
    },
  };
}

/** The rows of the table. */
export const luRows = /* @__PURE__ */ factorRows({ of: luFactorization, symmetric: false });
