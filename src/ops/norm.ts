// norm: the 2-norm over axes, without overflow or underflow.
import type { Tensor } from '../core/tensor.js';
import { reduce } from '../generated/reduce.js';
import { div, mulAlong } from './arithmetic.js';
import { equal } from './compare.js';
import { apply, commonFloat, type Linearization, type Op } from './op.js';
import {
  keepAxes,
  prepareRuns,
  type ReduceOptions,
  type ReduceParams,
  reducedShape,
  reduceParams,
} from './reduce.js';
import { where } from './select.js';
import { sum } from './sum.js';

/** x / ‖x‖, and 0 where x is 0. */
function direction({ inputs: [x], outputs: [y], params: { axes } }: Linearization<ReduceParams>): Tensor {
  return div(x, keepAxes(where(equal(y, 0), 1, y), x.shape, axes));
}

/** Row of the table. The norm over several runs of axes is the norm over one run after the other. */
export const normOp: Op<ReduceParams> = {
  name: 'norm',
  shape: ([x], params) => ({ shape: reducedShape(x.shape, params), dtype: commonFloat('norm', [x]) }),
  prepare: ([out], [x], { axes }, space) =>
    prepareRuns(out, x, axes, space, 0, (longest) => {
      const { exports } = reduce;
      const kernel = exports[`norm_${x.dtype as 'f64' | 'f32'}`];
      const work = space.scratch(exports.norm_work(longest));
      return (outer, n, inner, to, from) => kernel(outer, n, inner, to, from, work);
    }),
  jvp: ([t], point) =>
    t && sum(mulAlong(t, direction(point)), { axis: point.params.axes, keepDims: point.params.keepDims }),
  vjp: ([ct], point) => [
    mulAlong(keepAxes(ct as Tensor, point.inputs[0].shape, point.params.axes), direction(point)),
  ],
};

/**
 * (Σ x²)^½ over axes (for a matrix the Frobenius norm), without overflow or underflow. The derivative at 0 is 0.
 * Other norms of vectors and matrices are in `linalg.norm`.
 * @param x a tensor of f64 or f32.
 * @param options `axis`: one or several, default all; `keepDims`.
 * @throws DTypeError for i32, ArgumentError for an axis out of range.
 * @example
 * norm(tensor([[3, 4], [0, 0]]), { axis: 1 }); // [5, 0]
 */
export function norm(x: Tensor, options: ReduceOptions = {}): Tensor {
  return apply(normOp, [x], reduceParams('norm', x, options));
}
