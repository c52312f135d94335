// The largest and the smallest element over axes, and their positions: max, min, argmax, argmin.
import { bytesPerElement } from '../core/dtype.js';
import { ShapeError } from '../core/errors.js';
import { mergeAxes, type Shape, show, sizeOf, stridesOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { type ReduceExports, reduce } from '../generated/reduce.js';
import { div } from './arithmetic.js';
import { astype } from './cast.js';
import { equal } from './compare.js';
import { apply, type Linearization, type Op, type TensorSpec } from './op.js';
import {
  keepAxes,
  prepareRuns,
  type ReduceKernel,
  type ReduceOptions,
  type ReduceParams,
  reducedShape,
  reduceParams,
} from './reduce.js';
import { where } from './select.js';
import { sum } from './sum.js';
import type { Workspace } from './workspace.js';

/** The reduced shape; throws if there is nothing to take an extremum of. */
function shapeOf(name: string, x: TensorSpec, params: ReduceParams): number[] {
  const shape = reducedShape(x.shape, params);
  if (sizeOf(x.shape) === 0 && sizeOf(shape) > 0) {
    throw new ShapeError(
      `${name}: there is nothing to compare along ${show(params.axes)} of shape ${show(x.shape)}, every reduced extent must be at least 1`,
    );
  }
  return shape;
}

/** Which elements equal the extremum, and how many of them there are. */
function ties({ inputs: [x], outputs: [y], params: { axes } }: Linearization<ReduceParams>) {
  const mask = equal(x, keepAxes(y, x.shape, axes));
  return { mask, count: astype(sum(mask, { axis: axes, keepDims: true }), x.dtype) };
}

/** A row that gives the extremum; its derivative is shared equally by all elements that equal it. */
function extremum(name: 'max' | 'min'): Op<ReduceParams> {
  return {
    name,
    shape: ([x], params) => ({ shape: shapeOf(name, x, params), dtype: x.dtype }),
    prepare: ([out], [x], { axes }, space) =>
      prepareRuns(out, x, axes, space, 0, () => reduce.exports[`${name}_${x.dtype}`]),
    jvp([t], point) {
      if (t === undefined) return undefined;
      const { axes, keepDims } = point.params;
      const { mask, count } = ties(point);
      return sum(where(mask, div(t, count), 0), { axis: axes, keepDims });
    },
    vjp([ct], point) {
      const { mask, count } = ties(point);
      const part = div(keepAxes(ct as Tensor, point.inputs[0].shape, point.params.axes), count);
      return [where(mask, part, 0)];
    },
  };
}

/** A row that gives the index of the extremum among the elements along the reduced axes, row-major. */
function indexOfExtremum(name: 'argmax' | 'argmin'): Op<ReduceParams> {
  return {
    name,
    shape: ([x], params) => ({ shape: shapeOf(name, x, params), dtype: 'i32' }),
    prepare([out], [x], { axes }, space) {
      const kernel = reduce.exports[`${name}_${x.dtype}` as keyof ReduceExports] as ReduceKernel;
      const { gather, outer, n, inner } = together(x, axes, space);
      return () => kernel(outer, n, inner, out.address, gather());
    },
  };
}

/** x as outer x n x inner elements, n along the axes: in place, or copied to scratch if other axes lie between them. */
export function together(x: Tensor, axes: readonly number[], space: Workspace) {
  const extents = (list: readonly number[]): Shape => list.map((axis) => x.shape[axis]);
  const last = axes[axes.length - 1];
  if (axes.length === 0 || last - axes[0] === axes.length - 1) {
    const outer = axes.length === 0 ? x.size : sizeOf(x.shape.slice(0, axes[0]));
    const n = sizeOf(extents(axes));
    return { gather: () => x.address, order: undefined, outer, n, inner: x.size / (outer * n) };
  }
  const kept = [...x.shape.keys()].filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const from = stridesOf(x.shape);
  const shape = extents(order);
  const layout = mergeAxes(shape, [stridesOf(shape), order.map((axis) => from[axis])], 2);
  const bytes = bytesPerElement(x.dtype);
  const copy = bytes === 8 ? array.exports.copy_64 : array.exports.copy_32;
  const [ndim, meta, place] = [
    layout.extents.length,
    space.descriptor(layout),
    space.scratch(x.size * bytes),
  ];
  const gather = () => {
    copy(ndim, meta, place, x.address);
    return place;
  };
  return { gather, order, outer: sizeOf(extents(kept)), n: sizeOf(extents(axes)), inner: 1 };
}

/** Rows of the table. */
export const maxOp: Op<ReduceParams> = /* @__PURE__ */ extremum('max');
export const minOp: Op<ReduceParams> = /* @__PURE__ */ extremum('min');
export const argmaxOp: Op<ReduceParams> = /* @__PURE__ */ indexOfExtremum('argmax');
export const argminOp: Op<ReduceParams> = /* @__PURE__ */ indexOfExtremum('argmin');

/**
 * The largest element over axes; NaN if one is NaN. The derivative is shared equally by all elements that are the
 * largest.
 * @param x a tensor of f64, f32 or i32.
 * @param options `axis`: one or several, default all; `keepDims`.
 * @throws ShapeError if there are no elements, ArgumentError for an axis out of range.
 * @example
 * max(tensor([[1, 5], [7, 2]]), { axis: 1 }); // [5, 7]
 */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return apply(maxOp, [x], reduceParams('max', x, options));
}

/**
 * The smallest element over axes; NaN if one is NaN. The derivative is shared equally by all elements that are the
 * smallest.
 * @param x a tensor of f64, f32 or i32.
 * @param options `axis`: one or several, default all; `keepDims`.
 * @throws ShapeError if there are no elements, ArgumentError for an axis out of range.
 * @example
 * min(tensor([[1, 5], [7, 2]]), { axis: 1 }); // [1, 2]
 */
export function min(x: Tensor, options: ReduceOptions = {}): Tensor {
  return apply(minOp, [x], reduceParams('min', x, options));
}

/**
 * The index of the largest element along axes, as i32: the first if there are several, or the first NaN. A constant to
 * derivatives.
 * @param x a tensor of f64, f32 or i32.
 * @param options `axis`: default all; over several, the index counts their elements row-major; `keepDims`.
 * @throws ShapeError if there are no elements, ArgumentError for an axis out of range.
 * @example
 * argmax(tensor([[1, 5], [7, 2]]), { axis: 1 }); // [1, 0]
 */
export function argmax(x: Tensor, options: ReduceOptions = {}): Tensor {
  return apply(argmaxOp, [x], reduceParams('argmax', x, options));
}

/**
 * The index of the smallest element along axes, as i32: the first if there are several, or the first NaN. A constant to
 * derivatives.
 * @param x a tensor of f64, f32 or i32.
 * @param options `axis`: default all; over several, the index counts their elements row-major; `keepDims`.
 * @throws ShapeError if there are no elements, ArgumentError for an axis out of range.
 * @example
 * argmin(tensor([[1, 5], [7, 2]]), { axis: 1 }); // [0, 1]
 */
export function argmin(x: Tensor, options: ReduceOptions = {}): Tensor {
  return apply(argminOp, [x], reduceParams('argmin', x, options));
}
