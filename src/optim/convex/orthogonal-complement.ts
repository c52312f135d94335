// v - Q Qᵀv for an orthonormal basis Q: the part of v orthogonal to the columns of a matrix.
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { inner, view } from '../../linalg/blas/addresses.js';
import { qr } from '../../linalg/dense/qr.js';

/** Projects on the orthogonal complement of the columns of a matrix. */
export class OrthogonalComplement {
  /** Orthonormal columns, the most significant first, and the new part of each. */
  readonly #basis: Float64Array[];
  readonly #sizes: Float64Array;

  constructor(B: Tensor) {
    const [rows, columns] = B.shape;
    const rank = Math.min(rows, columns);
    this.#basis = Array.from({ length: rank }, () => new Float64Array(rows));
    this.#sizes = new Float64Array(rank);
    if (rank === 0) return;
    scope(() => {
      const { q, r } = qr(B, { pivot: true });
      const [Q, R] = [view(q), view(r)];
      this.#basis.forEach((column, k) => {
        this.#sizes[k] = Math.abs(R[k * columns + k]);
        for (let i = 0; i < rows; i++) column[i] = Q[i * rank + k];
      });
    });
  }

  /**
   * v := its projection; columns whose new part is below `rounding`, relative to the largest, count as combinations of
   * others. Done twice, so that the error is rounding relative to the result (Parlett, The Symmetric Eigenvalue
   * Problem, 6.9).
   */
  project(v: Float64Array, rounding: number): void {
    for (let time = 0; time < 2; time++) {
      for (let k = 0; k < this.#basis.length && this.#sizes[k] > rounding * this.#sizes[0]; k++) {
        const column = this.#basis[k];
        const share = inner(column, v);
        for (let i = 0; i < v.length; i++) v[i] -= share * column[i];
      }
    }
  }
}
