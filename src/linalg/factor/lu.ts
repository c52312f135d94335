// P A = L U, kept to be solved with.
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { getrf } from '../lu.js';
import { checkSquare } from '../stack.js';
import type { Factorization } from './verbs.js';

/** Factors a stack of square matrices, singular ones too; errors carry `name`. */
export function factorLu(name: string, a: Tensor): Factorization {
  const stack = checkSquare(name, 'a', a);
  const { dtype, count, rows: n } = stack;
  const k = lapack.exports;
  const size = bytesPerElement(dtype);
  const { lu, pivots, infos } = getrf(name, a);
  const [getrs, det] = [k[`getrs_${dtype}`], k[`getrf_det_${dtype}`]];
  const whole = k[`level3_${dtype}_work`](n, n, n);
  return {
    ...{ stack, tensors: [lu, pivots], infos },
    solveBytes: (columns) => k[`level3_${dtype}_work`](n, columns, n),
    solve(x, columns, { batch, matrix, matrixStride, side, sideStride }, transpose, work) {
      const [from, to] = [lu.address + matrix * n * n * size, x + side * n * columns * size];
      const exchanges = pivots.address + matrix * n * 4;
      const [stride, stride2] = [matrixStride * n * n, sideStride * n * columns];
      getrs(
        ...([batch, Number(transpose), n, columns, from, n, stride, exchanges, matrixStride * n] as const),
        ...([to, columns, 1, stride2, work] as const),
      );
    },
    inverse: {
      bytes: whole,
      run: (out, work) => k[`getrf_inverse_${dtype}`](count, n, lu.address, pivots.address, out, work),
    },
    reconstruct: {
      bytes: whole,
      run: (out, work) => k[`getrf_reconstruct_${dtype}`](count, n, lu.address, pivots.address, out, work),
    },
    determinant: (form) => ({ bytes: 0, run: (out) => det(count, n, lu.address, pivots.address, form, out) }),
    rcond: (norms) => ({
      bytes: k[`rcond_${dtype}_work`](n),
      run: (out, work) =>
        k[`getrf_rcond_${dtype}`](count, n, lu.address, pivots.address, norms.address, out, work),
    }),
  };
}
