// maxPool: the largest of every window.
import { ArgumentError, ShapeError } from '../core/errors.js';
import { show, sizeOf } from '../core/shape.js';
import { max } from '../ops/extrema.js';
import { reshape } from '../ops/layout.js';
import { apply } from '../ops/op.js';
import { geometryOf } from './conv.js';
import type { Layer } from './layer.js';
import { unfoldOp } from './windows.js';

/**
 * The largest of every window of [n, channels, …extents], over all axes behind the channels.
 * @param size of the windows, one number for all axes or one per axis.
 * @param options `stride`, default the size, so that windows do not overlap; what is left over at the end is dropped.
 */
export function maxPool(
  size: number | readonly number[],
  { stride = size }: { stride?: number | readonly number[] } = {},
): Layer<Record<string, never>> {
  const windowsOf = (extents: readonly number[]) => {
    const kernel = typeof size === 'number' ? extents.map(() => size) : [...size];
    return geometryOf('maxPool', extents, kernel, { stride });
  };
  if (!(typeof size === 'number' || Array.isArray(size)))
    throw new ArgumentError(`maxPool: size must be a number or a list, got ${String(size)}`);
  return {
    name: 'maxPool',
    init: () => ({}),
    outputShape: ([channels, ...extents]) => [channels, ...windowsOf(extents).output],
    apply(_, x) {
      if (x.ndim < 3 || x.ndim > 5)
        throw new ShapeError(`maxPool: x must be [n, channels] and one to three axes, got ${show(x.shape)}`);
      const geometry = windowsOf(x.shape.slice(2));
      // Every channel is an image of its own.
      const images = reshape(x, [x.shape[0] * x.shape[1], 1, ...geometry.extents]);
      const columns = apply(unfoldOp, [images], geometry);
      const largest = max(reshape(columns, [-1, sizeOf(geometry.kernel), sizeOf(geometry.output)]), {
        axis: 1,
      });
      return reshape(largest, [x.shape[0], x.shape[1], ...geometry.output]);
    },
  };
}
