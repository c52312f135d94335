// concat, stack, split: join and cut tensors along an axis, as blocks of contiguous elements.
import { describe } from '../core/describe.js';
import { bytesPerElement } from '../core/dtype.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkAxis, type Shape, sameShape, show, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { expandDims } from './layout.js';
import { apply, applyAll, checkTensor, commonDType, type Op } from './op.js';
import { orZeros } from './rules.js';
import { narrow } from './slice.js';

/** `shape` with another extent along one axis. */
export function withExtent(shape: Shape, axis: number, extent: number): number[] {
  return shape.map((n, i) => (i === axis ? extent : n));
}

/** The blocks of `x` along `axis`: their number, and the bytes of each. */
export function blocksOf(x: Tensor, axis: number): { count: number; bytes: number } {
  const bytes = sizeOf(x.shape.slice(axis)) * bytesPerElement(x.dtype);
  return { count: sizeOf(x.shape.slice(0, axis)), bytes };
}

/** The offset of each part in a block of the whole, in bytes. */
function places(parts: readonly Tensor[], axis: number) {
  let at = 0;
  return parts.map((part) => {
    const { bytes } = blocksOf(part, axis);
    const place = { part, bytes, at };
    at += bytes;
    return place;
  });
}

/** Row of the table. */
export const concatOp: Op<{ axis: number }> = {
  name: 'concat',
  shape(inputs, { axis }) {
    const [{ shape }] = inputs;
    const dtype = commonDType('concat', inputs);
    let extent = 0;
    inputs.forEach((input, i) => {
      if (!sameShape(withExtent(input.shape, axis, 0), withExtent(shape, axis, 0))) {
        throw new ShapeError(
          `concat: tensors must agree in all axes but axis ${axis}, got ${show(shape)} and ${show(input.shape)} at position ${i}`,
        );
      }
      extent += input.shape[axis];
    });
    return { shape: withExtent(shape, axis, extent), dtype };
  },
  prepare([out], inputs, { axis }) {
    const { copy_blocks } = array.exports;
    const { count, bytes: pitch } = blocksOf(out, axis);
    const list = places(inputs, axis);
    return () => {
      for (const { part, bytes, at } of list)
        copy_blocks(count, bytes, out.address + at, pitch, part.address, bytes);
    };
  },
  linear: true,
  batch: ({ axis }) => ({ axis: axis + 1 }),
  vjp([ct], { inputs, params: { axis }, wanted }) {
    const sizes = inputs.map((x) => x.shape[axis]);
    if (wanted.every(Boolean)) return applyAll(splitOp, [ct as Tensor], { axis, sizes });
    let at = 0;
    return inputs.map((_, i) => {
      at += sizes[i];
      return wanted[i] ? narrow(ct as Tensor, axis, at - sizes[i], sizes[i]) : undefined;
    });
  },
};

/** Row of the table: one output per size. */
export const splitOp: Op<{ axis: number; sizes: readonly number[] }> = {
  name: 'split',
  shape: ([x], { axis, sizes }) =>
    sizes.map((size) => ({ shape: withExtent(x.shape, axis, size), dtype: x.dtype })),
  prepare(outputs, [x], { axis }) {
    const { copy_blocks } = array.exports;
    const { count, bytes: pitch } = blocksOf(x, axis);
    const list = places(outputs, axis);
    return () => {
      for (const { part, bytes, at } of list)
        copy_blocks(count, bytes, part.address, bytes, x.address + at, pitch);
    };
  },
  linear: true,
  batch: ({ axis, sizes }) => ({ axis: axis + 1, sizes }),
  vjp: (cotangents, { outputs, params: { axis } }) => [
    apply(
      concatOp,
      cotangents.map((ct, i) => orZeros(ct, outputs[i])),
      { axis },
    ),
  ],
};

/** Checks the tensors to be joined: at least one. */
function checkList(name: string, xs: readonly Tensor[]): readonly Tensor[] {
  if (!Array.isArray(xs) || xs.length === 0)
    throw new ArgumentError(
      `${name}: xs must be an array of at least one tensor, got ${Array.isArray(xs) ? '[]' : describe(xs)}`,
    );
  xs.forEach((x, i) => {
    checkTensor(name, `xs[${i}]`, x);
  });
  return xs;
}

/**
 * Joins tensors along an existing axis.
 * @param xs shapes that are equal except for the extents along `axis`; one dtype.
 * @param axis default 0; negative ones count from the end.
 * @throws ShapeError if other extents differ, DTypeError for mixed dtypes, ArgumentError for an empty list or an axis
 * out of range.
 * @example
 * concat([tensor([[1, 2]]), tensor([[3, 4], [5, 6]])], 0); // [[1, 2], [3, 4], [5, 6]]
 */
export function concat(xs: readonly Tensor[], axis = 0): Tensor {
  const [first] = checkList('concat', xs);
  if (first.ndim === 0)
    throw new ShapeError('concat: a scalar has no axis to join along, got shape [] (use stack)');
  return apply(concatOp, xs, { axis: checkAxis('concat', axis, first.ndim) });
}

/**
 * Joins tensors along a new axis.
 * @param xs of one shape and dtype.
 * @param axis the position of the new axis in the result; default 0, negative ones count from the result's end.
 * @throws ShapeError if shapes differ, DTypeError for mixed dtypes, ArgumentError for an empty list or an axis out of
 * range.
 * @example
 * stack([tensor([1, 2]), tensor([3, 4])], 1); // [[1, 3], [2, 4]]
 */
export function stack(xs: readonly Tensor[], axis = 0): Tensor {
  const [first] = checkList('stack', xs);
  commonDType('stack', xs);
  xs.forEach((x, i) => {
    if (!sameShape(x.shape, first.shape)) {
      throw new ShapeError(
        `stack: tensors must have one shape, got ${show(first.shape)} and ${show(x.shape)} at position ${i}`,
      );
    }
  });
  const at = checkAxis('stack', axis, first.ndim + 1);
  const views: Tensor[] = [];
  try {
    for (const x of xs) views.push(expandDims(x, at));
    return apply(concatOp, views, { axis: at });
  } finally {
    for (const view of views) view.dispose();
  }
}

/** The extents of the parts: `parts` equal ones, or the given ones. */
function sizesOf(parts: number | readonly number[], extent: number, axis: number): number[] {
  if (typeof parts === 'number') {
    if (!Number.isInteger(parts) || parts < 1)
      throw new ArgumentError(`split: parts must be a positive integer or an array of sizes, got ${parts}`);
    if (extent % parts !== 0) {
      throw new ShapeError(
        `split: an extent of ${extent} at axis ${axis} does not divide into ${parts} equal parts (give their sizes)`,
      );
    }
    return new Array<number>(parts).fill(extent / parts);
  }
  if (!Array.isArray(parts) || parts.length === 0 || !parts.every((n) => Number.isInteger(n) && n >= 0)) {
    const got = describe(parts);
    throw new ArgumentError(`split: parts must be a positive integer or an array of sizes, got ${got}`);
  }
  const total = parts.reduce((sum, n) => sum + n, 0);
  if (total !== extent)
    throw new ShapeError(
      `split: sizes must add up to the extent ${extent} of axis ${axis}, got ${show(parts)}, which is ${total}`,
    );
  return [...parts];
}

/**
 * Cuts x along an axis into parts, which are copies; `concat` joins them again.
 * @param parts the number of equal parts, or the size of each part.
 * @param axis default 0; negative ones count from the end.
 * @throws ShapeError if the parts do not add up to the extent; ArgumentError for invalid sizes, or an axis out of
 * range.
 * @example
 * const [a, b] = split(tensor([1, 2, 3]), [1, 2]); // [1] and [2, 3]
 */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  checkTensor('split', 'x', x);
  const at = checkAxis('split', axis, x.ndim);
  return applyAll(splitOp, [x], { axis: at, sizes: sizesOf(parts, x.shape[at], at) });
}
