// A = Q R, kept to be solved with: R and the reflectors, Q never formed.
import { bytesPerElement } from '../../core/dtype.js';
import { runtime, withWorkspace } from '../../core/runtime.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { checkSquare, cloneTensor } from '../stack.js';
import { buildFactor, type Factorization } from './verbs.js';

/** Factors a stack of square matrices, singular ones too; errors carry `name`. */
export function factorQr(name: string, a: Tensor): Factorization {
  const stack = checkSquare(name, 'a', a);
  const { dtype, count, rows: n } = stack;
  const k = lapack.exports;
  const size = bytesPerElement(dtype);
  const [geqrs, det] = [k[`geqrs_${dtype}`], k[`geqrf_det_${dtype}`]];
  return buildFactor((keep, tensors) => {
    const packed = keep(cloneTensor(a, name));
    const taus = keep(allocate([count, n], dtype, name));
    const bytes = k[`qr_${dtype}_work`](n, n);
    const infos = withWorkspace(bytes + 4 * count, name, (work) => {
      k[`geqrf_${dtype}`](count, n, n, packed.address, n, n * n, taus.address, work);
      k[`zero_pivots_${dtype}`](count, n, packed.address, work + bytes);
      return new Int32Array(runtime().memory.buffer, work + bytes, count).slice();
    });
    return {
      ...{ stack, tensors, infos },
      solveBytes: (columns) => k[`geqrs_${dtype}_work`](n, columns),
      solve(x, columns, { batch, matrix, matrixStride, side, sideStride }, transpose, work) {
        const [from, to] = [packed.address + matrix * n * n * size, x + side * n * columns * size];
        const tau = taus.address + matrix * n * size;
        const [stride, stride2] = [matrixStride * n * n, sideStride * n * columns];
        geqrs(
          ...([batch, Number(transpose), n, columns, from, n, stride, tau, matrixStride * n] as const),
          ...([to, columns, 1, stride2, work] as const),
        );
      },
      inverse: {
        bytes: k[`geqrs_${dtype}_work`](n, n),
        run: (out, work) => k[`geqrf_inverse_${dtype}`](count, n, packed.address, taus.address, out, work),
      },
      reconstruct: {
        bytes,
        run: (out, work) =>
          k[`geqrf_reconstruct_${dtype}`](count, n, packed.address, taus.address, out, work),
      },
      determinant: (form) => ({
        bytes: 0,
        run: (out) => det(count, n, packed.address, taus.address, form, out),
      }),
      rcond: (norms) => ({
        bytes: k[`rcond_${dtype}_work`](n),
        run: (out, work) =>
          k[`geqrf_rcond_${dtype}`](count, n, packed.address, taus.address, norms.address, out, work),
      }),
    };
  });
}
