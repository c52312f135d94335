// Axes of a tensor: reshape, expandDims and squeeze (views), transpose (a copy).
import { checkArray } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import {
  checkAxes,
  checkAxis,
  checkShape,
  mergeAxes,
  type Shape,
  show,
  sizeOf,
  stridesOf,
} from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { describeCopy } from './copy.js';
import { apply, checkTensor, type Op } from './op.js';

/** Row of the table: a view, nothing runs. */
export const reshapeOp: Op<{ shape: Shape }> = {
  name: 'reshape',
  shape([x], { shape }) {
    const unknown = shape.indexOf(-1);
    const known = sizeOf(shape.filter((extent) => extent !== -1));
    const size = sizeOf(x.shape);
    if (unknown >= 0 && (known === 0 || size % known !== 0 || shape.lastIndexOf(-1) !== unknown)) {
      throw new ShapeError(
        `reshape: ${size} elements of shape ${show(x.shape)} leave no extent for -1 in ${show(shape)}`,
      );
    }
    const full = checkShape(
      'reshape',
      shape.map((extent) => (extent === -1 ? size / known : extent)),
    );
    if (sizeOf(full) !== size) {
      throw new ShapeError(
        `reshape: shape ${show(full)} holds ${sizeOf(full)} elements, got ${size} of shape ${show(x.shape)}`,
      );
    }
    return { shape: full, dtype: x.dtype };
  },
  linear: true,
  view: () => 0,
  batch: (_, width, shape) => ({ shape: [width, ...shape] }),
  vjp: ([ct], { inputs: [x] }) => [reshape(ct as Tensor, x.shape)],
};

/**
 * The same elements in another shape, as a view that shares the storage (freed when both are disposed). One extent may
 * be -1.
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  checkTensor('reshape', 'x', x);
  if (!Array.isArray(shape))
    throw new ShapeError(`reshape: shape must be an array of extents, got ${describe(shape)}`);
  return apply(reshapeOp, [x], { shape });
}

/**
 * x with new axes of extent 1, as a view.
 * @param axis positions of the new axes in the result, one or several; negative ones count from the result's end.
 * @throws ArgumentError for a position out of range or named twice.
 * @example
 * expandDims(tensor([1, 2]), 1); // [[1], [2]]
 */
export function expandDims(x: Tensor, axis: number | readonly number[]): Tensor {
  checkTensor('expandDims', 'x', x);
  if (axis === undefined || axis === null) checkAxis('expandDims', axis, x.ndim + 1);
  const ndim = x.ndim + (Array.isArray(axis) ? axis.length : 1);
  const added = checkAxes('expandDims', axis, ndim);
  const rest = [...x.shape];
  const shape = Array.from({ length: ndim }, (_, i) => (added.includes(i) ? 1 : (rest.shift() as number)));
  return apply(reshapeOp, [x], { shape: checkShape('expandDims', shape) });
}

/**
 * x without axes of extent 1, as a view.
 * @param axis the axes to remove; default all that have an extent of 1. Negative ones count from the end.
 * @throws ShapeError for an axis of another extent; ArgumentError for one out of range or named twice.
 * @example
 * squeeze(tensor([[[1], [2]]])); // [1, 2]
 */
export function squeeze(x: Tensor, axis?: number | readonly number[]): Tensor {
  checkTensor('squeeze', 'x', x);
  const axes = checkAxes('squeeze', axis, x.ndim).filter((i) => axis !== undefined || x.shape[i] === 1);
  for (const i of axes) {
    if (x.shape[i] !== 1)
      throw new ShapeError(
        `squeeze: axis ${i} must have extent 1, got ${x.shape[i]} in shape ${show(x.shape)}`,
      );
  }
  return apply(reshapeOp, [x], { shape: x.shape.filter((_, i) => !axes.includes(i)) });
}

/** Row of the table; `axes` counted from the front. */
export const transposeOp: Op<{ axes: readonly number[] }> = {
  name: 'transpose',
  shape: ([x], { axes }) => ({ shape: axes.map((axis) => x.shape[axis]), dtype: x.dtype }),
  prepare([out], [x], { axes }, space) {
    const from = stridesOf(x.shape);
    const strides = [stridesOf(out.shape), axes.map((axis) => from[axis])];
    return describeCopy(out, 0, x, 0, mergeAxes(out.shape, strides, 2), space);
  },
  linear: true,
  batch: ({ axes }) => ({ axes: [0, ...axes.map((axis) => axis + 1)] }),
  vjp: ([ct], { params: { axes } }) => [
    transpose(
      ct as Tensor,
      axes.map((_, i) => axes.indexOf(i)),
    ),
  ],
};

/** A copy with the axes in another order; default reversed, which transposes a matrix. Axes may be negative. */
export function transpose(x: Tensor, axes?: readonly number[]): Tensor {
  checkTensor('transpose', 'x', x);
  if (axes !== undefined) checkArray('transpose', 'axes', axes);
  const order = axes
    ? axes.map((axis) => checkAxis('transpose', axis, x.ndim))
    : x.shape.map((_, i) => x.ndim - 1 - i);
  if (order.length !== x.ndim || new Set(order).size !== order.length) {
    throw new ArgumentError(`transpose: axes must name each of the ${x.ndim} axes once, got ${show(order)}`);
  }
  return apply(transposeOp, [x], { axes: order });
}
