// take: slices of a tensor at given positions along an axis; scatterAdd is its transpose.

import { tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import { bytesPerElement } from '../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { checkAxis, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { apply, checkTensor, type Op } from './op.js';

/** Throws for an index out of range, before anything is written. */
function checkIndices(name: string, indices: Tensor, extent: number): void {
  const bad = array.exports.check_indices(indices.size, extent, indices.address);
  if (bad < 0) return;
  const got = `got ${indices.data()[bad]} at position ${bad}`;
  throw new ArgumentError(
    extent === 0
      ? `${name}: there is nothing to take along an axis without elements, ${got}`
      : `${name}: indices must be from ${-extent} to ${extent - 1}, ${got}`,
  );
}

/** Row of the table: x and the indices. */
export const takeOp: Op<{ axis: number }> = {
  name: 'take',
  shape([x, indices], { axis }) {
    if (indices.dtype !== 'i32') throw new DTypeError(`take: indices must be i32, got ${indices.dtype}`);
    return {
      shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
      dtype: x.dtype,
    };
  },
  prepare([out], [x, indices], { axis }) {
    const { take_bytes } = array.exports;
    const [extent, count] = [x.shape[axis], indices.size];
    const outer = sizeOf(x.shape.slice(0, axis));
    const bytes = sizeOf(x.shape.slice(axis + 1)) * bytesPerElement(x.dtype);
    return () => {
      checkIndices('take', indices, extent);
      take_bytes(outer, extent, bytes, count, indices.address, out.address, x.address);
    };
  },
  jvp: ([t], { inputs: [, indices], params }) => t && apply(takeOp, [t, indices], params),
  vjp: ([ct], { inputs: [x, indices], params: { axis } }) => [
    apply(scatterAddOp, [ct as Tensor, indices], { axis, extent: x.shape[axis] }),
  ],
};

/**
 * Row of the table: zeros with slices of x added at the positions of the indices, in their order, so that the result is
 * reproducible.
 */
export const scatterAddOp: Op<{ axis: number; extent: number }> = {
  name: 'scatterAdd',
  shape: ([x, indices], { axis, extent }) => ({
    shape: [...x.shape.slice(0, axis), extent, ...x.shape.slice(axis + indices.shape.length)],
    dtype: x.dtype,
  }),
  prepare([out], [x, indices], { axis, extent }) {
    const scatter = array.exports[`scatter_add_${x.dtype}`];
    const count = indices.size;
    const outer = sizeOf(out.shape.slice(0, axis));
    const inner = sizeOf(out.shape.slice(axis + 1));
    return () => {
      checkIndices('scatterAdd', indices, extent);
      scatter(outer, extent, inner, count, indices.address, out.address, x.address);
    };
  },
  jvp: ([t], { inputs: [, indices], params }) => t && apply(scatterAddOp, [t, indices], params),
  vjp: ([ct], { inputs: [, indices], params: { axis } }) => [
    apply(takeOp, [ct as Tensor, indices], { axis }),
  ],
};

/**
 * The slices of x at `indices` along an axis.
 * @param x shape [...], any dtype.
 * @param indices i32 tensor of any shape, or an array of integers; negative ones count from the end.
 * @param axis default 0.
 * @returns x.shape with the extent of the axis replaced by the shape of the indices.
 * @throws ArgumentError for an index out of range, DTypeError for indices of another dtype.
 * @example
 * take(tensor([[1, 2], [3, 4]]), [1, 1, -2]); // [[3, 4], [3, 4], [1, 2]]
 */
export function take(x: Tensor, indices: Tensor | readonly number[], axis = 0): Tensor {
  checkTensor('take', 'x', x);
  const at = checkAxis('take', axis, x.ndim);
  const list = indices instanceof Tensor ? indices : indicesOf(indices);
  try {
    return apply(takeOp, [x, list], { axis: at });
  } finally {
    if (list !== indices) list.dispose();
  }
}

/** One index or an array of indices, as a tensor. */
function indicesOf(indices: unknown): Tensor {
  const list = typeof indices === 'number' ? indices : Array.isArray(indices) ? indices : undefined;
  try {
    if (list !== undefined) return tensor(list, { dtype: 'i32' });
  } catch (error) {
    if (!(error instanceof ArgumentError || error instanceof ShapeError)) throw error;
  }
  throw new ArgumentError(
    `take: indices must be an i32 tensor or an array of integers, got ${describe(indices)}`,
  );
}
