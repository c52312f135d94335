// A = Q R as a factorization object: stores R and the reflectors, and never forms Q.
import { bytesPerElement } from '../../core/dtype.js';
import { lapack } from '../../generated/lapack.js';
import { norm1Verb } from './norms.js';
import { factorRows } from './rows.js';
import type { Factorization } from './verbs.js';

/** Square matrices, including singular ones; stores R and reflectors (packed), and the factors of the reflectors. */
export const qrFactorization: Factorization = {
  symmetric: false,
  hasInfos: true,
  vectors: (dtype) => [dtype],
  norms: (stack) => norm1Verb(stack, { symmetric: false }),
  factorBytes: ({ dtype, rows: n }) => lapack.exports[`qr_${dtype}_work`](n, n),
  factor({ dtype, count, rows: n }) {
    const geqrf = lapack.exports[`geqrf_${dtype}`];
    const zeroPivots = lapack.exports[`zero_pivots_${dtype}`];
    return (_, [packed, taus, infos], work) => {
      geqrf(count, n, n, packed, n, n * n, taus, work);
      zeroPivots(count, n, packed, infos);
    };
  },
  solveBytes: ({ dtype, rows: n }, columns) => lapack.exports[`geqrs_${dtype}_work`](n, columns),
  solve({ dtype, rows: n }) {
    const geqrs = lapack.exports[`geqrs_${dtype}`];
    const size = bytesPerElement(dtype);
    return (
      [packed, taus],
      x,
      columns,
      { batch, matrix, matrixStride, side, sideStride },
      transpose,
      work,
    ) => {
      const [from, to] = [packed + matrix * n * n * size, x + side * n * columns * size];
      const tau = taus + matrix * n * size;
      const [stride, stride2] = [matrixStride * n * n, sideStride * n * columns];
      geqrs(
        ...([batch, Number(transpose), n, columns, from, n, stride, tau, matrixStride * n] as const),
        ...([to, columns, 1, stride2, work] as const),
      );
    };
  },
  inverse({ dtype, count, rows: n }) {
    const inverse = lapack.exports[`geqrf_inverse_${dtype}`];
    return {
      bytes: lapack.exports[`geqrs_${dtype}_work`](n, n),
      run: ([packed, taus], out, work) => inverse(count, n, packed, taus, out, work),
    };
  },
  reconstruct({ dtype, count, rows: n }) {
    const reconstruct = lapack.exports[`geqrf_reconstruct_${dtype}`];
    return {
      bytes: lapack.exports[`qr_${dtype}_work`](n, n),
      run: ([packed, taus], out, work) => reconstruct(count, n, packed, taus, out, work),
    };
  },
  determinant({ dtype, count, rows: n }, form) {
    const det = lapack.exports[`geqrf_det_${dtype}`];
    return { bytes: 0, run: ([packed, taus], out) => det(count, n, packed, taus, form, out) };
  },
  rcond({ dtype, count, rows: n }) {
    const rcond = lapack.exports[`geqrf_rcond_${dtype}`];
    return {
      bytes: lapack.exports[`rcond_${dtype}_work`](n),
      run: ([packed, taus, , norms], out, work) => rcond(count, n, packed, taus, norms, out, work),
    };
  },
};

/** The rows of the table. */
export const qrRows = /* @__PURE__ */ factorRows(qrFactorization);
