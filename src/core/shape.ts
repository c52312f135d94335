// Shapes: sizes, NumPy's broadcasting, axes counted from the end, and merging of axes for kernels.
import { describe } from './describe.js';
import { ArgumentError, ShapeError } from './errors.js';

/** Extents, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** The largest number of axes of a tensor. */
export const MAXIMUM_AXES = 32;

/** The largest extent, and the largest number of elements: kernels count in 32 bits. */
export const MAXIMUM_EXTENT = 2 ** 31 - 1;

/** The number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i];
  return size;
}

/** A shape as messages print it: [2, 3]. */
export function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** A frozen copy of a shape, after checking that every extent is a count. */
export function checkShape(name: string, shape: unknown): Shape {
  if (!Array.isArray(shape))
    throw new ShapeError(`${name}: shape must be an array of extents, got ${describe(shape)}`);
  checkSize(name, shape);
  return Object.freeze([...shape]);
}

/** Throws unless the extents and their product are counts that kernels can take. */
export function checkSize(name: string, shape: Shape): void {
  if (shape.length > MAXIMUM_AXES)
    throw new ShapeError(`${name}: at most ${MAXIMUM_AXES} axes are possible, got ${shape.length}`);
  let size = 1;
  for (let i = 0; i < shape.length; i++) {
    const extent = shape[i];
    if (!Number.isInteger(extent) || extent < 0 || extent > MAXIMUM_EXTENT) {
      throw new ShapeError(
        `${name}: every extent of a shape must be an integer from 0 to 2^31 - 1, got ${describe(shape)}`,
      );
    }
    size *= extent;
  }
  if (size > MAXIMUM_EXTENT) {
    throw new ShapeError(`${name}: shape ${show(shape)} has ${size} elements, at most 2^31 - 1 are possible`);
  }
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** True if both have the same extents. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The shape that both broadcast to by NumPy's rule: aligned at the last axis, extents equal or 1. */
export function broadcastShapes(name: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const ndim = Math.max(a.length, b.length);
  const out = new Array<number>(ndim);
  for (let i = 1; i <= ndim; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `${name}: shapes ${show(a)} and ${show(b)} do not broadcast: extents ${x} and ${y} at axis -${i} are neither equal nor 1`,
      );
    }
    out[ndim - i] = x === 1 ? y : x;
  }
  return out;
}

/** Strides for reading `shape` as `to`: 0 along every axis that is repeated. */
export function broadcastStrides(shape: Shape, to: Shape): number[] {
  const own = stridesOf(shape);
  const lead = to.length - shape.length;
  return to.map((extent, i) => (i < lead || (shape[i - lead] === 1 && extent !== 1) ? 0 : own[i - lead]));
}

/** `axis` counted from the front, 0 <= axis < ndim. */
export function checkAxis(name: string, axis: unknown, ndim: number): number {
  if (typeof axis !== 'number' || !Number.isInteger(axis) || axis < -ndim || axis >= ndim) {
    throw new ArgumentError(
      `${name}: axis must be an integer from ${-ndim} to ${ndim - 1}, got ${describe(axis)}`,
    );
  }
  return axis < 0 ? axis + ndim : axis;
}

/** Axes counted from the front, ascending and distinct; all axes if none are given. */
export function checkAxes(
  name: string,
  axis: number | readonly number[] | undefined,
  ndim: number,
): number[] {
  if (axis === undefined) return Array.from({ length: ndim }, (_, i) => i);
  if (typeof axis !== 'number' && !Array.isArray(axis)) {
    throw new ArgumentError(
      `${name}: axis must be an integer or an array of integers, got ${describe(axis)}`,
    );
  }
  const axes = (typeof axis === 'number' ? [axis] : [...(axis as number[])]).map((a) =>
    checkAxis(name, a, ndim),
  );
  axes.sort((x, y) => x - y);
  for (let i = 1; i < axes.length; i++) {
    if (axes[i] === axes[i - 1]) throw new ArgumentError(`${name}: axis ${axes[i]} is named twice`);
  }
  return axes;
}

/** An index space as kernels see it: extents and, per operand, strides. */
export interface Layout {
  extents: number[];
  strides: number[][];
}

/** The same index space with as few axes as possible: drops extents of 1 and merges axes if every operand allows it. */
export function mergeAxes(shape: Shape, strides: readonly (readonly number[])[], atLeast = 1): Layout {
  const extents: number[] = [];
  const merged: number[][] = strides.map(() => []);
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 1) continue;
    const last = extents.length - 1;
    if (last >= 0 && merged.every((s, k) => s[last] === strides[k][i] * shape[i])) {
      extents[last] *= shape[i];
      merged.forEach((s, k) => {
        s[last] = strides[k][i];
      });
    } else {
      extents.push(shape[i]);
      merged.forEach((s, k) => {
        s.push(strides[k][i]);
      });
    }
  }
  while (extents.length < atLeast) {
    extents.unshift(1);
    for (const s of merged) s.unshift(0);
  }
  return { extents, strides: merged };
}
