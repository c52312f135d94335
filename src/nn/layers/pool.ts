// maxPool: the largest element of every window.

import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { show } from '../../core/shape.js';
import { geometryOf } from '../../ops/conv/geometry.js';
import { maxPoolOp } from '../../ops/conv/max-pool.js';
import { applyAll } from '../../ops/op.js';
import { Tracer } from '../../ops/tracer.js';
import { checkedLayer } from './checked-layer.js';
import type { Layer } from './layer.js';

/**
 * The largest element of every window of [n, channels, …extents], over one to three axes after the channels. The
 * derivative goes to the first largest element of each window, as in PyTorch; NaN counts as larger than any number.
 * @param size of the windows, one number for all axes or one per axis.
 * @param options `stride`, default the size, so that windows do not overlap; elements left over at the end are dropped.
 * @throws ArgumentError for invalid sizes or strides, ShapeError if no window fits.
 * @example
 * nn.sequential([nn.conv(8, [3, 3]), nn.activation('relu'), nn.maxPool(2), nn.flatten(), nn.dense(10)]);
 */
export function maxPool(
  size: number | readonly number[],
  options: { stride?: number | readonly number[] } = {},
): Layer<Record<string, never>> {
  checkOptions('maxPool', options, { stride: true });
  const { stride = size } = options;
  const windowsOf = (extents: readonly number[]) => {
    const kernel = typeof size === 'number' ? extents.map(() => size) : [...size];
    return geometryOf('maxPool', extents, kernel, { stride });
  };
  if (!(typeof size === 'number' || Array.isArray(size)))
    throw new ArgumentError(`maxPool: size must be a number or a list, got ${describe(size)}`);
  return checkedLayer<Layer<Record<string, never>>>('maxPool', {
    name: 'maxPool',
    init: () => ({}),
    outputShape: ([channels, ...extents]) => [channels, ...windowsOf(extents).output],
    apply(_, x) {
      if (x.ndim < 3 || x.ndim > 5)
        throw new ShapeError(`maxPool: x must be [n, channels] and one to three axes, got ${show(x.shape)}`);
      const [largest, places] = applyAll(maxPoolOp, [x], windowsOf(x.shape.slice(2)));
      // The backward pass needs the places if x is traced.
      if (!(x instanceof Tracer)) places.dispose();
      return largest;
    },
  });
}
