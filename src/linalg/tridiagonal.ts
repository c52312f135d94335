// A x = b for tridiagonal A, by elimination with partial pivoting: O(n) operations and no matrix.

import { bytesPerElement } from '../core/dtype.js';
import { ShapeError, SingularMatrixError } from '../core/errors.js';
import { runtime } from '../core/runtime.js';
import { show, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { sweeps } from '../generated/sweeps.js';
import { commonFloat } from '../ops/op.js';
import { type Piece, solveInPlace } from './right-sides.js';
import { checkFloat, placeInStack, type Stack } from './stack.js';

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
  const name = 'solveTridiagonal';
  const dtype = commonFloat(name, [
    checkFloat(name, 'lower', lower),
    checkFloat(name, 'diagonal', diagonal),
    checkFloat(name, 'upper', upper),
  ]);
  if (diagonal.ndim === 0)
    throw new ShapeError(`${name}: diagonal must have at least one axis, got a scalar (shape [])`);
  const batch = diagonal.shape.slice(0, -1);
  const n = diagonal.shape[diagonal.ndim - 1];
  const off = [...batch, Math.max(0, n - 1)];
  for (const [argument, x] of [
    ['lower', lower],
    ['upper', upper],
  ] as const) {
    if (show(x.shape) !== show(off)) {
      throw new ShapeError(
        `${name}: ${argument} must have shape ${show(off)} beside a diagonal of shape ${show(diagonal.shape)}, ` +
          `got ${show(x.shape)}`,
      );
    }
  }
  const stack: Stack = { dtype, batch, count: sizeOf(batch), rows: n, columns: n };
  const { exports } = sweeps;
  const size = bytesPerElement(dtype);
  return solveInPlace(name, stack, b, exports[`gtsv_${dtype}_work`](n), (x, sides, piece, work) => {
    const info = exports[`gtsv_${dtype}`](
      ...([piece.batch, n, sides.columns] as const),
      lower.address + piece.matrix * (n - 1) * size,
      diagonal.address + piece.matrix * n * size,
      upper.address + piece.matrix * (n - 1) * size,
      ...([piece.matrixStride * (n - 1), piece.matrixStride * n] as const),
      x.address + piece.side * n * sides.columns * size,
      piece.sideStride * n * sides.columns,
      work,
    );
    if (info > 0) throw singular(name, stack, piece, work, info);
  });
}

/** The error for a zero pivot that a kernel of this family reports: the number of the system lies at `work`. */
export function singular(
  name: string,
  stack: Stack,
  piece: Piece,
  work: number,
  info: number,
): SingularMatrixError {
  const [number] = new Int32Array(runtime().memory.buffer, work, 1);
  return new SingularMatrixError(
    `${name}: matrix${placeInStack(stack, piece.matrix + number * piece.matrixStride)} is singular: pivot ${info - 1} is 0`,
    info - 1,
  );
}
