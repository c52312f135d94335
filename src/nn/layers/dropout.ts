// dropout: y = x ⊙ m / (1 - rate) in training, with m drawn from a key; otherwise y = x.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { mul } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { bernoulli } from '../../ops/random-bits.js';
import { checkedLayer } from './checked-layer.js';
import type { Layer } from './layer.js';

/**
 * A layer that in training sets each element to 0 with probability `rate` and divides the others by 1 - rate, so that
 * the mean stays the same (inverted dropout; Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: Dropout, JMLR
 * 2014). Otherwise it does nothing. The dropped elements are a function of the key alone: the same on every machine,
 * eagerly and in compiled programs. Pass another key in each step.
 * @param rate in [0, 1).
 * @throws ArgumentError for a rate out of range, and for training without a key.
 * @example
 * const layer = nn.dropout(0.5);
 * const y = layer.apply({}, x, { training: true, key: generator.integers([2], -(2 ** 31), 2 ** 31) });
 */
export function dropout(rate: number): Layer<Record<string, never>> {
  if (!(typeof rate === 'number' && rate >= 0 && rate < 1))
    throw new ArgumentError(`dropout: rate must be from 0 up to, but without, 1, got ${describe(rate)}`);
  return checkedLayer<Layer<Record<string, never>>>('dropout', {
    name: 'dropout',
    init: () => ({}),
    outputShape: (shape) => shape,
    apply(_, x, { training = false, key } = {}) {
      if (!training || rate === 0) return reshape(x, x.shape);
      if (key === undefined)
        throw new ArgumentError(
          'dropout: training needs a key, got none (give apply { training: true, key }, an i32 tensor [2])',
        );
      const kept = { dtype: x.dtype, value: 1 / (1 - rate) };
      return scope(() => mul(x, bernoulli(key, 1 - rate, x.shape, kept)));
    },
  });
}
