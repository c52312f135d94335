// A⁻¹ of square matrices.
import type { Tensor } from '../../core/tensor.js';
import { neg } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Op } from '../../ops/op.js';
import { luFactorization } from '../factor/lu.js';
import { checkRegular, prepareScratchFactor } from '../factor/verbs.js';
import { checkFloat, squareOf } from '../stack.js';

/** Row of the table; `user` is the function that errors name. */
export const invOp: Op<{ user: string }> = {
  name: 'inv',
  shape([a], { user }) {
    squareOf(user, 'a', a);
    return a;
  },
  prepare([out], [a], { user }, space) {
    const [f, stack] = [luFactorization, squareOf(user, 'a', a)];
    const inverse = f.inverse(stack);
    const { parts, work, factor } = prepareScratchFactor(user, f, stack, a, inverse.bytes, space);
    return () => {
      factor();
      checkRegular(user, f, stack, parts);
      inverse.run(parts, out.address, work);
    };
  },
  jvp: ([t], { outputs: [y] }) => t && neg(matmul(y, matmul(t, y))),
  vjp: ([ct], { outputs: [y] }) => [
    neg(matmul(y, matmul(ct as Tensor, y, { transposeB: true }), { transposeA: true })),
  ],
};

/**
 * The inverse of a. To solve a system, `solve` is faster and more accurate.
 * @param a [..., n, n], f64 or f32.
 * @throws SingularMatrixError with `.index`, a pivot that is exactly zero; ShapeError, DTypeError.
 * Source: LAPACK's getrf and getrs.
 * @example
 * linalg.inv(tensor([[2, 1], [5, 3]])); // [[3, -1], [-5, 2]]
 */
export function inv(a: Tensor): Tensor {
  return inverseFor('inv', a);
}

/** The same for internal use; `user` is the function in errors. */
export function inverseFor(user: string, a: Tensor): Tensor {
  return apply(invOp, [checkFloat(user, 'a', a)], { user });
}
