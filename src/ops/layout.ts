// Operations that move elements without changing them: reshape (a view) and transpose (a copy).
import { describe } from '../core/descriptor.js';
import { bytesPerElement } from '../core/dtype.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkAxis, checkShape, mergeAxes, type Shape, show, sizeOf, stridesOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
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
};

/** The same elements in another shape, as a view: no copy, and the storage lives until both are disposed. One extent may be -1. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  checkTensor('reshape', 'x', x);
  if (!Array.isArray(shape))
    throw new ShapeError(`reshape: shape must be an array of extents, got ${String(shape)}`);
  return apply(reshapeOp, [x], { shape });
}

/** Row of the table; `axes` counted from the front. */
export const transposeOp: Op<{ axes: readonly number[] }> = {
  name: 'transpose',
  shape: ([x], { axes }) => ({ shape: axes.map((axis) => x.shape[axis]), dtype: x.dtype }),
  run(out, [x], { axes }) {
    const from = stridesOf(x.shape);
    const layout = mergeAxes(out.shape, [stridesOf(out.shape), axes.map((axis) => from[axis])], 2);
    // Planes that are transposes of each other are copied block by block: bring the source's fastest axis beside the last.
    const last = layout.extents.length - 1;
    const fastest = layout.strides[1].indexOf(1);
    if (fastest >= 0 && fastest < last - 1) {
      for (const row of [layout.extents, ...layout.strides])
        row.splice(last - 1, 0, ...row.splice(fastest, 1));
    }
    const copy = bytesPerElement(x.dtype) === 8 ? array.exports.copy_64 : array.exports.copy_32;
    copy(layout.extents.length, describe(layout), out.address, x.address);
  },
};

/** The axes in another order; default reversed, so that a matrix becomes its transpose. Axes may be negative. */
export function transpose(x: Tensor, axes?: readonly number[]): Tensor {
  checkTensor('transpose', 'x', x);
  const order = axes
    ? axes.map((axis) => checkAxis('transpose', axis, x.ndim))
    : x.shape.map((_, i) => x.ndim - 1 - i);
  if (order.length !== x.ndim || new Set(order).size !== order.length) {
    throw new ArgumentError(`transpose: axes must name each of the ${x.ndim} axes once, got ${show(order)}`);
  }
  return apply(transposeOp, [x], { axes: order });
}
