// The value behind tracers of derivatives.
import type { Tensor } from '../core/tensor.js';
import { Dual } from './forward.js';
import { Variable } from './reverse.js';

/** A tensor without the derivatives that follow it: a value, or a symbol of a graph. */
export function primalOf(x: Tensor): Tensor {
  let value = x;
  while (value instanceof Dual || value instanceof Variable) value = value.primal;
  return value;
}
