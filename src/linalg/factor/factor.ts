// A = L Lᵀ, P A = L U, A = Q R or P A Pᵀ = L D Lᵀ: factor once, solve many times.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { ldltFor, type SymmetricFactor } from '../dense/ldlt.js';
import { checkFloat } from '../stack.js';
import { choleskyRows } from './cholesky.js';
import { luRows } from './lu.js';
import { type Factor, KeptFactor } from './object.js';
import { qrRows } from './qr.js';

/** Which factorization. */
export type FactorKind = 'cholesky' | 'lu' | 'qr' | 'ldlt';

const KINDS = { cholesky: choleskyRows, lu: luRows, qr: qrRows };

const FACTOR_OPTIONS: OptionNames<{ kind: FactorKind }> = { kind: true };

/**
 * Factors a square matrix, or a stack of them, once. The object solves, inverts, and gives determinants and condition
 * numbers, for all matrices of a stack in one call. Derivatives go through its methods in b and in A (see `Factor`).
 * Plans factor again in every run. `scope` keeps the memory of a factorization that is returned.
 *
 * - 'cholesky': positive definite matrices, n³/3 operations.
 * - 'ldlt': symmetric matrices, definite or not, n³/3; the object also has `inertia`.
 * - 'lu': any matrix, 2n³/3.
 * - 'qr': any matrix, 4n³/3, without growth of the elements.
 * @param a [..., n, n], f64 or f32; for 'cholesky' and 'ldlt' only the lower triangle is read. It is copied.
 * @throws NotPositiveDefiniteError with `.index` ('cholesky'), ShapeError, DTypeError, ArgumentError; `solve` and
 * `inverse` throw SingularMatrixError.
 * Source: LAPACK's potrf, getrf, geqrf, sytrf; gecon (Higham, ACM TOMS 14, 1988).
 * @example
 * using f = linalg.factor(a, { kind: 'lu' });
 * const x = f.solve(b);
 * f.rcond().item(); // near 1: well conditioned; near 2⁻⁵²: no digit of x is right
 */
export function factor(a: Tensor, options: { kind: 'ldlt' }): SymmetricFactor;
export function factor(a: Tensor, options: { kind: FactorKind }): Factor;
// The kind has no default: without options the error is that about the kind.
export function factor(a: Tensor, options: { kind: FactorKind } = {} as { kind: FactorKind }): Factor {
  checkFloat('factor', 'a', a);
  checkOptions('factor', options, FACTOR_OPTIONS);
  const { kind } = options;
  if (kind === 'ldlt') return ldltFor('factor', a);
  const rows = typeof kind === 'string' && Object.hasOwn(KINDS, kind) && KINDS[kind];
  if (!rows) {
    throw new ArgumentError(
      `factor: kind must be 'cholesky', 'lu', 'qr' or 'ldlt', got ${describe(kind)} (see the docstring for which to take)`,
    );
  }
  return new KeptFactor('factor', rows, a);
}
