// broadcastTo: repeats elements along axes.

import { ShapeError } from '../core/errors.js';
import {
  broadcastShapes,
  broadcastStrides,
  checkShape,
  mergeAxes,
  type Shape,
  sameShape,
  show,
  stridesOf,
} from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { describeCopy } from './copy.js';
import { apply, checkTensor, type Op } from './op.js';
import { unbroadcast } from './rules.js';

/** Row of the table. */
export const broadcastOp: Op<{ shape: Shape }> = {
  name: 'broadcastTo',
  shape([x], { shape }) {
    if (!sameShape(broadcastShapes('broadcastTo', x.shape, shape), shape))
      throw new ShapeError(`broadcastTo: shape ${show(x.shape)} does not broadcast to ${show(shape)}`);
    return { shape, dtype: x.dtype };
  },
  prepare: ([out], [x], { shape }, space) =>
    describeCopy(
      out,
      0,
      x,
      0,
      mergeAxes(shape, [stridesOf(shape), broadcastStrides(x.shape, shape)], 2),
      space,
    ),
  linear: true,
  repeats: true,
  batch: (_, width, shape) => ({ shape: [width, ...shape] }),
  vjp: ([ct], { inputs: [x] }) => [unbroadcast(ct as Tensor, x.shape)],
};

/**
 * x repeated along axes by NumPy's rules. Operations broadcast by themselves, without this copy.
 * @throws ShapeError if the shapes do not fit.
 * @example
 * broadcastTo(tensor([1, 2]), [3, 2]); // [[1, 2], [1, 2], [1, 2]]
 */
export function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  checkTensor('broadcastTo', 'x', x);
  return apply(broadcastOp, [x], { shape: checkShape('broadcastTo', shape) });
}
