// A x = b for banded A, by elimination with partial pivoting: O(n kl (kl + ku)) operations.
import { bytesPerElement } from '../core/dtype.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { sweeps } from '../generated/sweeps.js';
import { solveInPlace } from './right-sides.js';
import { checkStack } from './stack.js';
import { singular } from './tridiagonal.js';

/** How many diagonals a banded matrix has below and above its main one. */
export interface Bandwidths {
  lower: number;
  upper: number;
}

/**
 * X with A X = b for a matrix with kl = `lower` diagonals below the main one and ku = `upper` above it; partial pivoting,
 * as in LAPACK's gbsv. NaN and Infinity give NaN.
 * @param bands [..., kl + ku + 1, n], LAPACK's band storage: row ku + i - j holds a_ij in column j, so that the first row
 *   is the topmost diagonal (its first ku entries are not used), row ku the main diagonal, and the last row the lowest
 *   (its last kl entries are not used). f64 or f32. With n = 4, kl = 1, ku = 2:
 *
 *       *   *   a02 a13
 *       *   a01 a12 a23
 *       a00 a11 a22 a33
 *       a10 a21 a32 *
 * @param b a vector [n] or right sides [..., n, k]; leading axes broadcast with those of `bands`.
 * @returns [..., n] for a vector, else [..., n, k].
 * @throws SingularMatrixError with the index of a pivot that is exactly zero; ShapeError, DTypeError, ArgumentError.
 * Source: Golub and Van Loan, Matrix Computations, 4th ed. (2013), section 4.3; LAPACK's gbsv.
 * @example
 * // [2 0; 1 4] x = [2, 9]
 * linalg.solveBanded(tensor([[2, 4], [1, 0]]), { lower: 1, upper: 0 }, tensor([2, 9])); // [1, 2]
 */
export function solveBanded(bands: Tensor, { lower, upper }: Bandwidths, b: Tensor): Tensor {
  const name = 'solveBanded';
  for (const [argument, value] of [
    ['lower', lower],
    ['upper', upper],
  ] as const) {
    if (!Number.isInteger(value) || value < 0)
      throw new ArgumentError(`${name}: ${argument} must be a count of diagonals, got ${String(value)}`);
  }
  const { dtype, batch, count, rows, columns: n } = checkStack(name, 'bands', bands);
  if (rows !== lower + upper + 1) {
    throw new ShapeError(
      `${name}: bands must have ${lower + upper + 1} rows (lower + upper + 1), got ${rows} (shape ${show(bands.shape)})`,
    );
  }
  const stack = { dtype, batch, count, rows: n, columns: n };
  const { exports } = sweeps;
  const size = bytesPerElement(dtype);
  // Counted here and not by the kernel's query, whose 32 bits would wrap around.
  const bytes = 64 + n * (2 * lower + upper + 1) * size;
  return solveInPlace(name, stack, b, bytes, (x, sides, piece, work) => {
    const info = exports[`gbsv_${dtype}`](
      ...([piece.batch, n, lower, upper, sides.columns] as const),
      bands.address + piece.matrix * rows * n * size,
      piece.matrixStride * rows * n,
      x.address + piece.side * n * sides.columns * size,
      piece.sideStride * n * sides.columns,
      work,
    );
    if (info > 0) throw singular(name, stack, piece, work, info);
  });
}
