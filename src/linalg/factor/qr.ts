// A = Q R, kept to be solved with: R and the reflectors, Q never formed.
import { bytesPerElement } from '../../core/dtype.js';
import { lapack } from '../../generated/lapack.js';
import type { Stack } from '../stack.js';
import { norm1Verb } from './norms.js';
import { factorRows } from './rows.js';
import type { Factorization } from './verbs.js';

/** Square matrices, singular ones too; what is kept is R and reflectors, packed, and their factors. */
export function qrFactorization(stack: Stack): Factorization {
  const { dtype, count, rows: n } = stack;
  const k = lapack.exports;
  const size = bytesPerElement(dtype);
  const [geqrf, zeroPivots] = [k[`geqrf_${dtype}`], k[`zero_pivots_${dtype}`]];
  const [geqrs, det] = [k[`geqrs_${dtype}`], k[`geqrf_det_${dtype}`]];
  const [inverse, reconstruct] = [k[`geqrf_inverse_${dtype}`], k[`geqrf_reconstruct_${dtype}`]];
  const rcond = k[`geqrf_rcond_${dtype}`];
  const bytes = k[`qr_${dtype}_work`](n, n);
  return {
    ...{ stack, vectors: [dtype], hasInfos: true },
    norms: norm1Verb(stack, { symmetric: false }),
    factorBytes: bytes,
    factor(_, [packed, taus, infos], work) {
      geqrf(count, n, n, packed, n, n * n, taus, work);
      zeroPivots(count, n, packed, infos);
    },
    solveBytes: (columns) => k[`geqrs_${dtype}_work`](n, columns),
    solve([packed, taus], x, columns, { batch, matrix, matrixStride, side, sideStride }, transpose, work) {
      const [from, to] = [packed + matrix * n * n * size, x + side * n * columns * size];
      const tau = taus + matrix * n * size;
      const [stride, stride2] = [matrixStride * n * n, sideStride * n * columns];
      geqrs(
        ...([batch, Number(transpose), n, columns, from, n, stride, tau, matrixStride * n] as const),
        ...([to, columns, 1, stride2, work] as const),
      );
    },
    inverse: {
      bytes: k[`geqrs_${dtype}_work`](n, n),
      run: ([packed, taus], out, work) => inverse(count, n, packed, taus, out, work),
    },
    reconstruct: {
      bytes,
      run: ([packed, taus], out, work) => reconstruct(count, n, packed, taus, out, work),
    },
    determinant: (form) => ({
      bytes: 0,
      run: ([packed, taus], out) => det(count, n, packed, taus, form, out),
    }),
    rcond: {
      bytes: k[`rcond_${dtype}_work`](n),
      run: ([packed, taus, , norms], out, work) => rcond(count, n, packed, taus, norms, out, work),
    },
  };
}

/** The rows of the table. */
export const qrRows = /* @__PURE__ */ factorRows({ of: qrFactorization, symmetric: false });
