// The sign of det A and ln |det A|.
import type { Tensor } from '../../core/tensor.js';
import { mul } from '../../ops/arithmetic.js';
import { applyAll, type Op } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import { luFactorization } from '../factor/lu.js';
import { FORMS, prepareScratchFactor } from '../factor/verbs.js';
import { asMatrix, inner, transposed } from '../rules/matrix.js';
import { checkFloat, squareOf } from '../stack.js';
import { inverseFor } from './inverse.js';

/** Prepares numbers computed from the determinants of a, by an LU factorization in scratch. */
export function prepareDeterminants(
  name: string,
  a: Tensor,
  outputs: readonly (readonly [Tensor, keyof typeof FORMS])[],
  space: Workspace,
): () => void {
  const stack = squareOf(name, 'a', a);
  const verbs = outputs.map(([, form]) => luFactorization.determinant(stack, FORMS[form]));
  const { parts, work, factor } = prepareScratchFactor(
    name,
    luFactorization,
    stack,
    a,
    verbs[0].bytes,
    space,
  );
  return () => {
    factor();
    for (const [i, { run }] of verbs.entries()) run(parts, outputs[i][0].address, work);
  };
}

/** Row of the table: sign and logarithm. */
export const slogdetOp: Op = {
  name: 'slogdet',
  shape([a]) {
    const spec = { shape: squareOf('slogdet', 'a', a).batch, dtype: a.dtype };
    return [spec, spec];
  },
  prepare: ([sign, log], [a], _, space) =>
    prepareDeterminants(
      'slogdet',
      a,
      [
        [sign, 'sign'],
        [log, 'log'],
      ],
      space,
    ),
  jvp: ([t], { inputs: [a] }) => [undefined, t && inner(transposed(inverseFor('slogdet', a)), t)],
  vjp: ([, ct], { inputs: [a] }) => [ct && mul(asMatrix(ct), transposed(inverseFor('slogdet', a)))],
};

/**
 * The sign and ln |·| of the determinant, without overflow for any n.
 * @param a [..., n, n], f64 or f32.
 * @returns tensors with the shape of the batch ([] for one matrix); sign 0 and -Infinity for a singular matrix.
 * @throws ShapeError, DTypeError; SingularMatrixError for the derivative of the logarithm of a singular matrix.
 * Derivatives: that of the logarithm is A⁻ᵀ; the sign is a constant.
 * Source: the product of the pivots of LAPACK's getrf.
 * @example
 * linalg.slogdet(tensor([[-1, 0], [0, 3]])); // sign -1, logabsdet ln 3
 */
export function slogdet(a: Tensor): { sign: Tensor; logabsdet: Tensor } {
  const [sign, logabsdet] = applyAll(slogdetOp, [checkFloat('slogdet', 'a', a)], undefined);
  return { sign, logabsdet };
}
