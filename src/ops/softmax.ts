// log Σ e^x, e^x / Σ e^x and its logarithm, each shifted by the largest element: logsumexp, softmax, logSoftmax.
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAxis, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { reduce } from '../generated/reduce.js';
import { mulAlong, sub } from './arithmetic.js';
import { exp, expDifference } from './exponential.js';
import { apply, checkTensor, commonFloat, type Op } from './op.js';
import {
  keepAxes,
  prepareRuns,
  type ReduceOptions,
  type ReduceParams,
  reducedShape,
  reduceParams,
  withWork,
} from './reduce.js';
import { sum } from './sum.js';

/** Options of functions along one axis. */
export interface AlongOptions {
  /** The axis, negative ones counted from the end; default the last one. */
  axis?: number;
}

export const ALONG_OPTIONS: OptionNames<AlongOptions> = { axis: true };

/** Parameters of a row along one axis; none for a scalar, which counts as one element. */
interface AlongParams {
  axes: readonly number[];
}

/** Row of the table. logsumexp over several runs of axes is logsumexp over one run after the other. */
export const logsumexpOp: Op<ReduceParams> = {
  name: 'logsumexp',
  shape: ([x], params) => ({ shape: reducedShape(x.shape, params), dtype: commonFloat('logsumexp', [x]) }),
  prepare: ([out], [x], { axes }, space) =>
    prepareRuns(out, x, axes, space, Number.NEGATIVE_INFINITY, (longest) => {
      const { exports } = reduce;
      return withWork(exports[`logsumexp_${x.dtype as 'f64' | 'f32'}`], exports.softmax_work(longest), space);
    }),
  jvp: ([t], { inputs: [x], outputs: [y], params: { axes, keepDims } }) =>
    t && sum(mulAlong(t, expDifference(x, keepAxes(y, x.shape, axes))), { axis: axes, keepDims }),
  vjp: ([ct], { inputs: [x], outputs: [y], params: { axes } }) => [
    mulAlong(keepAxes(ct as Tensor, x.shape, axes), expDifference(x, keepAxes(y, x.shape, axes))),
  ],
};

/** A row along one axis, computed by a kernel of the module `reduce`. */
function along(name: 'softmax' | 'logSoftmax', rules: Pick<Op<AlongParams>, 'jvp' | 'vjp'>): Op<AlongParams> {
  return {
    name,
    shape: ([x]) => ({ shape: x.shape, dtype: commonFloat(name, [x]) }),
    prepare([out], [x], { axes: [axis = x.ndim] }, space) {
      const { exports } = reduce;
      const kernel = exports[`${name}_${x.dtype as 'f64' | 'f32'}`];
      const n = x.shape[axis] ?? 1;
      const outer = sizeOf(x.shape.slice(0, axis));
      const inner = sizeOf(x.shape.slice(axis + 1));
      const work = space.scratch(exports.softmax_work(n));
      return () => kernel(outer, n, inner, out.address, x.address, work);
    },
    ...rules,
  };
}

/** Σ along the axis, which stays with extent 1. */
function total(x: Tensor, { axes }: AlongParams): Tensor {
  return sum(x, { axis: axes, keepDims: true });
}

/**
 * The Jacobian of softmax, diag(y) - y yᵀ, which is symmetric, times t. The mean Σ y t is taken off twice: where one y
 * is almost 1, the first difference is as small as the rounding of y, of which the second one is free.
 */
function alongSoftmax(t: Tensor, y: Tensor, params: AlongParams): Tensor {
  const difference = sub(t, total(mulAlong(t, y), params));
  return mulAlong(sub(difference, total(mulAlong(difference, y), params)), y);
}

/** Rows of the table. */
export const softmaxOp: Op<AlongParams> = /* @__PURE__ */ along('softmax', {
  jvp: ([t], { outputs: [y], params }) => t && alongSoftmax(t, y, params),
  vjp: ([ct], { outputs: [y], params }) => [alongSoftmax(ct as Tensor, y, params)],
});

export const logSoftmaxOp: Op<AlongParams> = /* @__PURE__ */ along('logSoftmax', {
  jvp: ([t], { outputs: [y], params }) => t && sub(t, total(mulAlong(t, exp(y)), params)),
  vjp: ([ct], { outputs: [y], params }) => [sub(ct as Tensor, mulAlong(total(ct as Tensor, params), exp(y)))],
});

/** The axis counted from the front; none for a scalar. */
export function alongAxis(
  name: string,
  x: Tensor,
  options: AlongOptions,
  names: OptionNames = ALONG_OPTIONS,
): readonly number[] {
  checkTensor(name, 'x', x);
  checkOptions(name, options, names);
  const { axis } = options;
  return axis === undefined && x.ndim === 0 ? [] : [checkAxis(name, axis === undefined ? -1 : axis, x.ndim)];
}

/**
 * log Σ e^x over axes, without overflow; -Infinity if there are no elements or all are -Infinity.
 * @param x a tensor of f64 or f32.
 * @param options `axis`: one or several, default all; `keepDims`.
 * @throws DTypeError for i32, ArgumentError for an axis out of range.
 * @example
 * logsumexp(tensor([1000, 1000])); // 1000.6931471805599
 */
export function logsumexp(x: Tensor, options: ReduceOptions = {}): Tensor {
  return apply(logsumexpOp, [x], reduceParams('logsumexp', x, options));
}

/**
 * e^x / Σ e^x along one axis, without overflow.
 * @param x a tensor of f64 or f32.
 * @param options `axis`: default the last one.
 * @throws DTypeError for i32, ArgumentError for an axis out of range.
 * @example
 * softmax(tensor([[1000, 1000], [0, 1000]])); // [[0.5, 0.5], [0, 1]]
 */
export function softmax(x: Tensor, options: AlongOptions = {}): Tensor {
  return apply(softmaxOp, [x], { axes: alongAxis('softmax', x, options) });
}

/**
 * x - log Σ e^x along one axis: the logarithm of `softmax`, accurate even where softmax underflows.
 * @param x a tensor of f64 or f32.
 * @param options `axis`: default the last one.
 * @throws DTypeError for i32, ArgumentError for an axis out of range.
 * @example
 * logSoftmax(tensor([0, 1000])); // [-1000, 0]
 */
export function logSoftmax(x: Tensor, options: AlongOptions = {}): Tensor {
  return apply(logSoftmaxOp, [x], { axes: alongAxis('logSoftmax', x, options) });
}
