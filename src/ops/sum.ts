// sum and broadcastTo: each is the transpose of the other.
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
import { array } from '../generated/array.js';
import { describeCopy } from './copy.js';
import { reshape } from './layout.js';
import { apply, checkTensor, type Op } from './op.js';
import {
  keepAxes,
  prepareRuns,
  type ReduceOptions,
  type ReduceParams,
  reducedShape,
  reduceParams,
  withWork,
} from './reduce.js';

/** Row of the table. */
export const sumOp: Op<ReduceParams> = {
  name: 'sum',
  shape: ([x], params) => ({ shape: reducedShape(x.shape, params), dtype: x.dtype }),
  prepare: ([out], [x], { axes }, space) =>
    prepareRuns(out, x, axes, space, 0, (longest) => {
      const { exports } = array;
      return withWork(exports[`sum_${x.dtype}`], exports.sum_work(longest), space);
    }),
  linear: true,
  batch: ({ axes, keepDims }) => ({ axes: axes.map((axis) => axis + 1), keepDims }),
  vjp: ([ct], { inputs: [x], params: { axes } }) => [
    broadcastTo(keepAxes(ct as Tensor, x.shape, axes), x.shape),
  ],
};

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

/**
 * The sum over axes, pairwise (the error grows with the logarithm of the number of terms); an empty sum is 0.
 * @param x a tensor of f64, f32 or i32 (wraps around).
 * @param options `axis`: one or several, default all; `keepDims`.
 * @throws ArgumentError for an axis out of range.
 * @example
 * sum(tensor([[1, 2], [3, 4]]), { axis: 0 }); // [4, 6]
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return apply(sumOp, [x], reduceParams('sum', x, options));
}

/** The cotangent of a value of shape `shape` that was broadcast: summed over the axes along which it was repeated. */
export function unbroadcast(ct: Tensor, shape: Shape): Tensor {
  if (sameShape(ct.shape, shape)) return ct;
  const lead = ct.ndim - shape.length;
  const axis = ct.shape.flatMap((extent, i) =>
    i < lead || (shape[i - lead] === 1 && extent !== 1) ? [i] : [],
  );
  const reduced = axis.length > 0 ? sum(ct, { axis }) : ct;
  return sameShape(reduced.shape, shape) ? reduced : reshape(reduced, shape);
}

/** `x` broadcast to `shape`, if it has another shape. */
export function spreadTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : broadcastTo(x, shape);
}
