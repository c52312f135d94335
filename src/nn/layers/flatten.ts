// flatten: [n, …shape] to [n, product of shape].

import { sizeOf } from '../../core/shape.js';
import { reshape } from '../../ops/layout.js';
import { checkedLayer } from './checked-layer.js';
import type { Layer } from './layer.js';

/**
 * A layer that merges all axes after the batch into one, the last fastest.
 * @example
 * nn.sequential([nn.conv(8, [3, 3]), nn.flatten(), nn.dense(10)]);
 */
export function flatten(): Layer<Record<string, never>> {
  return checkedLayer<Layer<Record<string, never>>>('flatten', {
    name: 'flatten',
    init: () => ({}),
    outputShape: (shape) => [sizeOf(shape)],
    apply: (_, x) => reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))]),
  });
}
