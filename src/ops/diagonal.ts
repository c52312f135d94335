// diagonal takes x[..., i, i + offset] from every matrix; its transpose embeds vectors as diagonals; diag is built on
// it.

import { checkArray, checkNumber } from '../core/check.js';
import { tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { mergeAxes, type Shape, show, stridesOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { describeCopy } from './copy.js';
import { apply, checkTensor, type Op } from './op.js';
import { clearThen } from './slice.js';

/** The diagonal of matrices [..., m, n]: first element, length, and strides. */
export function diagonalOf(shape: Shape, offset: number) {
  const [m, n] = shape.slice(-2);
  const own = stridesOf(shape);
  const [row, column] = [Math.max(0, -offset), Math.max(0, offset)];
  return {
    from: row * n + column,
    length: Math.max(0, Math.min(m - row, n - column)),
    strides: [...own.slice(0, -2), n + 1],
  };
}

/** Row of the table. */
export const diagonalOp: Op<{ offset: number }> = {
  name: 'diagonal',
  shape: ([x], { offset }) => ({
    shape: [...x.shape.slice(0, -2), diagonalOf(x.shape, offset).length],
    dtype: x.dtype,
  }),
  prepare([out], [x], { offset }, space) {
    const { from, strides } = diagonalOf(x.shape, offset);
    return describeCopy(out, 0, x, from, mergeAxes(out.shape, [stridesOf(out.shape), strides], 2), space);
  },
  linear: true,
  batch: (params) => params,
  vjp: ([ct], { inputs: [x], params: { offset } }) => [
    apply(embedOp, [ct as Tensor], { offset, shape: x.shape }),
  ],
};

/** Row of the table: zeros of shape `shape` with x on the diagonals. */
export const embedOp: Op<{ offset: number; shape: Shape }> = {
  name: 'embedDiagonal',
  shape: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  prepare([out], [x], { offset }, space) {
    const { from, strides } = diagonalOf(out.shape, offset);
    return clearThen(out, x, () =>
      describeCopy(out, from, x, 0, mergeAxes(x.shape, [strides, stridesOf(x.shape)], 2), space),
    );
  },
  linear: true,
  batch: ({ offset, shape }, width) => ({ offset, shape: [width, ...shape] }),
  vjp: ([ct], { params: { offset } }) => [apply(diagonalOp, [ct as Tensor], { offset })],
};

/**
 * The diagonal of the last two axes.
 * @param x shape [..., m, n], any dtype.
 * @param offset 0 (default) for the main diagonal, positive above it, negative below.
 * @returns a copy, shape [..., length of the diagonal].
 * @throws ShapeError for fewer than two axes.
 * @example
 * diagonal(tensor([[1, 2], [3, 4]])); // [1, 4]
 */
export function diagonal(x: Tensor, offset = 0): Tensor {
  checkTensor('diagonal', 'x', x);
  if (x.ndim < 2)
    throw new ShapeError(`diagonal: x must be a matrix or a stack of them, got shape ${show(x.shape)}`);
  if (!Number.isInteger(offset))
    throw new ArgumentError(`diagonal: offset must be an integer, got ${describe(offset)}`);
  return apply(diagonalOp, [x], { offset });
}

/**
 * The square matrix with the vector v on its main diagonal and zeros elsewhere. Differentiable, any order.
 * @param v shape [n], any dtype, or an array of numbers.
 * @returns shape [n, n].
 * @throws ShapeError unless v has one axis; ArgumentError if v is neither a tensor nor an array of numbers.
 * @example
 * diag(tensor([1, 2])); // [[1, 0], [0, 2]]
 */
export function diag(v: Tensor | readonly number[]): Tensor {
  if (!(v instanceof Tensor)) {
    checkArray('diag', 'v', v);
    for (const part of v) checkNumber('diag', 'every element of v', part);
  }
  const vector = v instanceof Tensor ? v : tensor(v as number[]);
  try {
    if (vector.ndim !== 1)
      throw new ShapeError(`diag: v must have one axis, got shape ${show(vector.shape)}`);
    return apply(embedOp, [vector], { offset: 0, shape: [vector.size, vector.size] });
  } finally {
    if (vector !== v) vector.dispose();
  }
}
