// tril and triu: keep each matrix on one side of a diagonal, with zeros on the other side.
import { describe } from '../core/describe.js';
import { bytesPerElement } from '../core/dtype.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { apply, checkTensor, type Op } from './op.js';

interface TriangleParams {
  k: number;
}

/** Prepares both rows. */
function prepareTriangle(upper: 0 | 1, out: Tensor, x: Tensor, k: number): () => void {
  const { triangle_bytes } = array.exports;
  const [m, n] = x.shape.slice(-2);
  const [batch, size] = [x.size / (m * n), bytesPerElement(x.dtype)];
  return () => triangle_bytes(upper, batch, m, n, k, size, out.address, x.address);
}

/** Row of the table; its own transpose. */
export const trilOp: Op<TriangleParams> = {
  name: 'tril',
  shape: ([x]) => x,
  prepare: ([out], [x], { k }) => prepareTriangle(0, out, x, k),
  linear: true,
  batch: (params) => params,
  vjp: ([ct], { params }) => [apply(trilOp, [ct as Tensor], params)],
};

/** Row of the table; its own transpose. */
export const triuOp: Op<TriangleParams> = {
  name: 'triu',
  shape: ([x]) => x,
  prepare: ([out], [x], { k }) => prepareTriangle(1, out, x, k),
  linear: true,
  batch: (params) => params,
  vjp: ([ct], { params }) => [apply(triuOp, [ct as Tensor], params)],
};

/** Calls a row on matrices. */
function triangle(op: Op<TriangleParams>, x: Tensor, k: number): Tensor {
  checkTensor(op.name, 'x', x);
  if (x.ndim < 2)
    throw new ShapeError(`${op.name}: x must be a matrix or a stack of them, got shape ${show(x.shape)}`);
  if (!Number.isInteger(k)) throw new ArgumentError(`${op.name}: k must be an integer, got ${describe(k)}`);
  return apply(op, [x], { k: Math.max(-x.shape[x.ndim - 2], Math.min(x.shape[x.ndim - 1], k)) });
}

/**
 * The lower triangle: zeros above the k-th diagonal of the last two axes.
 * @param x shape [..., m, n], any dtype.
 * @param k 0 (default) for the main diagonal, positive above it, negative below.
 * @throws ShapeError for fewer than two axes.
 * @example
 * tril(tensor([[1, 2], [3, 4]])); // [[1, 0], [3, 4]]
 */
export function tril(x: Tensor, k = 0): Tensor {
  return triangle(trilOp, x, k);
}

/**
 * The upper triangle: zeros below the k-th diagonal of the last two axes.
 * @param x shape [..., m, n], any dtype.
 * @param k 0 (default) for the main diagonal, positive above it, negative below.
 * @throws ShapeError for fewer than two axes.
 * @example
 * triu(tensor([[1, 2], [3, 4]]), 1); // [[0, 2], [0, 0]]
 */
export function triu(x: Tensor, k = 0): Tensor {
  return triangle(triuOp, x, k);
}
