// stopGradient: a value that is a constant to derivatives.
import type { Tensor } from '../core/tensor.js';
import { apply, checkTensor, type Op } from './op.js';

/** Row of the table: a view without derivatives. */
export const stopOp: Op = { name: 'stopGradient', shape: ([x]) => x, view: () => 0 };

/** Row of the table: the same value under another handle. */
export const aliasOp: Op = {
  name: 'alias',
  shape: ([x]) => x,
  view: () => 0,
  linear: true,
  vjp: (cotangents) => cotangents,
};

/** x as a constant to every derivative; a view, nothing is copied. */
export function stopGradient(x: Tensor): Tensor {
  return apply(stopOp, [checkTensor('stopGradient', 'x', x)], undefined);
}
