// 1 / (||A||_1 ||A⁻¹||_1): the reciprocal condition number, with the norm of the inverse estimated from a few solves.
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { apply, type Op } from '../../ops/op.js';
import { Tracer } from '../../ops/tracer.js';
import { luFactorization } from '../factor/lu.js';
import { refuse } from '../factor/rows.js';
import { prepareScratchFactor } from '../factor/verbs.js';
import { checkSquare, squareOf } from '../stack.js';

/** Row of the table. */
export const rcondOp: Op = {
  name: 'rcond',
  shape: ([a]) => ({ shape: squareOf('rcond', 'a', a).batch, dtype: a.dtype }),
  prepare([out], [a], _, space) {
    const [f, stack] = [luFactorization, squareOf('rcond', 'a', a)];
    const [norm1, estimate] = [f.norms(stack), f.rcond(stack)];
    const bytes = Math.max(norm1.bytes, estimate.bytes);
    const { parts, work, factor } = prepareScratchFactor('rcond', f, stack, a, bytes, space);
    const norms = space.scratch(out.size * bytesPerElement(out.dtype));
    return () => {
      norm1.run([a.address], norms, work);
      factor();
      estimate.run([...parts, norms], out.address, work);
    };
  },
  jvp: () => refuse('rcond'),
  vjp: () => refuse('rcond'),
};

/**
 * An estimate of 1 / cond_1(a), rarely above three times the true value; O(n²) work after an LU factorization. 0 for a
 * singular matrix, NaN if a holds NaN. `cond` gives the exact condition number; if a is factored already, use
 * `factor(…).rcond()`.
 * @param a [..., n, n], f64 or f32.
 * @returns A number for one matrix [n, n]; for a stack a tensor with the shape of the batch, in a's dtype. While a
 * program is recorded (`compile`, `trace`) the number is not known yet: then a tensor of shape [] for one matrix.
 * @throws ShapeError, DTypeError; ArgumentError for a derivative: there is none.
 * Source: Hager, SIAM J. Sci. Stat. Comput. 5 (1984); Higham, ACM TOMS 14 (1988); LAPACK's gecon.
 * @example
 * linalg.rcond(tensor([[1, 0], [0, 1e-3]])); // 1e-3
 */
export function rcond(a: Tensor): number | Tensor {
  const { batch } = checkSquare('rcond', 'a', a);
  const result = apply(rcondOp, [a], undefined);
  if (batch.length > 0 || result instanceof Tracer) return result;
  const value = result.item();
  result.dispose();
  return value;
}
