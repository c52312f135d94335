// A x = b for tridiagonal A, by elimination with partial pivoting: O(n) operations and no matrix.

import { bytesPerElement } from '../../core/dtype.js';
import { ShapeError, SingularMatrixError } from '../../core/errors.js';
import { runtime } from '../../core/runtime.js';
import { sameShape, show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { banded } from '../../generated/banded.js';
import { mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { apply, commonFloat, type Derivative, type Op, type TensorSpec } from '../../ops/op.js';
import { sum, unbroadcast } from '../../ops/sum.js';
import { type Piece, prepareSolve, type SolvePiece, sidesOf } from '../dense/right-sides.js';
import { asColumn } from '../rules/matrix.js';
import { submatrix } from '../rules/submatrix.js';
import { checkFloat, type Stack, stackIndexText } from '../stack.js';

const NAME = 'solveTridiagonal';

/** The stack of matrices that three diagonals stand for. */
function stackOfDiagonals([lower, diagonal, upper]: readonly TensorSpec[]): Stack {
  const dtype = commonFloat(NAME, [lower, diagonal, upper]);
  const { shape } = diagonal;
  if (shape.length === 0)
    throw new ShapeError(`${NAME}: diagonal must have at least one axis, got a scalar (shape [])`);
  const batch = shape.slice(0, -1);
  const n = shape[shape.length - 1];
  const off = [...batch, Math.max(0, n - 1)];
  for (const [argument, x] of [
    ['lower', lower],
    ['upper', upper],
  ] as const) {
    if (!sameShape(x.shape, off)) {
      throw new ShapeError(
        `${NAME}: ${argument} must have shape ${show(off)} beside a diagonal of shape ${show(shape)}, ` +
          `got ${show(x.shape)}`,
      );
    }
  }
  return { dtype, batch, count: sizeOf(batch), rows: n, columns: n };
}

/** Right sides as columns. */
const asColumns = (x: Tensor, b: Tensor) => (b.ndim === 1 ? asColumn(x) : x);

/** Row of the table; inputs lower, diagonal, upper, b. */
export const solveTridiagonalOp: Op = {
  name: NAME,
  shape(inputs) {
    const stack = stackOfDiagonals(inputs);
    return { shape: sidesOf(NAME, stack, inputs[3]).shape, dtype: stack.dtype };
  },
  prepare([x], inputs, _, space) {
    const [lower, diagonal, upper, b] = inputs;
    const stack = stackOfDiagonals(inputs);
    const { dtype, rows: n } = stack;
    const size = bytesPerElement(dtype);
    const [gtsv, bytes] = [banded.exports[`gtsv_${dtype}`], banded.exports[`gtsv_${dtype}_work`](n)];
    const solve: SolvePiece = (sides, piece, work) => {
      const info = gtsv(
        ...([piece.batch, n, sides.columns] as const),
        lower.address + piece.matrix * (n - 1) * size,
        diagonal.address + piece.matrix * n * size,
        upper.address + piece.matrix * (n - 1) * size,
        ...([piece.matrixStride * (n - 1), piece.matrixStride * n] as const),
        x.address + piece.side * n * sides.columns * size,
        piece.sideStride * n * sides.columns,
        work,
      );
      if (info > 0) throw singular(NAME, stack, piece, work, info);
    };
    return prepareSolve(NAME, stack, x, b, space.scratch(bytes), solve, space);
  },
  jvp([tl, td, tu, tb], { inputs: [lower, diagonal, upper, b], outputs: [x] }) {
    const xs = asColumns(x, b);
    const [n, columns] = xs.shape.slice(-2);
    const m = Math.max(0, n - 1);
    let moved: Derivative = td && mul(asColumn(td), xs);
    if (tl) moved = plus(moved, submatrix(mul(asColumn(tl), submatrix(xs, m, columns)), n, columns, -1));
    if (tu) moved = plus(moved, submatrix(mul(asColumn(tu), submatrix(xs, m, columns, 1)), n, columns));
    const right = tb && asColumns(tb, b);
    const side = moved && right ? sub(right, moved) : (right ?? (moved && neg(moved)));
    return side && reshape(apply(solveTridiagonalOp, [lower, diagonal, upper, side], undefined), x.shape);
  },
  vjp([ct], { inputs: [lower, diagonal, upper, b], outputs: [x], wanted }) {
    const [xs, c] = [asColumns(x, b), asColumns(ct as Tensor, b)];
    const back = apply(solveTridiagonalOp, [upper, diagonal, lower, c], undefined);
    const [n, columns] = xs.shape.slice(-2);
    const m = Math.max(0, n - 1);
    const along = (u: Tensor, v: Tensor, like: Tensor) =>
      unbroadcast(neg(sum(mul(u, v), { axis: -1 })), like.shape);
    const shape = b.ndim === 1 ? [b.size, 1] : b.shape;
    return [
      wanted[0] ? along(submatrix(back, m, columns, 1), submatrix(xs, m, columns), lower) : undefined,
      wanted[1] ? along(back, xs, diagonal) : undefined,
      wanted[2] ? along(submatrix(back, m, columns), submatrix(xs, m, columns, 1), upper) : undefined,
      wanted[3] ? reshape(unbroadcast(back, shape), b.shape) : undefined,
    ];
  },
};

/**
 * X with A X = b, where A has `diagonal` on its diagonal, `lower` below and `upper` above it; partial pivoting, as in
 * LAPACK's gtsv. NaN and Infinity give NaN.
 * @param lower [..., n - 1]: a_{i+1, i}.
 * @param diagonal [..., n], f64 or f32.
 * @param upper [..., n - 1]: a_{i, i+1}.
 * @param b a vector [n] or right sides [..., n, k]; leading axes broadcast with those of `diagonal`.
 * @returns [..., n] for a vector, else [..., n, k].
 * @throws SingularMatrixError with the index of a pivot that is exactly zero; ShapeError, DTypeError, ArgumentError.
 * Source: LAPACK's gtsv.
 * @example
 * linalg.solveTridiagonal(tensor([-1, -1]), tensor([2, 2, 2]), tensor([-1, -1]), tensor([1, 0, 1])); // [1, 1, 1]
 */
export function solveTridiagonal(lower: Tensor, diagonal: Tensor, upper: Tensor, b: Tensor): Tensor {
  const inputs = [
    checkFloat(NAME, 'lower', lower),
    checkFloat(NAME, 'diagonal', diagonal),
    checkFloat(NAME, 'upper', upper),
  ];
  return apply(solveTridiagonalOp, [...inputs, checkFloat(NAME, 'b', b)], undefined);
}

/** The error for a zero pivot reported by a kernel of this family; the number of the system lies at `work`. */
export function singular(
  name: string,
  stack: Stack,
  piece: Piece,
  work: number,
  info: number,
): SingularMatrixError {
  const [number] = new Int32Array(runtime().memory.buffer, work, 1);
  return new SingularMatrixError(
    `${name}: matrix${stackIndexText(stack, piece.matrix + number * piece.matrixStride)} is singular: pivot ${info - 1} is 0`,
    info - 1,
  );
}
