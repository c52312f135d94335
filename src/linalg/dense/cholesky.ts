// A = L Lᵀ: the Cholesky factor of a symmetric positive definite matrix.
import { NotPositiveDefiniteError } from '../../core/errors.js';
import { runtime, withWorkspace } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Op } from '../../ops/op.js';
import { symmetrized, transposed } from '../rules/matrix.js';
import { lowerOf } from '../rules/triangle.js';
import { checkFloat, type Stack, squareOf, stackIndexText } from '../stack.js';
import { assign } from '../vectors.js';
import { solveTriangular } from './triangular.js';

/** Factors a stack in place of its lower triangles; throws for the first matrix that is not positive definite. */
export function potrf(name: string, stack: Stack, l: Tensor): void {
  const { exports } = lapack;
  const { dtype, count, rows: n } = stack;
  if (count === 0 || n === 0) return;
  const bytes = exports[`level3_${dtype}_work`](n, n, n);
  withWorkspace(bytes + 4 * count, name, (work) => {
    const infos = work + bytes;
    exports[`potrf_${dtype}`](count, n, l.address, n, n * n, infos, work);
    const flags = new Int32Array(runtime().memory.buffer, infos, count);
    const failed = flags.findIndex((info) => info !== 0);
    if (failed < 0) return;
    const pivot = flags[failed] - 1;
    const value = l.data()[failed * n * n + pivot * (n + 1)];
    throw new NotPositiveDefiniteError(
      `${name}: matrix${stackIndexText(stack, failed)} is not positive definite: pivot ${pivot} is ${value} ` +
        '(add a multiple of the identity, or use linalg.lu)',
      pivot,
    );
  });
}

/** Row of the table. Rules: Murray, Differentiation of the Cholesky decomposition (2016), equations 8 and 10. */
export const choleskyOp: Op = {
  name: 'cholesky',
  shape: ([a]) => {
    squareOf('cholesky', 'a', a);
    return a;
  },
  prepare([l], [a]) {
    const stack = squareOf('cholesky', 'a', a);
    const { dtype, count, rows: n } = stack;
    return () => {
      assign(a, l);
      potrf('cholesky', stack, l);
      const triangle = lapack.exports[`triangle_${dtype}`];
      triangle(count, 1, 0, n, n, l.address, n, n * n, l.address, n, n * n);
    };
  },
  jvp: ([t], { outputs: [l] }) => t && factorTangent(l, symmetrized(t)),
  vjp: ([ct], { outputs: [l] }) => [factorCotangent(l, ct as Tensor)],
};

/** dL = L Φ(L⁻¹ dA L⁻ᵀ) for symmetric dA; Φ takes the lower triangle and half the diagonal. */
export function factorTangent(l: Tensor, da: Tensor): Tensor {
  const half = solveTriangular(l, da);
  return matmul(l, lowerOf(solveTriangular(l, transposed(half)), 0.5));
}

/** Ā, the symmetric part of L⁻ᵀ Φ(Lᵀ L̄) L⁻¹. */
export function factorCotangent(l: Tensor, cl: Tensor): Tensor {
  const inner = lowerOf(matmul(l, cl, { transposeA: true }), 0.5);
  const half = solveTriangular(l, inner, { transpose: true });
  return symmetrized(solveTriangular(l, transposed(half), { transpose: true }));
}

/**
 * The Cholesky factor L, lower triangular with a positive diagonal: A = L Lᵀ.
 * Only the lower triangle of `a` is read. Recursive, on gemm (Gustavson, 1997).
 * Derivatives: `a` stands for a symmetric matrix, so its cotangent is symmetric, and a tangent counts by its symmetric part.
 * @param a symmetric positive definite, [..., n, n], f64 or f32.
 * @returns L, [..., n, n], zeros above the diagonal.
 * @throws NotPositiveDefiniteError with `.index`, the first pivot (from 0) that is not positive and finite.
 * @example
 * linalg.cholesky(tensor([[4, 2], [2, 5]])).toArray(); // [[2, 0], [1, 2]]
 */
export function cholesky(a: Tensor): Tensor {
  return apply(choleskyOp, [checkFloat('cholesky', 'a', a)], undefined);
}
