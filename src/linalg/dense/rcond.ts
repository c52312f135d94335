// 1 / (||A||_1 ||A⁻¹||_1): the reciprocal condition, with the norm of the inverse estimated from a few solves.

import type { Tensor } from '../../core/tensor.js';
import { untraced } from '../../ops/untraced.js';
import { factorLu } from '../factor/lu.js';
import { norms1 } from '../factor/norms.js';
import { rcondWith } from '../factor/verbs.js';
import { checkSquare } from '../stack.js';

/**
 * An estimate of 1 / cond_1(a), rarely above three times the truth: O(n²) work after an LU factorization. 0 for a singular matrix,
 * NaN where a holds one; the exact condition is `cond`. Who has factored a already asks `factor(…).rcond()`.
 * @param a [..., n, n], f64 or f32.
 * @returns A number for one matrix [n, n]; for a stack a tensor of the shape of the batch, in a's dtype.
 * @throws ArgumentError where a is differentiated: an estimate has no derivative. ShapeError, DTypeError, ArgumentError.
 * Source: Hager, SIAM J. Sci. Stat. Comput. 5 (1984); Higham, ACM TOMS 14 (1988); LAPACK's gecon.
 * @example
 * linalg.rcond(tensor([[1, 0], [0, 1e-3]])); // 1e-3
 */
export function rcond(a: Tensor): number | Tensor {
  const stack = checkSquare('rcond', 'a', a);
  untraced('rcond', 'a', a, 'use linalg.cond, or pass stopGradient(a)');
  const norms = norms1('rcond', a, stack, { symmetric: false });
  try {
    const lu = factorLu('rcond', a);
    try {
      const result = rcondWith('rcond', lu, norms);
      if (stack.batch.length > 0) return result;
      const value = result.item();
      result.dispose();
      return value;
    } finally {
      for (const t of lu.tensors) t.dispose();
    }
  } finally {
    norms.dispose();
  }
}
