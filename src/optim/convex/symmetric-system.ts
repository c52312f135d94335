// P M Pᵀ = L D Lᵀ of a symmetric matrix, definite or not, in preallocated memory.
import { bytesPerElement } from '../../core/dtype.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { ldlt } from '../../generated/ldlt.js';
import type { Float } from '../../linalg/stack.js';

/**
 * Factors and solves systems of up to `capacity` unknowns without allocating. Its tensors belong to the caller's scope.
 */
export class SymmetricSystem {
  /** Address of the matrix, row after row of length `size`; only the lower triangle is read. `factor` destroys it. */
  readonly matrix: Tensor;
  readonly #off: Tensor;
  readonly #order: Tensor;
  readonly #work: Tensor;
  readonly #dtype: Float;
  #size = 0;

  /** `columns`: the most right sides at a time. */
  constructor(capacity: number, dtype: Float, user: string, columns = 1) {
    const k = ldlt.exports;
    const bytes = Math.max(k[`sytrf_${dtype}_work`](capacity), k[`sytrs_${dtype}_work`](capacity, columns));
    this.#dtype = dtype;
    this.matrix = allocate([capacity * capacity], dtype, user);
    this.#off = allocate([capacity], dtype, user);
    this.#order = allocate([capacity], 'i32', user);
    // The info of the factorization comes after the workspace.
    this.#work = allocate([Math.ceil(bytes / bytesPerElement(dtype)) + 1], dtype, user);
  }

  /** Factors the matrix of this size at `matrix`; false if a pivot is exactly zero or not finite. */
  factor(size: number): boolean {
    this.#size = size;
    if (size === 0) return true;
    const { matrix } = this;
    const work = this.#work.address;
    const info = work + (this.#work.size - 1) * bytesPerElement(this.#dtype);
    ldlt.exports[`sytrf_${this.#dtype}`](
      1,
      size,
      matrix.address,
      this.#off.address,
      this.#order.address,
      info,
      work,
    );
    const { positive, negative } = this.inertia();
    return positive + negative === size;
  }

  /** X := M⁻¹ X at this address, rows of `columns` numbers. */
  solve(x: number, columns = 1): void {
    const n = this.#size;
    if (n === 0) return;
    const parts = [this.matrix.address, this.#off.address, this.#order.address] as const;
    ldlt.exports[`sytrs_${this.#dtype}`](1, n, columns, ...parts, 0, x, 0, this.#work.address);
  }

  /** The numbers of positive and negative eigenvalues; zeros and NaN count in neither. */
  inertia(): { positive: number; negative: number } {
    const n = this.#size;
    const [d, e] = [this.matrix.data(), this.#off.data()];
    let [positive, negative] = [0, 0];
    for (let row = 0; row < n; row++) {
      const pivot = d[row * n + row];
      if (e[row] !== 0) {
        // A 2 x 2 block is used only if its determinant is negative.
        if (Number.isFinite(pivot) && Number.isFinite(e[row])) {
          positive++;
          negative++;
        }
        row++;
      } else if (pivot > 0 && pivot < Number.POSITIVE_INFINITY) positive++;
      else if (pivot < 0 && pivot > Number.NEGATIVE_INFINITY) negative++;
    }
    return { positive, negative };
  }
}
