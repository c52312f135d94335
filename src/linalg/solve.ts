// A X = B for square A, and what follows from one factorization: the inverse and the determinant.
import { ArgumentError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { factorCholesky } from './factor/cholesky.js';
import { factorLu } from './factor/lu.js';
import { determinantWith, type Factorization, inverseWith, solveWith } from './factor/verbs.js';

/** Options of `solve`. */
export interface SolveOptions {
  /** 'general' (default): LU; 'positiveDefinite': Cholesky, half the work, and only the lower triangle of a is read. */
  assume?: 'general' | 'positiveDefinite';
}

/**
 * Solves a X = b.
 * @param a [..., n, n], f64 or f32.
 * @param b a vector [n] or [..., n, k]; leading axes broadcast with those of a.
 * @throws SingularMatrixError or NotPositiveDefiniteError with `.index`, the pivot that failed; ShapeError, DTypeError.
 * Source: LAPACK's gesv and posv.
 * @example
 * linalg.solve(tensor([[2, 1], [1, 3]]), tensor([3, 5])); // [0.8, 1.4]
 */
export function solve(a: Tensor, b: Tensor, options: SolveOptions = {}): Tensor {
  const { assume = 'general' } = options;
  if (assume !== 'general' && assume !== 'positiveDefinite') {
    throw new ArgumentError(`solve: assume must be 'general' or 'positiveDefinite', got ${String(assume)}`);
  }
  const f = assume === 'general' ? factorLu('solve', a) : factorCholesky('solve', a);
  return using(f, () => solveWith('solve', f, b, false));
}

/**
 * The inverse of a. To solve a system, `solve` is faster and more accurate.
 * @param a [..., n, n], f64 or f32.
 * @throws SingularMatrixError with `.index`, a pivot that is exactly zero; ShapeError, DTypeError.
 * Source: LAPACK's getrf and getrs.
 * @example
 * linalg.inv(tensor([[2, 1], [5, 3]])); // [[3, -1], [-5, 2]]
 */
export function inv(a: Tensor): Tensor {
  const f = factorLu('inv', a);
  return using(f, () => inverseWith('inv', f));
}

/**
 * Sign and logarithm of the absolute value of the determinant: no overflow, whatever n.
 * @param a [..., n, n], f64 or f32.
 * @returns tensors of the shape of the batch ([] for one matrix); for a singular matrix sign 0 and -Infinity.
 * @throws ShapeError, DTypeError.
 * Source: the product of the pivots of LAPACK's getrf.
 * @example
 * linalg.slogdet(tensor([[-1, 0], [0, 3]])); // sign -1, logabsdet ln 3
 */
export function slogdet(a: Tensor): { sign: Tensor; logabsdet: Tensor } {
  const f = factorLu('slogdet', a);
  return using(f, () => {
    const sign = determinantWith('slogdet', f, 'sign');
    try {
      return { sign, logabsdet: determinantWith('slogdet', f, 'log') };
    } catch (error) {
      sign.dispose();
      throw error;
    }
  });
}

/**
 * The determinant. It overflows only where the result does; `slogdet` does not even then.
 * @param a [..., n, n], f64 or f32.
 * @returns a tensor of the shape of the batch ([] for one matrix); 1 for n = 0.
 * @throws ShapeError, DTypeError.
 * Source: the product of the pivots of LAPACK's getrf.
 * @example
 * linalg.det(tensor([[0, 1], [1, 0]])).item(); // -1
 */
export function det(a: Tensor): Tensor {
  const f = factorLu('det', a);
  return using(f, () => determinantWith('det', f, 'value'));
}

/** Calls `work`, and gives the factors back whatever happens. */
function using<T>(f: Factorization, work: () => T): T {
  try {
    return work();
  } finally {
    for (const t of f.tensors) t.dispose();
  }
}
