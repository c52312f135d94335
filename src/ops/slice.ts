// slice: every step-th element along each axis, from begin to before end; and unslice, its transpose.
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { mergeAxes, type Shape, sizeOf, stridesOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { byteLength, describeCopy } from './copy.js';
import { reshape } from './layout.js';
import { apply, checkTensor, type Op } from './op.js';

/** Element i of an axis is element begin + i step of the larger tensor. */
export interface SliceParams {
  begin: readonly number[];
  step: readonly number[];
  /** The extents of the result. */
  shape: Shape;
}

/** Copies between a dense tensor of shape `shape` and positions in a larger one, in the caller's direction. */
export function sliceLayout(shape: Shape, large: Shape, { begin, step }: SliceParams) {
  const own = stridesOf(large);
  let from = 0;
  for (let i = 0; i < begin.length; i++) from += begin[i] * own[i];
  return { dense: stridesOf(shape), strides: own.map((stride, i) => stride * step[i]), from };
}

/** The offset of a slice in a dense tensor of shape `large`, in elements, if its elements are contiguous there. */
function offsetOfSlice(large: Shape, shape: Shape, { begin, step }: SliceParams): number | undefined {
  if (sizeOf(shape) === 0) return undefined;
  const strides = stridesOf(large);
  let [offset, whole] = [0, true];
  for (let i = large.length - 1; i >= 0; i--) {
    // In front of an axis that is taken in part, all extents must be 1.
    if (shape[i] > 1 && (step[i] !== 1 || !whole)) return undefined;
    whole &&= shape[i] === large[i];
    offset += begin[i] * strides[i];
  }
  return offset;
}

/** The slice with one more leading axis, taken whole. */
function batchedSlice({ begin, step, shape }: SliceParams, width: number): SliceParams {
  return { begin: [0, ...begin], step: [1, ...step], shape: [width, ...shape] };
}

/** Row of the table. */
export const sliceOp: Op<SliceParams> = {
  name: 'slice',
  shape: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  prepare([out], [x], params, space) {
    const { dense, strides, from } = sliceLayout(out.shape, x.shape, params);
    return describeCopy(out, 0, x, from, mergeAxes(out.shape, [dense, strides], 2), space);
  },
  linear: true,
  view: (params, input) => offsetOfSlice(input, params.shape, params),
  batch: batchedSlice,
  vjp: ([ct], { inputs: [x], params }) => [apply(unsliceOp, [ct as Tensor], { ...params, shape: x.shape })],
};

/** Row of the table: zeros with x at the positions that `slice` would read. */
export const unsliceOp: Op<SliceParams> = {
  name: 'unslice',
  shape: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  prepare([out], [x], params, space) {
    const { dense, strides, from } = sliceLayout(x.shape, out.shape, params);
    return clearThen(out, x, () =>
      describeCopy(out, from, x, 0, mergeAxes(x.shape, [strides, dense], 2), space),
    );
  },
  linear: true,
  embed: (params, input, output) => offsetOfSlice(output, input, params),
  batch: batchedSlice,
  vjp: ([ct], { inputs: [x], params }) => [apply(sliceOp, [ct as Tensor], { ...params, shape: x.shape })],
};

/** Writes zeros, and then runs the copy that `describe` gives, unless x is empty. */
export function clearThen(out: Tensor, x: Tensor, describe: () => () => void): () => void {
  const { clear } = array.exports;
  const bytes = byteLength(out);
  if (x.size === 0) return () => clear(bytes, out.address);
  const copy = describe();
  return () => {
    clear(bytes, out.address);
    copy();
  };
}

/** `count` elements of x from `from` on, along one axis. */
export function narrow(x: Tensor, axis: number, from: number, count: number): Tensor {
  const begin = x.shape.map((_, i) => (i === axis ? from : 0));
  const shape = x.shape.map((extent, i) => (i === axis ? count : extent));
  return apply(sliceOp, [x], { begin, step: x.shape.map(() => 1), shape });
}

/** x at a position of an axis, without that axis. */
export function rowAt(x: Tensor, axis: number, position: number): Tensor {
  return reshape(narrow(x, axis, position, 1), x.shape.toSpliced(axis, 1));
}

/** A bound of a slice; null or undefined stands for the end of the axis. */
export type Bound = number | null | undefined;

/** An argument as a list with a bound for each of the leading axes. */
function boundsOf(argument: string, value: unknown, ndim: number): readonly Bound[] {
  const list = (typeof value === 'number' ? [value] : (value ?? [])) as readonly Bound[];
  if (!Array.isArray(list) || list.length > ndim) {
    throw new ArgumentError(
      `slice: ${argument} must be an array of at most ${ndim} positions, one per axis, got ${describe(value)}`,
    );
  }
  for (const bound of list) {
    if (bound !== null && bound !== undefined && !Number.isInteger(bound))
      throw new ArgumentError(`slice: ${argument} must hold integers (or null), got ${describe(value)}`);
  }
  return list;
}

/** A position counted from the front, clamped to low … high. */
function position(bound: Bound, otherwise: number, extent: number, low: number, high: number): number {
  if (bound === null || bound === undefined) return otherwise;
  return Math.min(high, Math.max(low, bound < 0 ? bound + extent : bound));
}

/**
 * The part of x from `begin` to before `end` along each axis, every `step`-th element, as Python's x[begin:end:step].
 * Negative positions count from the end, positions beyond an end are clamped to it, and null stands for the start or
 * end of the axis. Axes that are not given are taken whole. A negative step walks backwards.
 * @param x shape [...], any dtype.
 * @param begin the first position, for each of the leading axes.
 * @param end the position after the last.
 * @param step default 1; not 0.
 * @returns a copy, of an extent of max(0, ceil((end - begin) / step)) per axis.
 * @throws ArgumentError for positions that are not integers, more of them than axes, or a step of 0.
 * @example
 * slice(tensor([[1, 2, 3], [4, 5, 6]]), [0, 1], [2, 3]); // [[2, 3], [5, 6]]
 * slice(tensor([1, 2, 3, 4, 5]), [-1], [null], [-2]); // [5, 3, 1]
 */
export function slice(
  x: Tensor,
  begin: number | readonly Bound[],
  end?: number | readonly Bound[] | null,
  step?: number | readonly Bound[] | null,
): Tensor {
  checkTensor('slice', 'x', x);
  const [begins, ends, steps] = [
    boundsOf('begin', begin, x.ndim),
    boundsOf('end', end, x.ndim),
    boundsOf('step', step, x.ndim),
  ];
  const params = { begin: [] as number[], step: [] as number[], shape: [] as number[] };
  x.shape.forEach((extent, i) => {
    const by = steps[i] ?? 1;
    if (by === 0) throw new ArgumentError(`slice: step must not be 0, got ${describe(step)}`);
    const [low, high] = by > 0 ? [0, extent] : [-1, extent - 1];
    const from = position(begins[i], by > 0 ? low : high, extent, low, high);
    const to = position(ends[i], by > 0 ? high : low, extent, low, high);
    const count = Math.max(0, Math.ceil((to - from) / by));
    params.begin.push(from);
    params.step.push(by);
    params.shape.push(count);
  });
  return apply(sliceOp, [x], params);
}
