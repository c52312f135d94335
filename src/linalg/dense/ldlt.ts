// P A Pᵀ = L D Lᵀ for symmetric A, definite or not: L unit lower triangular, D with 1 x 1 and 2 x 2 blocks.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { ldltRows } from '../factor/ldlt.js';
import { type Factor, KeptFactor } from '../factor/object.js';

/** The numbers of positive, negative and zero eigenvalues. */
export interface Inertia {
  positive: number;
  negative: number;
  zero: number;
}

/** A factored symmetric matrix, or a stack of them, with the methods of every factorization and the inertia. */
export interface SymmetricFactor extends Factor {
  /**
   * The inertia of A, which equals that of D by Sylvester's law; NaN if A holds NaN. `index`: the matrix in a stack,
   * counted row-major; default 0.
   */
  inertia(index?: number): Inertia;
}

/**
 * Factors symmetric matrices that need not be definite (KKT systems, indefinite Hessians), by Bunch and Kaufman's
 * pivoting; about n³/3 operations. Singular matrices can be factored too; only `solve` and `inverse` throw. NaN and
 * Infinity give NaN. The same as `factor(a, { kind: 'ldlt' })`.
 * @param a [..., n, n], f64 or f32; only the lower triangle is read.
 * @throws ShapeError, DTypeError; `solve` throws SingularMatrixError with the index of a pivot that is exactly zero.
 * Source: LAPACK's sytrf; Bunch and Kaufman, Math. Comp. 31 (1977).
 * @example
 * using f = linalg.ldlt(kkt);
 * const step = f.solve(rhs);
 * f.inertia(); // { positive: n, negative: m, zero: 0 } at a minimum with m constraints
 */
export function ldlt(a: Tensor): SymmetricFactor {
  return new KeptSymmetricFactor('ldlt', ldltRows, a);
}

class KeptSymmetricFactor extends KeptFactor implements SymmetricFactor {
  /** Counts the signs of the pivots of one matrix. */
  inertia(index = 0): Inertia {
    const [factor, off] = this.partsFor('inertia');
    const n = factor.shape[factor.ndim - 1];
    const count = sizeOf(factor.shape.slice(0, -2));
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new ArgumentError(
        `inertia: index must be an integer from 0 to ${count - 1}, got ${describe(index)}`,
      );
    }
    const [d, e] = [factor.data(), off.data()];
    const pivotOf = (row: number) => d[(index * n + row) * n + row];
    const result = { positive: 0, negative: 0, zero: 0 };
    for (let row = 0; row < n; row++) {
      const [pivot, beside] = [pivotOf(row), e[index * n + row]];
      const isPair = beside !== 0;
      if (Number.isNaN(isPair ? pivot + beside + pivotOf(row + 1) : pivot))
        return { positive: Number.NaN, negative: Number.NaN, zero: Number.NaN };
      if (isPair) {
        // Bunch and Kaufman use a 2 x 2 block only if its determinant is negative.
        result.positive++;
        result.negative++;
        row++;
      } else if (pivot > 0) result.positive++;
      else if (pivot < 0) result.negative++;
      else result.zero++;
    }
    return result;
  }
}
