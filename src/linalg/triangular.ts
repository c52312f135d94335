// T X = B for triangular T.
import { SingularMatrixError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { lapack } from '../generated/lapack.js';
import { solveInPlace } from './right-sides.js';
import { checkSquare, placeInStack, type Stack } from './stack.js';

/** Options of `solveTriangular`. */
export interface TriangularOptions {
  /** Read the lower triangle (default) or the upper one; the other is never read. */
  lower?: boolean;
  /** Solve with the transpose; default false. */
  transpose?: boolean;
  /** Take the diagonal to be ones, whatever it holds; default false. */
  unitDiagonal?: boolean;
}

/** Throws for the first zero on a diagonal. */
export function checkDiagonal(name: string, stack: Stack, a: Tensor): void {
  const data = a.data();
  const n = stack.rows;
  for (let matrix = 0; matrix < stack.count; matrix++) {
    for (let i = 0; i < n; i++) {
      if (data[matrix * n * n + i * (n + 1)] === 0) {
        throw new SingularMatrixError(
          `${name}: matrix${placeInStack(stack, matrix)} is singular: element (${i}, ${i}) of the triangle is 0 (use linalg.lstsq or linalg.pinv)`,
          i,
        );
      }
    }
  }
}

/**
 * Solves a X = b, or aᵀ X = b, with a triangular.
 * @param a [..., n, n], f64 or f32; the other triangle is not read.
 * @param b a vector [n] or [..., n, k]; leading axes broadcast with those of a.
 * @param options which triangle, transposed or not, and whether its diagonal is taken to be ones.
 * @returns X, [..., n] for a vector, else [..., n, k].
 * @throws SingularMatrixError with `.index` for a zero on the diagonal; ShapeError, DTypeError, ArgumentError.
 * Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 8; LAPACK's trtrs.
 * @example
 * linalg.solveTriangular(tensor([[2, 0], [1, 4]]), tensor([2, 9])); // [1, 2]
 */
export function solveTriangular(a: Tensor, b: Tensor, options: TriangularOptions = {}): Tensor {
  const { lower = true, transpose = false, unitDiagonal = false } = options;
  const { exports } = lapack;
  const stack = checkSquare('solveTriangular', 'a', a);
  const { dtype, rows: n } = stack;
  if (!unitDiagonal) checkDiagonal('solveTriangular', stack, a);
  const size = dtype === 'f64' ? 8 : 4;
  const columns = b.shape?.length > 1 ? b.shape[b.shape.length - 1] : 1;
  const bytes = exports[`level3_${dtype}_work`](n, columns, n);
  // A transposed lower triangle is an upper one with its strides exchanged.
  const [isLower, rs, cs] = transpose ? [!lower, 1, n] : [lower, n, 1];
  return solveInPlace(
    'solveTriangular',
    stack,
    b,
    bytes,
    (x, { columns }, { batch, matrix, matrixStride, side, sideStride }, work) => {
      exports[`trtrs_${dtype}`](
        batch,
        Number(isLower),
        Number(unitDiagonal),
        n,
        columns,
        a.address + matrix * n * n * size,
        rs,
        cs,
        matrixStride * n * n,
        x.address + side * n * columns * size,
        columns,
        1,
        sideStride * n * columns,
        work,
      );
    },
  );
}
