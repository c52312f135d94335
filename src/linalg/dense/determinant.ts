// det A.
import type { Tensor } from '../../core/tensor.js';
import { mul } from '../../ops/arithmetic.js';
import { apply, type Op } from '../../ops/op.js';
import { cofactors } from '../rules/cofactors.js';
import { asMatrix, inner } from '../rules/matrix.js';
import { checkFloat, squareOf } from '../stack.js';
import { prepareDeterminants } from './slogdet.js';

/** Row of the table. */
export const detOp: Op = {
  name: 'det',
  shape: ([a]) => ({ shape: squareOf('det', 'a', a).batch, dtype: a.dtype }),
  prepare: ([out], [a], _, space) => prepareDeterminants('det', a, [[out, 'value']], space),
  jvp: ([t], { inputs: [a] }) => t && inner(cofactors(a), t),
  vjp: ([ct], { inputs: [a] }) => [mul(asMatrix(ct as Tensor), cofactors(a))],
};

/**
 * The determinant. It overflows only if the result itself does; `slogdet` does not.
 * @param a [..., n, n], f64 or f32.
 * @returns a tensor with the shape of the batch ([] for one matrix); 1 for n = 0.
 * @throws ShapeError, DTypeError.
 * Derivatives: the first and second exist for any rank (cofactors, by singular values); the third needs a regular
 * matrix.
 * Source: the product of the pivots of LAPACK's getrf.
 * @example
 * linalg.det(tensor([[0, 1], [1, 0]])).item(); // -1
 */
export function det(a: Tensor): Tensor {
  return apply(detOp, [checkFloat('det', 'a', a)], undefined);
}
