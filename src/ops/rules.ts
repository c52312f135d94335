// Common parts of derivative rules.
import { zeros } from '../core/create.js';
import type { Tensor } from '../core/tensor.js';
import type { Derivative } from './op.js';

/** A derivative, or zeros for undefined. */
export function orZeros(x: Derivative, like: Tensor): Tensor {
  return x ?? zeros(like.shape, { dtype: like.dtype });
}
