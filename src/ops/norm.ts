// norm: the 2-norm over axes, without overflow or underflow.
import type { Tensor } from '../core/tensor.js';
import { reduce } from '../generated/reduce.js';
import { normCotangent, normTangent } from './norm-direction.js';
import { markNorm } from './norm-square.js';
import { apply, commonFloat, type Op } from './op.js';
import {
  prepareRuns,
  type ReduceOptions,
  type ReduceParams,
  reducedShape,
  reduceParams,
  withWork,
} from './reduce.js';

/** Row of the table. The norm over several runs of axes is the norm over one run after the other. */
export const normOp: Op<ReduceParams> = {
  name: 'norm',
  shape: ([x], params) => ({ shape: reducedShape(x.shape, params), dtype: commonFloat('norm', [x]) }),
  prepare: ([out], [x], { axes }, space) =>
    prepareRuns(out, x, axes, space, 0, (longest) => {
      const { exports } = reduce;
      return withWork(exports[`norm_${x.dtype as 'f64' | 'f32'}`], exports.norm_work(longest), space);
    }),
  jvp: ([t], { inputs: [x], outputs: [y], params }) => t && normTangent(t, x, y, params),
  vjp: ([ct], { inputs: [x], outputs: [y], params }) => [normCotangent(ct, x, y, params)],
};

/**
 * (Σ x²)^½ over axes (for a matrix the Frobenius norm), without overflow or underflow. The derivative at 0 is 0, that of the square
 * (by `square`, `mul` or `pow`) 2 x everywhere, and so its second derivative 2 I; the second derivative of the norm itself at 0, which
 * is infinite, is NaN.
 * Other norms of vectors and matrices are in `linalg.norm`.
 * @param x a tensor of f64 or f32.
 * @param options `axis`: one or several, default all; `keepDims`.
 * @throws DTypeError for i32, ArgumentError for an axis out of range.
 * @example
 * norm(tensor([[3, 4], [0, 0]]), { axis: 1 }); // [5, 0]
 */
export function norm(x: Tensor, options: ReduceOptions = {}): Tensor {
  const params = reduceParams('norm', x, options);
  return markNorm(apply(normOp, [x], params), x, params);
}
