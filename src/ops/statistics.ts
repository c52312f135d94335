// Means, variances and distances from the mean, in f64 inside (assembly/array/moments.ts).
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import type { OptionNames } from '../core/options.js';
import { mergeAxes, stridesOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { reduce } from '../generated/reduce.js';
import { div, mul, mulAlong } from './arithmetic.js';
import { together } from './extrema.js';
import { apply, commonFloat, type Op } from './op.js';
import {
  keepAxes,
  prepareRuns,
  type ReduceOptions,
  type ReduceParams,
  reducedShape,
  reduceParams,
  withWork,
} from './reduce.js';
import { broadcastTo, sum } from './sum.js';

/** Options of `variance`. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the number of elements in the divisor of the sum of squares; default 0, use 1 for a sample. */
  ddof?: number;
}

const VARIANCE_OPTIONS: OptionNames<VarianceOptions> = { axis: true, keepDims: true, ddof: true };

/** The number of elements per result. */
function countOf(x: Tensor, axes: readonly number[]): number {
  return axes.reduce((count, axis) => count * x.shape[axis], 1);
}

/** Row of the table. The mean over several runs of axes is that over one run after the other. */
export const meanOp: Op<ReduceParams> = {
  name: 'mean',
  shape: ([x], params) => ({ shape: reducedShape(x.shape, params), dtype: commonFloat('mean', [x]) }),
  prepare: ([out], [x], { axes }, space) =>
    prepareRuns(out, x, axes, space, Number.NaN, (longest) => {
      const { exports } = reduce;
      return withWork(exports[`mean_${x.dtype as 'f64' | 'f32'}`], exports.mean_work(longest), space);
    }),
  linear: true,
  batch: ({ axes, keepDims }) => ({ axes: axes.map((axis) => axis + 1), keepDims }),
  vjp: ([ct], { inputs: [x], params: { axes } }) => [
    broadcastTo(div(keepAxes(ct as Tensor, x.shape, axes), countOf(x, axes)), x.shape),
  ],
};

/** Row of the table: x less its mean over axes, rounded once. A symmetric projection: its own transpose. */
export const centreOp: Op<{ axes: readonly number[] }> = {
  name: 'centre',
  shape: ([x]) => ({ shape: x.shape, dtype: commonFloat('centre', [x]) }),
  prepare([out], [x], { axes }, space) {
    const { exports } = reduce;
    const kernel = exports[`centre_${x.dtype as 'f64' | 'f32'}`];
    const { gather, order, outer, n, inner } = together(x, axes, space);
    const work = space.scratch(exports.moments_work());
    if (order === undefined) return () => kernel(outer, n, inner, out.address, gather(), work);
    // Gathered elements are centred in place, then put back.
    const strides = stridesOf(x.shape);
    const shape = order.map((axis) => x.shape[axis]);
    const layout = mergeAxes(shape, [order.map((axis) => strides[axis]), stridesOf(shape)], 2);
    const copy = x.dtype === 'f64' ? array.exports.copy_64 : array.exports.copy_32;
    const [ndim, meta] = [layout.extents.length, space.descriptor(layout)];
    return () => {
      const place = gather();
      kernel(outer, n, inner, place, place, work);
      copy(ndim, meta, out.address, place);
    };
  },
  linear: true,
  batch: ({ axes }) => ({ axes: axes.map((axis) => axis + 1) }),
  vjp: ([ct], { params }) => [centre(ct as Tensor, params.axes)],
};

/** x less its mean over axes. */
function centre(x: Tensor, axes: readonly number[]): Tensor {
  return apply(centreOp, [x], { axes });
}

/** Row of the table. */
export const varianceOp: Op<ReduceParams & { ddof: number }> = {
  name: 'variance',
  shape: ([x], params) => ({ shape: reducedShape(x.shape, params), dtype: commonFloat('variance', [x]) }),
  prepare([out], [x], { axes, ddof }, space) {
    if (x.size === 0) return () => void out.data().fill(Number.NaN);
    const { exports } = reduce;
    const kernel = exports[`variance_${x.dtype as 'f64' | 'f32'}`];
    const { gather, outer, n, inner } = together(x, axes, space);
    const work = space.scratch(exports.moments_work());
    return () => kernel(outer, n, inner, n - ddof, out.address, gather(), work);
  },
  jvp: ([t], { inputs: [x], params: { axes, keepDims, ddof } }) => {
    if (t === undefined) return undefined;
    const products = sum(mulAlong(t, centre(x, axes)), { axis: axes, keepDims });
    return mul(2 / (countOf(x, axes) - ddof), products);
  },
  vjp: ([ct], { inputs: [x], params: { axes, ddof } }) => {
    const factor = mul(2 / (countOf(x, axes) - ddof), keepAxes(ct as Tensor, x.shape, axes));
    return [mulAlong(factor, centre(x, axes))];
  },
};

/**
 * The mean over axes, of f32 by sums in f64; NaN if there are no elements.
 * @param x a tensor of f64 or f32.
 * @param options `axis`: one or several, default all; `keepDims`.
 * @throws DTypeError for i32, ArgumentError for an axis out of range.
 * @example
 * mean(tensor([[1, 2], [3, 4]]), { axis: 0 }); // [2, 3]
 */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return apply(meanOp, [x], reduceParams('mean', x, options));
}

/**
 * The mean squared distance from the mean, over axes (in two passes in f64, so that a large mean does not cost
 * accuracy; 0 for equal elements); NaN if there are no elements.
 * @param x a tensor of f64 or f32.
 * @param options `axis`: one or several, default all; `keepDims`; `ddof`: Σ (x - mean)² is divided by n - ddof, default
 * 0.
 * @throws DTypeError for i32, ArgumentError for an axis out of range or a ddof that is not a number.
 * @example
 * variance(tensor([1, 2, 3, 4])); // 1.25
 * variance(tensor([1, 2, 3, 6]), { ddof: 1 }); // 4.666666666666667
 */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  const { axes, keepDims } = reduceParams('variance', x, options, VARIANCE_OPTIONS);
  const { ddof = 0 } = options;
  if (typeof ddof !== 'number' || !Number.isFinite(ddof))
    throw new ArgumentError(`variance: ddof must be a number, got ${describe(ddof)}`);
  return apply(varianceOp, [x], { axes, keepDims, ddof });
}
