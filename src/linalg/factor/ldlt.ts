// P A Pᵀ = L D Lᵀ, kept to be solved with; Bunch and Kaufman's pivots, also LAPACK's sytrf.
import { bytesPerElement } from '../../core/dtype.js';
import { runtime, withWorkspace } from '../../core/runtime.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { ldlt } from '../../generated/ldlt.js';
import { checkSquare, cloneTensor } from '../stack.js';
import { buildFactor, type Factorization } from './verbs.js';

/** The parts of P A Pᵀ = L D Lᵀ for a stack. */
export interface LdltParts extends Factorization {
  /** L below the diagonal, the diagonal of D on it. */
  factor: Tensor;
  /** The subdiagonal of D. */
  off: Tensor;
}

/** Factors a stack of symmetric matrices, singular ones too; errors carry `name`. */
export function factorLdlt(name: string, a: Tensor): LdltParts {
  const stack = checkSquare(name, 'a', a);
  const { dtype, count, rows: n } = stack;
  const k = ldlt.exports;
  const size = bytesPerElement(dtype);
  const sytrs = k[`sytrs_${dtype}`];
  return buildFactor((keep, tensors) => {
    const factor = keep(cloneTensor(a, name));
    const off = keep(allocate([count, n], dtype, name));
    const order = keep(allocate([count, n], 'i32', name));
    const bytes = k[`sytrf_${dtype}_work`](n);
    const infos = withWorkspace(bytes + 4 * count, name, (work) => {
      const sytrf = k[`sytrf_${dtype}`];
      sytrf(count, n, factor.address, off.address, order.address, work + bytes, work);
      return new Int32Array(runtime().memory.buffer, work + bytes, count).slice();
    });
    const parts = [count, n, factor.address, off.address, order.address] as const;
    return {
      ...{ stack, tensors, infos, factor, off },
      solveBytes: (columns) => k[`sytrs_${dtype}_work`](n, columns),
      solve(x, columns, { batch, matrix, matrixStride, side, sideStride }, _transpose, work) {
        const [from, to] = [factor.address + matrix * n * n * size, x + side * n * columns * size];
        const [e, perm] = [off.address + matrix * n * size, order.address + matrix * n * 4];
        sytrs(batch, n, columns, from, e, perm, matrixStride, to, sideStride, work);
      },
      inverse: {
        bytes: k[`sytrs_${dtype}_work`](n, n),
        run: (out, work) => k[`sytrf_inverse_${dtype}`](...parts, out, work),
      },
      reconstruct: {
        bytes: k[`sytrf_reconstruct_${dtype}_work`](n),
        run: (out, work) => k[`sytrf_reconstruct_${dtype}`](...parts, out, work),
      },
      determinant: (form) => ({
        bytes: n * size,
        run: (out, work) => k[`sytrf_det_${dtype}`](count, n, factor.address, off.address, form, out, work),
      }),
      rcond: (norms) => ({
        bytes: k[`sytrf_rcond_${dtype}_work`](n),
        run: (out, work) => k[`sytrf_rcond_${dtype}`](...parts, norms.address, out, work),
      }),
    };
  });
}

/** ||A||_1 of each matrix, from its lower triangle. */
export function ldltNorms(
  name: string,
  { dtype, count, rows: n }: Factorization['stack'],
  a: Tensor,
): Tensor {
  const norms = allocate([count], dtype, name);
  try {
    withWorkspace(n * bytesPerElement(dtype), name, (work) =>
      ldlt.exports[`sytrf_norm1_${dtype}`](count, n, a.address, norms.address, work),
    );
    return norms;
  } catch (error) {
    norms.dispose();
    throw error;
  }
}
