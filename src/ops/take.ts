// take: slices of a tensor at given positions along an axis.

import { tensor } from '../core/create.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import { checkAxis, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { apply, checkTensor, type Op } from './op.js';

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
  prepare:
    ([out], [x, indices], { axis }) =>
    () => {
      const extent = x.shape[axis];
      const outer = sizeOf(x.shape.slice(0, axis));
      const inner = sizeOf(x.shape.slice(axis + 1));
      const [from, to, list] = [x.data(), out.data(), indices.data()];
      for (let i = 0; i < list.length; i++) {
        const index = list[i] < 0 ? list[i] + extent : list[i];
        if (index < 0 || index >= extent) {
          throw new ArgumentError(
            `take: indices must be from ${-extent} to ${extent - 1}, got ${list[i]} at position ${i}`,
          );
        }
        for (let o = 0; o < outer; o++) {
          const start = (o * extent + index) * inner;
          to.set(from.subarray(start, start + inner), (o * list.length + i) * inner);
        }
      }
    },
};

/**
 * The slices of x at `indices` along `axis` (default 0): x.shape with that extent replaced by the shape of the indices.
 * Negative indices count from the end. Throws ArgumentError for one out of range.
 */
export function take(x: Tensor, indices: Tensor | readonly number[], axis = 0): Tensor {
  checkTensor('take', 'x', x);
  const at = checkAxis('take', axis, x.ndim);
  const list = indices instanceof Tensor ? indices : tensor(indices as number[], { dtype: 'i32' });
  try {
    return apply(takeOp, [x, list], { axis: at });
  } finally {
    if (list !== indices) list.dispose();
  }
}
