// A X = B for square A, and what follows from one factorization: the inverse and the determinant.
import { eye } from '../core/create.js';
import { ArgumentError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { type Factor, type FactorKind, factor } from './factor.js';
import { checkSquare } from './stack.js';

/** Options of `solve`. */
export interface SolveOptions {
  /** 'general' (default): LU; 'positiveDefinite': Cholesky, half the work, and only the lower triangle of a is read. */
  assume?: 'general' | 'positiveDefinite';
}

/**
 * Solves a X = b.
 * @param a [..., n, n], f64 or f32.
 * @param b a vector [n] or [..., n, k]; leading axes broadcast with those of a.
 * @throws SingularMatrixError or NotPositiveDefiniteError with `.index`, the pivot that failed.
 */
export function solve(a: Tensor, b: Tensor, options: SolveOptions = {}): Tensor {
  const { assume = 'general' } = options;
  if (assume !== 'general' && assume !== 'positiveDefinite') {
    throw new ArgumentError(`solve: assume must be 'general' or 'positiveDefinite', got ${String(assume)}`);
  }
  return withFactor(a, assume === 'general' ? 'lu' : 'cholesky', (f) => f.solve(b));
}

/** The inverse of a [..., n, n]. Throws SingularMatrixError. To solve a system, `solve` is faster and more accurate. */
export function inv(a: Tensor): Tensor {
  const { dtype, rows: n } = checkSquare('inv', 'a', a);
  return withFactor(a, 'lu', (f) => {
    const identity = eye(n, n, { dtype });
    try {
      return f.solve(identity);
    } finally {
      identity.dispose();
    }
  });
}

/**
 * Sign and logarithm of the absolute value of the determinant: no overflow, whatever n.
 * @returns tensors of the shape of the batch ([] for one matrix); for a singular matrix sign 0 and -Infinity.
 */
export function slogdet(a: Tensor): { sign: Tensor; logabsdet: Tensor } {
  checkSquare('slogdet', 'a', a);
  return withFactor(a, 'lu', (f) => {
    const sign = f.signDet();
    try {
      return { sign, logabsdet: f.logAbsDet() };
    } catch (error) {
      sign.dispose();
      throw error;
    }
  });
}

/** The determinant, of the shape of the batch ([] for one matrix). May overflow where `slogdet` does not. */
export function det(a: Tensor): Tensor {
  checkSquare('det', 'a', a);
  return withFactor(a, 'lu', (f) => f.det());
}

/** Factors, calls `work`, and gives the factorization back whatever happens. */
function withFactor<T>(a: Tensor, kind: FactorKind, work: (f: Factor) => T): T {
  const f = factor(a, { kind });
  try {
    return work(f);
  } finally {
    f.dispose();
  }
}
