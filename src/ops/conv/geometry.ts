// The positions of windows over images, from the options of a convolution or of pooling.
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { MAXIMUM_EXTENT, type Shape, show } from '../../core/shape.js';
import type { Algorithm, Geometry } from './windows.js';

/**
 * Padding: none ('valid'), zeros that keep the size ('same') or a number of zeros, or the values at the other end
 * ('periodic').
 */
export type Padding = 'valid' | 'same' | 'periodic' | number;

/** Where windows lie; a list has one value per axis. */
export interface WindowOptions {
  readonly stride?: number | readonly number[];
  readonly dilation?: number | readonly number[];
  readonly padding?: Padding | readonly Padding[];
  readonly algorithm?: Algorithm;
}

/** One value per axis. */
function perAxis<T>(
  name: string,
  argument: string,
  value: T | readonly T[] | undefined,
  axes: number,
  fallback: T,
): T[] {
  if (value === undefined) return new Array<T>(axes).fill(fallback);
  if (!Array.isArray(value)) return new Array<T>(axes).fill(value as T);
  if (value.length !== axes)
    throw new ArgumentError(
      `${name}: ${argument} must have ${axes} entries, one per axis, got ${value.length}`,
    );
  return [...value];
}

/** The positions of a kernel's windows over an image of these extents. */
export function geometryOf(
  name: string,
  extents: Shape,
  kernel: readonly number[],
  { stride, dilation, padding, algorithm = 'auto' }: WindowOptions,
): Geometry {
  const axes = kernel.length;
  if (extents.length !== axes)
    throw new ShapeError(
      `${name}: x must be [n, channels] and ${axes} more axes, got extents ${show(extents)}`,
    );
  if (algorithm !== 'auto' && algorithm !== 'direct')
    throw new ArgumentError(`${name}: algorithm must be 'auto' or 'direct', got ${describe(algorithm)}`);
  const strides = perAxis(name, 'stride', stride, axes, 1);
  const dilations = perAxis(name, 'dilation', dilation, axes, 1);
  const paddings = perAxis<Padding>(name, 'padding', padding, axes, 'valid');
  for (const [argument, list] of [
    ['kernel', kernel],
    ['stride', strides],
    ['dilation', dilations],
  ] as const) {
    const bad = list.find((v) => !Number.isInteger(v) || v < 1);
    if (bad !== undefined)
      throw new ArgumentError(`${name}: ${argument} must be positive integers, got ${describe(bad)}`);
  }
  const before: number[] = [];
  const output = extents.map((extent, i) => {
    const reach = (kernel[i] - 1) * dilations[i];
    if (reach > MAXIMUM_EXTENT)
      throw new ArgumentError(`${name}: dilation must keep a kernel within 2^31 - 1, got ${dilations[i]}`);
    const mode = paddings[i];
    if (mode === 'same' || mode === 'periodic') {
      const size = Math.ceil(extent / strides[i]);
      before.push(Math.max(0, Math.floor(((size - 1) * strides[i] + reach + 1 - extent) / 2)));
      return size;
    }
    if (mode !== 'valid' && !(Number.isInteger(mode) && mode >= 0)) {
      throw new ArgumentError(
        `${name}: padding must be 'valid', 'same', 'periodic' or a count, got ${describe(mode)}`,
      );
    }
    const padded = mode === 'valid' ? 0 : mode;
    if (padded > MAXIMUM_EXTENT)
      throw new ArgumentError(`${name}: padding must be at most 2^31 - 1, got ${padded}`);
    before.push(padded);
    const size = Math.floor((extent + 2 * padded - reach - 1) / strides[i]) + 1;
    if (size < 1)
      throw new ShapeError(
        `${name}: a kernel of ${kernel[i]} does not fit into extent ${extent} of axis ${i}`,
      );
    return size;
  });
  const periodic = paddings.map((mode) => mode === 'periodic');
  return {
    extents: [...extents],
    kernel: [...kernel],
    // A step of the whole padded axis or more leaves one window. Clamp it, because kernels count in 32 bits.
    stride: strides.map((stride, i) => Math.min(stride, Math.max(1, extents[i] + 2 * before[i]))),
    dilation: dilations.map((dilation, i) => (kernel[i] === 1 ? 1 : dilation)),
    before,
    output,
    periodic,
    algorithm,
  };
}
