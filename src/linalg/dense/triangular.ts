// T X = B for triangular T.

import { checkFlag } from '../../core/check.js';
import { SingularMatrixError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { apply, type Op } from '../../ops/op.js';
import { transposed } from '../rules/matrix.js';
import { systemRow } from '../rules/system.js';
import { lowerOf, upperOf } from '../rules/triangle.js';
import { checkFloat, type Stack, squareOf, stackIndexText } from '../stack.js';
import { prepareSolve, type SolvePiece, sidesOf } from './right-sides.js';

/** Options of `solveTriangular`. */
export interface TriangularOptions {
  /** Read the lower triangle (default) or the upper one; the other triangle is never read. */
  lower?: boolean;
  /** Solve with the transpose; default false. */
  transpose?: boolean;
  /** Assume ones on the diagonal, whatever is stored there; default false. */
  unitDiagonal?: boolean;
}

const TRIANGULAR_OPTIONS: OptionNames<TriangularOptions> = {
  lower: true,
  transpose: true,
  unitDiagonal: true,
};

/** Throws for the first zero on a diagonal. */
export function checkDiagonal(name: string, stack: Stack, a: Tensor): void {
  const data = a.data();
  const n = stack.rows;
  for (let matrix = 0; matrix < stack.count; matrix++) {
    for (let i = 0; i < n; i++) {
      if (data[matrix * n * n + i * (n + 1)] === 0) {
        throw new SingularMatrixError(
          `${name}: matrix${stackIndexText(stack, matrix)} is singular: element (${i}, ${i}) of the triangle is 0 (use linalg.lstsq or linalg.pinv)`,
          i,
        );
      }
    }
  }
}

/** Parameters of the row: every option, and the function that errors name. */
interface TriangularParams extends Required<TriangularOptions> {
  user: string;
}

/** Row of the table. */
export const solveTriangularOp: Op<TriangularParams> = /* @__PURE__ */ systemRow(
  {
    name: 'solveTriangular',
    shape([a, b], { user }) {
      return { shape: sidesOf(user, squareOf(user, 'a', a), b).shape, dtype: a.dtype };
    },
    prepare([x], [a, b], { lower, transpose, unitDiagonal, user }, space) {
      const { exports } = lapack;
      const stack = squareOf(user, 'a', a);
      const { dtype, rows: n } = stack;
      const size = dtype === 'f64' ? 8 : 4;
      const bytes = exports[`level3_${dtype}_work`](n, sidesOf(user, stack, b).columns, n);
      // A transposed lower triangle is an upper one with exchanged strides.
      const [isLower, rs, cs] = transpose ? [!lower, 1, n] : [lower, n, 1];
      const flags = [Number(isLower), Number(unitDiagonal)] as const;
      const trtrs = exports[`trtrs_${dtype}`];
      const piecewise: SolvePiece = ({ columns }, piece, work) => {
        const { batch, matrix, matrixStride, side, sideStride } = piece;
        const from = a.address + matrix * n * n * size;
        const to = x.address + side * n * columns * size;
        trtrs(
          ...([batch, ...flags, n, columns, from, rs, cs, matrixStride * n * n] as const),
          ...([to, columns, 1, sideStride * n * columns, work] as const),
        );
      };
      const solve = prepareSolve(user, stack, x, b, space.scratch(bytes), piecewise, space);
      return () => {
        if (!unitDiagonal) checkDiagonal(user, stack, a);
        solve();
      };
    },
  },
  {
    solve: ({ inputs: [a], params }, b, transpose) =>
      apply(solveTriangularOp, [a, b], { ...params, transpose }),
    isTransposed: ({ transpose }) => transpose,
    part: (x, { lower, unitDiagonal }) => (lower ? lowerOf : upperOf)(x, unitDiagonal ? 0 : 1),
  },
);

/**
 * Solves a X = b, or aᵀ X = b, with a triangular.
 * @param a [..., n, n], f64 or f32; the other triangle is not read, and its cotangent is zero.
 * @param b a vector [n] or [..., n, k]; leading axes broadcast with those of a.
 * @param options which triangle, whether transposed, and whether its diagonal is assumed to be ones.
 * @returns X, [..., n] for a vector, else [..., n, k].
 * @throws SingularMatrixError with `.index` for a zero on the diagonal; ShapeError, DTypeError, ArgumentError.
 * Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 8; LAPACK's trtrs.
 * @example
 * linalg.solveTriangular(tensor([[2, 0], [1, 4]]), tensor([2, 9])); // [1, 2]
 */
export function solveTriangular(a: Tensor, b: Tensor, options: TriangularOptions = {}): Tensor {
  checkOptions('solveTriangular', options, TRIANGULAR_OPTIONS);
  for (const key in options) {
    const flag: unknown = options[key as keyof TriangularOptions];
    if (flag !== undefined) checkFlag('solveTriangular', key, flag);
  }
  return solveTriangularFor('solveTriangular', a, b, options);
}

/** The same for internal use; `user` is the function in errors. */
export function solveTriangularFor(
  user: string,
  a: Tensor,
  b: Tensor,
  { lower = true, transpose = false, unitDiagonal = false }: TriangularOptions,
): Tensor {
  const inputs = [checkFloat(user, 'a', a), checkFloat(user, 'b', b)];
  return apply(solveTriangularOp, inputs, { lower, transpose, unitDiagonal, user });
}

/** X U⁻¹ for upper triangular U. */
export function divideByUpper(user: string, x: Tensor, u: Tensor): Tensor {
  return transposed(solveTriangularFor(user, u, transposed(x), { lower: false, transpose: true }));
}
