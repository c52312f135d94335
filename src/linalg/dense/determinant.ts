// det A, and the sign and the logarithm of its size.
import type { Tensor } from '../../core/tensor.js';
import { mul } from '../../ops/arithmetic.js';
import { apply, applyAll, type Op } from '../../ops/op.js';
import { factorLu } from '../factor/lu.js';
import { FORMS, fillInto, using } from '../factor/verbs.js';
import { cofactors } from '../rules/cofactors.js';
import { asMatrix, inner, transposed } from '../rules/matrix.js';
import { checkFloat, squareOf } from '../stack.js';
import { inverseFor } from './inverse.js';

/** Row of the table. */
export const detOp: Op = {
  name: 'det',
  shape: ([a]) => ({ shape: squareOf('det', 'a', a).batch, dtype: a.dtype }),
  prepare:
    ([out], [a]) =>
    () =>
      using(factorLu('det', a), (f) => fillInto('det', out, f.determinant(FORMS.value))),
  jvp: ([t], { inputs: [a] }) => t && inner(cofactors(a), t),
  vjp: ([ct], { inputs: [a] }) => [mul(asMatrix(ct as Tensor), cofactors(a))],
};

/** Row of the table: sign and logarithm. */
export const slogdetOp: Op = {
  name: 'slogdet',
  shape([a]) {
    const spec = { shape: squareOf('slogdet', 'a', a).batch, dtype: a.dtype };
    return [spec, spec];
  },
  prepare:
    ([sign, log], [a]) =>
    () =>
      using(factorLu('slogdet', a), (f) => {
        fillInto('slogdet', sign, f.determinant(FORMS.sign));
        fillInto('slogdet', log, f.determinant(FORMS.log));
      }),
  jvp: ([t], { inputs: [a] }) => [undefined, t && inner(transposed(inverseFor('slogdet', a)), t)],
  vjp: ([, ct], { inputs: [a] }) => [ct && mul(asMatrix(ct), transposed(inverseFor('slogdet', a)))],
};

/**
 * Sign and logarithm of the absolute value of the determinant: no overflow, whatever n.
 * @param a [..., n, n], f64 or f32.
 * @returns tensors of the shape of the batch ([] for one matrix); for a singular matrix sign 0 and -Infinity.
 * @throws ShapeError, DTypeError; the derivative of the logarithm SingularMatrixError.
 * Derivatives: that of the logarithm is A⁻ᵀ, the sign is a constant.
 * Source: the product of the pivots of LAPACK's getrf.
 * @example
 * linalg.slogdet(tensor([[-1, 0], [0, 3]])); // sign -1, logabsdet ln 3
 */
export function slogdet(a: Tensor): { sign: Tensor; logabsdet: Tensor } {
  const [sign, logabsdet] = applyAll(slogdetOp, [checkFloat('slogdet', 'a', a)], undefined);
  return { sign, logabsdet };
}

/**
 * The determinant. It overflows only where the result does; `slogdet` does not even then.
 * @param a [..., n, n], f64 or f32.
 * @returns a tensor of the shape of the batch ([] for one matrix); 1 for n = 0.
 * @throws ShapeError, DTypeError.
 * Derivatives: the first and second exist whatever the rank (cofactors, by singular values); the third wants a regular matrix.
 * Source: the product of the pivots of LAPACK's getrf.
 * @example
 * linalg.det(tensor([[0, 1], [1, 0]])).item(); // -1
 */
export function det(a: Tensor): Tensor {
  return apply(detOp, [checkFloat('det', 'a', a)], undefined);
}
