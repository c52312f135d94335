// A x = b for diagonal and block-diagonal A.
import { ShapeError, SingularMatrixError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { div, divOp, mul, neg, sub } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { apply, type Op, type TensorSpec } from '../../ops/op.js';
import { sum, unbroadcast } from '../../ops/sum.js';
import { sidesOf } from '../dense/right-sides.js';
import { solveFor } from '../dense/solve.js';
import { asColumn } from '../rules/matrix.js';
import { RowSequence, reshaped } from '../scratch.js';
import { checkFloat, checkSquare, type Float, type Stack, stackIndexText } from '../stack.js';

/** The stack of matrices that the diagonals stand for. */
function stackOfDiagonals({ shape, dtype }: TensorSpec): Stack {
  if (shape.length === 0)
    throw new ShapeError('solveDiagonal: d must have at least one axis, got a scalar (shape [])');
  const batch = shape.slice(0, -1);
  const n = shape[shape.length - 1];
  return { dtype: dtype as Float, batch, count: sizeOf(batch), rows: n, columns: n };
}

/** d, shaped to scale right sides like b. */
const beside = (d: Tensor, b: Tensor) => (b.ndim === 1 ? d : asColumn(d));

/** Row of the table. */
export const solveDiagonalOp: Op = {
  name: 'solveDiagonal',
  shape([d, b]) {
    return { shape: sidesOf('solveDiagonal', stackOfDiagonals(d), b).shape, dtype: d.dtype };
  },
  prepare([x], [d, b], _, space) {
    const stack = stackOfDiagonals(d);
    const quotient = new RowSequence(space);
    quotient.into(divOp, [x], [b, b.ndim === 1 ? d : reshaped(d, [...d.shape, 1])], undefined);
    return () => {
      const zero = d.data().indexOf(0);
      if (zero >= 0) {
        const place = stackIndexText(stack, Math.floor(zero / stack.rows));
        const index = zero % stack.rows;
        throw new SingularMatrixError(
          `solveDiagonal: matrix${place} is singular: entry ${index} is 0`,
          index,
        );
      }
      quotient.run();
    };
  },
  jvp([td, tb], { inputs: [d, b], outputs: [x] }) {
    const moved = td && mul(beside(td, b), x);
    const side = moved && tb ? sub(tb, moved) : (tb ?? (moved && neg(moved)));
    return side && div(side, beside(d, b));
  },
  vjp([ct], { inputs: [d, b], outputs: [x], wanted }) {
    const back = div(ct as Tensor, beside(d, b));
    const product = wanted[0] ? neg(mul(back, x)) : undefined;
    const perRow = product && b.ndim > 1 ? sum(product, { axis: -1 }) : product;
    return [perRow && unbroadcast(perRow, d.shape), wanted[1] ? unbroadcast(back, b.shape) : undefined];
  },
};

/**
 * X with diag(d) X = b: row i of b divided by d_i.
 * @param d [..., n], f64 or f32.
 * @param b a vector [n] or right sides [..., n, k]; leading axes broadcast with those of d.
 * @returns [..., n] for a vector, else [..., n, k].
 * @throws SingularMatrixError with the index of an entry of d that is 0; ShapeError, DTypeError, ArgumentError.
 * @example
 * linalg.solveDiagonal(tensor([2, 4]), tensor([1, 1])); // [0.5, 0.25]
 */
export function solveDiagonal(d: Tensor, b: Tensor): Tensor {
  const name = 'solveDiagonal';
  return apply(solveDiagonalOp, [checkFloat(name, 'd', d), checkFloat(name, 'b', b)], undefined);
}

/**
 * X with A X = b, where A has the k square blocks `blocks` on its diagonal, by LU with partial pivoting of each block.
 * @param blocks [k, m, m], f64 or f32.
 * @param b a vector [k m] or right sides [k m, columns].
 * @returns X, of the shape of b.
 * @throws SingularMatrixError for a singular block; ShapeError, DTypeError, ArgumentError.
 * Source: LAPACK's getrf and getrs, block by block.
 * @example
 * linalg.solveBlockDiagonal(tensor([[[2, 0], [0, 4]], [[0, 1], [1, 0]]]), tensor([2, 4, 5, 6])); // [1, 1, 6, 5]
 */
export function solveBlockDiagonal(blocks: Tensor, b: Tensor): Tensor {
  const name = 'solveBlockDiagonal';
  const { rows: m } = checkSquare(name, 'blocks', blocks);
  if (blocks.ndim !== 3)
    throw new ShapeError(`${name}: blocks must have shape [k, m, m], got ${show(blocks.shape)}`);
  checkFloat(name, 'b', b);
  const k = blocks.shape[0];
  if ((b.ndim !== 1 && b.ndim !== 2) || b.shape[0] !== k * m) {
    throw new ShapeError(
      `${name}: b must have shape [${k * m}] or [${k * m}, columns], got ${show(b.shape)}`,
    );
  }
  const columns = b.ndim === 1 ? 1 : b.shape[1];
  return scope(() =>
    reshape(solveFor(name, blocks, reshape(b, [k, m, columns]), { assume: 'general' }), b.shape),
  );
}
