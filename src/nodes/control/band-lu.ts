// A x = b for a banded matrix: Gaussian elimination with row exchanges, which keep within twice the band. Work and
// memory are linear in the number of rows.

/** A square matrix with entries only within `reach` of its diagonal. */
export class BandMatrix {
  readonly size: number;
  readonly reach: number;
  /** Row i holds the columns i - reach … i + reach. */
  readonly data: Float64Array;

  constructor(size: number, reach: number) {
    this.size = size;
    this.reach = reach;
    this.data = new Float64Array(size * (2 * reach + 1));
  }

  clear(): void {
    this.data.fill(0);
  }

  add(i: number, j: number, value: number): void {
    this.data[i * (2 * this.reach + 1) + j - i + this.reach] += value;
  }

  /** out := b - A x; gives the largest |A| |x| + |b|, which says how large rounding errors in it are. */
  residual(b: Float64Array, x: Float64Array, out: Float64Array): number {
    const { size, reach, data } = this;
    const width = 2 * reach + 1;
    let terms = 0;
    for (let i = 0; i < size; i++) {
      const [from, to] = [Math.max(0, i - reach), Math.min(size - 1, i + reach)];
      const row = i * width - i + reach;
      let total = b[i];
      let sizes = Math.abs(total);
      for (let j = from; j <= to; j++) {
        const term = data[row + j] * x[j];
        total -= term;
        sizes += Math.abs(term);
      }
      out[i] = total;
      if (sizes > terms) terms = sizes;
    }
    return terms;
  }
}

/** Factors of a banded matrix. Source: Golub & Van Loan, Matrix Computations, section 4.3 (LAPACK's gbtrf). */
export class BandLU {
  readonly #size: number;
  readonly #reach: number;
  readonly #lu: Float64Array;
  readonly #pivots: Int32Array;
  readonly #scales: Float64Array;
  /** The smallest pivot, relative to the largest entry that its row had. */
  smallestPivot = 1;

  constructor({ size, reach }: BandMatrix) {
    this.#size = size;
    this.#reach = reach;
    this.#lu = new Float64Array(size * (3 * reach + 1));
    this.#pivots = new Int32Array(size);
    this.#scales = new Float64Array(size);
  }

  /** Factors a matrix of that size, in the memory of the factors before. */
  factor({ data }: BandMatrix): void {
    const [size, reach, lu, pivots, scales] = [this.#size, this.#reach, this.#lu, this.#pivots, this.#scales];
    const [from, width] = [2 * reach + 1, 3 * reach + 1];
    for (let i = 0; i < size; i++) {
      let scale = 0;
      for (let k = 0; k < from; k++) {
        const value = data[i * from + k];
        lu[i * width + k] = value;
        const entry = Math.abs(value);
        if (entry > scale) scale = entry;
      }
      for (let k = from; k < width; k++) lu[i * width + k] = 0;
      scales[i] = scale;
    }
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < size; k++) {
      const end = Math.min(size - 1, k + reach);
      const right = Math.min(size - 1, k + 2 * reach);
      // The row whose entry is the largest of what the row had: rows of different units compare.
      let [pivot, best] = [k, -1];
      for (let i = k; i <= end; i++) {
        const share = Math.abs(lu[i * width + k - i + reach]) / (scales[i] || 1);
        if (share > best) [pivot, best] = [i, share];
      }
      pivots[k] = pivot;
      const own = k * width - k + reach;
      if (pivot !== k) {
        const other = pivot * width - pivot + reach;
        for (let j = k; j <= right; j++) {
          const kept = lu[own + j];
          lu[own + j] = lu[other + j];
          lu[other + j] = kept;
        }
        scales[pivot] = scales[k];
      }
      if (!(best >= least)) least = best;
      const value = lu[own + k];
      if (value === 0) continue;
      for (let i = k + 1; i <= end; i++) {
        const row = i * width - i + reach;
        if (lu[row + k] === 0) continue;
        const factor = lu[row + k] / value;
        lu[row + k] = factor;
        for (let j = k + 1; j <= right; j++) lu[row + j] -= factor * lu[own + j];
      }
    }
    this.smallestPivot = least;
  }

  /** b := A⁻¹ b. */
  solve(b: Float64Array): void {
    const [size, reach, lu, pivots] = [this.#size, this.#reach, this.#lu, this.#pivots];
    const width = 3 * reach + 1;
    for (let k = 0; k < size; k++) {
      const pivot = pivots[k];
      const value = b[pivot];
      b[pivot] = b[k];
      b[k] = value;
      if (value === 0) continue;
      const end = Math.min(size - 1, k + reach);
      for (let i = k + 1; i <= end; i++) b[i] -= lu[i * width + k - i + reach] * value;
    }
    for (let k = size - 1; k >= 0; k--) {
      const row = k * width - k + reach;
      const right = Math.min(size - 1, k + 2 * reach);
      let sum = b[k];
      for (let j = k + 1; j <= right; j++) sum -= lu[row + j] * b[j];
      b[k] = sum / lu[row + k];
    }
  }
}
