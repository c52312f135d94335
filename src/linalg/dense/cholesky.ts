// A = L Lᵀ: the Cholesky factor of a symmetric positive definite matrix.
import { bytesPerElement, typedArray } from '../../core/dtype.js';
import { NotPositiveDefiniteError } from '../../core/errors.js';
import { runtime } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Op } from '../../ops/op.js';
import { assign } from '../blas/tensors.js';
import { symmetrized, transposed } from '../rules/matrix.js';
import { lowerOf } from '../rules/triangle.js';
import { integersAt } from '../scratch.js';
import { checkFloat, type Stack, squareOf, stackIndexText } from '../stack.js';
import { solveTriangular } from './triangular.js';

/** Bytes of workspace of `potrf`. */
export function potrfBytes({ dtype, count, rows: n }: Stack): number {
  return lapack.exports[`level3_${dtype}_work`](n, n, n) + 4 * count;
}

/**
 * Factors a non-empty stack in place, in its lower triangles at `l`; throws for the first matrix that is not positive
 * definite.
 */
export function potrf(name: string, stack: Stack, l: number, work: number): void {
  const { dtype, count, rows: n } = stack;
  const infos = work + potrfBytes(stack) - 4 * count;
  lapack.exports[`potrf_${dtype}`](count, n, l, n, n * n, infos, work);
  const failed = integersAt({ address: infos }, count).findIndex((info) => info !== 0);
  if (failed < 0) return;
  const pivot = integersAt({ address: infos }, count)[failed] - 1;
  const at = failed * n * n + pivot * (n + 1);
  const [value] = typedArray(dtype, runtime().memory.buffer, l + at * bytesPerElement(dtype), 1);
  throw new NotPositiveDefiniteError(
    `${name}: matrix${stackIndexText(stack, failed)} is not positive definite: pivot ${pivot} is ${value} ` +
      '(add a multiple of the identity, or use linalg.lu)',
    pivot,
  );
}

/** Row of the table. Rules: Murray, Differentiation of the Cholesky decomposition (2016), equations 8 and 10. */
export const choleskyOp: Op = {
  name: 'cholesky',
  shape: ([a]) => {
    squareOf('cholesky', 'a', a);
    return a;
  },
  prepare([l], [a], _, space) {
    const stack = squareOf('cholesky', 'a', a);
    const { dtype, count, rows: n } = stack;
    const triangle = lapack.exports[`triangle_${dtype}`];
    const work = space.scratch(potrfBytes(stack));
    return () => {
      assign(a, l);
      potrf('cholesky', stack, l.address, work);
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
 * Derivatives: `a` stands for a symmetric matrix, so its cotangent is symmetric, and only the symmetric part of a
 * tangent counts.
 * @param a symmetric positive definite, [..., n, n], f64 or f32.
 * @returns L, [..., n, n], zeros above the diagonal.
 * @throws NotPositiveDefiniteError with `.index`, the first pivot (from 0) that is not positive and finite.
 * @example
 * linalg.cholesky(tensor([[4, 2], [2, 5]])).toArray(); // [[2, 0], [1, 2]]
 */
export function cholesky(a: Tensor): Tensor {
  return apply(choleskyOp, [checkFloat('cholesky', 'a', a)], undefined);
}
