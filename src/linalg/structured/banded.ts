// A x = b for banded A, by elimination with partial pivoting: O(n kl (kl + ku)) operations.

import { describe } from '../../core/describe.js';
import { bytesPerElement } from '../../core/dtype.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { banded } from '../../generated/banded.js';
import { mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { concat } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { apply, type Derivative, type Op, type TensorSpec } from '../../ops/op.js';
import { sum, unbroadcast } from '../../ops/sum.js';
import { prepareSolve, type SolvePiece, sidesOf } from '../dense/right-sides.js';
import { asColumn, asRow, transposed } from '../rules/matrix.js';
import { submatrix } from '../rules/submatrix.js';
import { checkFloat, type Stack, stackOf } from '../stack.js';
import { singular } from './tridiagonal.js';

/** The numbers of diagonals below and above the main one. */
export interface Bandwidths {
  lower: number;
  upper: number;
}

const BANDWIDTHS: OptionNames<Bandwidths> = { lower: true, upper: true };

const NAME = 'solveBanded';

/** The stack of matrices that the bands stand for. */
function stackOfBands(bands: TensorSpec, { lower, upper }: Bandwidths): Stack {
  const stack = stackOf(NAME, 'bands', bands);
  if (stack.rows !== lower + upper + 1) {
    throw new ShapeError(
      `${NAME}: bands must have ${lower + upper + 1} rows (lower + upper + 1), got ${stack.rows} (shape ${show(bands.shape)})`,
    );
  }
  return { ...stack, rows: stack.columns };
}

/** Right sides as columns. */
const asColumns = (x: Tensor, b: Tensor) => (b.ndim === 1 ? asColumn(x) : x);

/** The bands of Aᵀ: row r becomes row kl + ku - r, shifted by ku - r. */
function transposedBands(bands: Tensor, { upper }: Bandwidths): Tensor {
  const [rows, n] = bands.shape.slice(-2);
  return concat(
    Array.from({ length: rows }, (_, i) => rows - 1 - i).map((r) => submatrix(bands, 1, n, r, upper - r)),
    -2,
  );
}

/** A x from the bands of A, one diagonal after the other: row r adds to row j + r - ku a multiple of x_j. */
function bandProduct(bands: Tensor, x: Tensor, { upper }: Bandwidths): Tensor {
  const [rows, n] = bands.shape.slice(-2);
  let total: Derivative;
  for (let r = 0; r < rows; r++) {
    const part = mul(transposed(submatrix(bands, 1, n, r)), x);
    total = plus(total, submatrix(part, n, x.shape[x.ndim - 1], upper - r));
  }
  return total as Tensor;
}

/** The bands of u vᵀ. */
function bandsOfProduct(u: Tensor, v: Tensor, { lower, upper }: Bandwidths): Tensor {
  const [n, columns] = v.shape.slice(-2);
  const rows = Array.from({ length: lower + upper + 1 }, (_, r) =>
    asRow(sum(mul(submatrix(u, n, columns, r - upper), v), { axis: -1 })),
  );
  return concat(rows, -2);
}

/** Row of the table. */
export const solveBandedOp: Op<Bandwidths> = {
  name: NAME,
  shape([bands, b], widths) {
    const stack = stackOfBands(bands, widths);
    return { shape: sidesOf(NAME, stack, b).shape, dtype: stack.dtype };
  },
  prepare([x], [bands, b], { lower, upper }, space) {
    const stack = stackOfBands(bands, { lower, upper });
    const { dtype, rows: n } = stack;
    const size = bytesPerElement(dtype);
    const count = (lower + upper + 1) * n;
    // Counted here and not by the kernel's query, whose 32 bits would wrap around.
    const bytes = 64 + n * (2 * lower + upper + 1) * size;
    const gbsv = banded.exports[`gbsv_${dtype}`];
    const solve: SolvePiece = (sides, piece, work) => {
      const info = gbsv(
        ...([piece.batch, n, lower, upper, sides.columns] as const),
        ...([bands.address + piece.matrix * count * size, piece.matrixStride * count] as const),
        x.address + piece.side * n * sides.columns * size,
        piece.sideStride * n * sides.columns,
        work,
      );
      if (info > 0) throw singular(NAME, stack, piece, work, info);
    };
    return prepareSolve(NAME, stack, x, b, space.scratch(bytes), solve, space);
  },
  jvp([ta, tb], { inputs: [bands, b], outputs: [x], params }) {
    const moved = ta && bandProduct(ta, asColumns(x, b), params);
    const right = tb && asColumns(tb, b);
    const side = moved && right ? sub(right, moved) : (right ?? (moved && neg(moved)));
    return side && reshape(apply(solveBandedOp, [bands, side], params), x.shape);
  },
  vjp([ct], { inputs: [bands, b], outputs: [x], params, wanted }) {
    const flipped = { lower: params.upper, upper: params.lower };
    const transpose = transposedBands(bands, params);
    const back = apply(solveBandedOp, [transpose, asColumns(ct as Tensor, b)], flipped);
    const shape = b.ndim === 1 ? [b.size, 1] : b.shape;
    return [
      wanted[0] ? neg(unbroadcast(bandsOfProduct(back, asColumns(x, b), params), bands.shape)) : undefined,
      wanted[1] ? reshape(unbroadcast(back, shape), b.shape) : undefined,
    ];
  },
};

/**
 * X with A X = b for a matrix with kl = `lower` diagonals below the main one and ku = `upper` above it; partial
 * pivoting, as in LAPACK's gbsv. NaN and Infinity give NaN.
 * @param bands [..., kl + ku + 1, n], LAPACK's band storage: row ku + i - j holds a_ij in column j, so that the first
 * row
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
export function solveBanded(bands: Tensor, bandwidths: Bandwidths, b: Tensor): Tensor {
  checkOptions(NAME, bandwidths, BANDWIDTHS, 'bandwidths');
  const { lower, upper } = bandwidths;
  for (const [argument, value] of [
    ['lower', lower],
    ['upper', upper],
  ] as const) {
    if (!Number.isInteger(value) || value < 0)
      throw new ArgumentError(`${NAME}: ${argument} must be a count of diagonals, got ${describe(value)}`);
  }
  const inputs = [checkFloat(NAME, 'bands', bands), checkFloat(NAME, 'b', b)];
  return apply(solveBandedOp, inputs, { lower, upper });
}
