// B = H + E: a symmetric matrix made positive definite, so that -B⁻¹ g is a direction of descent.

import { checkAtLeast } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { factorCholesky, solveCholesky } from '../../linalg/blas/systems.js';
import { assign, gemv, maxAbsOf, scale, shiftDiagonal, unitRoundoffOf } from '../../linalg/blas/tensors.js';
import { eighOp } from '../../linalg/dense/eigh.js';
import { applyInto } from '../../ops/op.js';

/** How a Hessian that is not positive definite is modified. */
export interface ModificationOptions {
  /**
   * 'eigenvalues' (default): raises eigenvalues below the cut-off to it; takes an eigendecomposition, but only if there
   * are such.
   * 'absolute': in that case also replaces eigenvalues by their magnitudes (Greenstadt, 1967): shorter steps where H is
   * indefinite.
   * 'cholesky': adds a multiple of the identity, found by trial (Nocedal and Wright, Algorithm 3.3), in a tenth of the
   * time.
   */
  modification?: 'eigenvalues' | 'absolute' | 'cholesky';
  /** The least eigenvalue for the first two; default 1e-6. Never below the rounding of H, u max |h_ij|. */
  cutoff?: number;
}

const MODIFICATIONS = ['eigenvalues', 'absolute', 'cholesky'];

/** The options with their defaults. */
export function checkModification(
  name: string,
  { modification = 'eigenvalues', cutoff = 1e-6 }: ModificationOptions,
): Required<ModificationOptions> {
  if (!MODIFICATIONS.includes(modification)) {
    throw new ArgumentError(
      `${name}: modification must be 'eigenvalues', 'absolute' or 'cholesky', got ${describe(modification)}`,
    );
  }
  checkAtLeast(name, 'cutoff', cutoff, 0);
  return { modification, cutoff };
}

/** The first multiple of the identity that Algorithm 3.3 tries, relative to the largest entry. */
const FIRST_SHIFT = 1e-3;

/**
 * A symmetric matrix H and B. If all eigenvalues of H exceed the cut-off, B is H; this is tested without eigenvalues,
 * by the Cholesky factorization of H - cutoff I. B is then factored by Cholesky, otherwise by eigenvectors. Allocates
 * its tensors when it is made.
 */
export class ModifiedHessian {
  /** H, to be written before `factor`. */
  readonly matrix: Tensor;
  readonly #options: Required<ModificationOptions>;
  /** The Cholesky factor of B, or its eigenvectors. */
  readonly #factor: Tensor;
  /** Eigenvalues of B. */
  readonly #values: Tensor;
  readonly #turned: Tensor;
  #byVectors = false;
  /** The multiple of the identity in B. */
  #shift = 0;

  constructor(x: Tensor, options: Required<ModificationOptions>) {
    const [n, { dtype }] = [x.size, x];
    const make = (...shape: number[]) => allocate(shape, dtype, 'newton');
    this.matrix = make(n, n);
    this.#options = options;
    this.#factor = make(n, n);
    this.#values = make(n);
    this.#turned = make(n);
  }

  /** Whether B differs from H. */
  get isModified(): boolean {
    return this.#byVectors || this.#shift !== 0;
  }

  /** Factors B; false if H is not finite. */
  factor(): boolean {
    const { modification, cutoff } = this.#options;
    const largest = maxAbsOf(this.matrix);
    if (!Number.isFinite(largest)) return false;
    this.#byVectors = false;
    if (modification === 'cholesky') return this.#addIdentity(largest);
    const least = Math.max(cutoff, unitRoundoffOf(this.matrix) * largest);
    if (this.#try(-least) && this.#try(0)) return true;
    return this.#raise(modification === 'absolute', least);
  }

  /** Cholesky of H + shift I. */
  #try(shift: number): boolean {
    this.#shift = shift;
    assign(this.matrix, this.#factor);
    if (shift !== 0) shiftDiagonal(shift, this.#factor);
    return factorCholesky(this.#factor);
  }

  #raise(absolute: boolean, least: number): true {
    this.#byVectors = true;
    applyInto(eighOp, [this.#values, this.#factor], [this.matrix], { method: 'divideAndConquer' });
    const data = this.#values.data();
    for (let i = 0; i < data.length; i++)
      data[i] = Math.max(absolute ? Math.abs(data[i]) : data[i], least) || 1;
    return true;
  }

  #addIdentity(largest: number): boolean {
    const { matrix } = this;
    const [n, data] = [matrix.shape[0], matrix.data()];
    let lowest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < n; i++) lowest = Math.min(lowest, data[i * (n + 1)]);
    const first = FIRST_SHIFT * largest || 1;
    let shift = lowest > 0 ? 0 : first - lowest;
    while (!this.#try(shift)) {
      if (!Number.isFinite(shift)) return false;
      shift = Math.max(2 * shift, first);
    }
    return true;
  }

  /** x := B⁻¹ x. */
  solve(x: Tensor): void {
    if (!this.#byVectors) {
      solveCholesky(this.#factor, x);
      return;
    }
    this.#through(x, x, true);
  }

  /** y := B x; x and y differ. */
  multiply(x: Tensor, y: Tensor): void {
    if (this.#byVectors) {
      this.#through(x, y, false);
      return;
    }
    assign(x, y);
    scale(this.#shift, y);
    gemv(1, this.matrix, x, 1, y);
  }

  /** y := V diag(λ) Vᵀ x, or with 1 / λ. */
  #through(x: Tensor, y: Tensor, inverse: boolean): void {
    gemv(1, this.#factor, x, 0, this.#turned, { transpose: true });
    const [c, values] = [this.#turned.data(), this.#values.data()];
    for (let i = 0; i < c.length; i++) c[i] = inverse ? c[i] / values[i] : c[i] * values[i];
    gemv(1, this.#factor, this.#turned, 0, y);
  }
}
