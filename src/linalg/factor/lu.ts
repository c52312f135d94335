// P A = L U as a factorization object.
import { bytesPerElement } from '../../core/dtype.js';
import { lapack } from '../../generated/lapack.js';
import { norm1Verb } from './norms.js';
import { factorRows } from './rows.js';
import type { Factorization } from './verbs.js';

/** Square matrices, including singular ones; stores packed factors and row exchanges. */
export const luFactorization: Factorization = {
  symmetric: false,
  hasInfos: true,
  vectors: () => ['i32'],
  norms: (stack) => norm1Verb(stack, { symmetric: false }),
  factorBytes: ({ dtype, rows: n }) => lapack.exports[`getrf_${dtype}_work`](n, n),
  factor({ dtype, count, rows: n }) {
    const getrf = lapack.exports[`getrf_${dtype}`];
    return (_, [lu, pivots, infos], work) => getrf(count, n, n, lu, n, n * n, pivots, infos, work);
  },
  solveBytes: ({ dtype, rows: n }, columns) => lapack.exports[`level3_${dtype}_work`](n, columns, n),
  solve({ dtype, rows: n }) {
    const getrs = lapack.exports[`getrs_${dtype}`];
    const size = bytesPerElement(dtype);
    return ([lu, pivots], x, columns, { batch, matrix, matrixStride, side, sideStride }, transpose, work) => {
      const [from, to] = [lu + matrix * n * n * size, x + side * n * columns * size];
      const exchanges = pivots + matrix * n * 4;
      const [stride, stride2] = [matrixStride * n * n, sideStride * n * columns];
      getrs(
        ...([batch, Number(transpose), n, columns, from, n, stride, exchanges, matrixStride * n] as const),
        ...([to, columns, 1, stride2, work] as const),
      );
    };
  },
  inverse({ dtype, count, rows: n }) {
    const inverse = lapack.exports[`getrf_inverse_${dtype}`];
    return {
      bytes: lapack.exports[`level3_${dtype}_work`](n, n, n),
      run: ([lu, pivots], out, work) => inverse(count, n, lu, pivots, out, work),
    };
  },
  reconstruct({ dtype, count, rows: n }) {
    const reconstruct = lapack.exports[`getrf_reconstruct_${dtype}`];
    return {
      bytes: lapack.exports[`level3_${dtype}_work`](n, n, n),
      run: ([lu, pivots], out, work) => reconstruct(count, n, lu, pivots, out, work),
    };
  },
  determinant({ dtype, count, rows: n }, form) {
    const det = lapack.exports[`getrf_det_${dtype}`];
    return { bytes: 0, run: ([lu, pivots], out) => det(count, n, lu, pivots, form, out) };
  },
  rcond({ dtype, count, rows: n }) {
    const rcond = lapack.exports[`getrf_rcond_${dtype}`];
    return {
      bytes: lapack.exports[`rcond_${dtype}_work`](n),
      run: ([lu, pivots, , norms], out, work) => rcond(count, n, lu, pivots, norms, out, work),
    };
  },
};

/** The rows of the table. */
export const luRows = /* @__PURE__ */ factorRows(luFactorization);
