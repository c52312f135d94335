// P A = L U, kept to be solved with.
import { bytesPerElement } from '../../core/dtype.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { getrf } from '../dense/lu.js';
import { checkSquare, cloneTensor, type Stack } from '../stack.js';
import type { Factorization } from './verbs.js';

/** Factors a stack of square matrices, singular ones too; errors carry `name`. */
export function factorLu(name: string, a: Tensor): Factorization {
  const stack = checkSquare(name, 'a', a);
  const { count, rows: n } = stack;
  const tensors: Tensor[] = [];
  let infos: Int32Array;
  try {
    tensors.push(cloneTensor(a, name), allocate([count, n], 'i32', name));
    infos = getrf(name, stack, tensors[0], tensors[1]);
  } catch (error) {
    for (const t of tensors) t.dispose();
    throw error;
  }
  return luFactors(stack, tensors, infos);
}

/** The same for a stack that has been factored: [packed factors, pivots]. */
export function luFactors(stack: Stack, tensors: Tensor[], infos?: Int32Array): Factorization {
  const { dtype, count, rows: n } = stack;
  const k = lapack.exports;
  const size = bytesPerElement(dtype);
  const [lu, pivots] = tensors;
  const [getrs, det] = [k[`getrs_${dtype}`], k[`getrf_det_${dtype}`]];
  const whole = k[`level3_${dtype}_work`](n, n, n);
  return {
    ...{ stack, tensors, infos },
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
