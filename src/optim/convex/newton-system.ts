// [P + δI, Aᵀ, Gᵀ; A, 0, 0; G, 0, -W] u = r with W = diag(s / λ): the system of a step of an interior-point method.
import { allocate, type Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { gemv, gemvTransposed, maxAbs, view } from '../../linalg/blas/addresses.js';
import type { ConvexProgram } from './program.js';
import { SymmetricSystem } from './symmetric-system.js';

/** δ makes systems solvable whose matrix is singular; the data have entries of about 1. */
export const PROXIMAL = 1e-10;
/** Rows with 1 / W above this stay rows of the system, so that nothing large is added to P. */
const LARGE = 1e4;
/** Largest number of refinement steps. */
const REFINEMENTS = 6;

/**
 * Factors and solves. Inequalities that are far from active are eliminated, P + Gᵀ W⁻¹ G; those near active, whose
 * weights grow without bound, are kept as rows. Together with LDLᵀ and refinement on the whole system this keeps the
 * accuracy to the end.
 */
export class NewtonSystem {
  factorizations = 0;
  readonly #program: ConvexProgram;
  readonly #system: SymmetricSystem;
  /** Rows of G times the square roots of their weights. */
  readonly #rows: Tensor;
  readonly #work: Tensor;
  /** 1 / W. */
  readonly #weights: Float64Array;
  #kept: number[] = [];
  /** Largest number of rows that are kept. */
  readonly #most: number;
  readonly #residual: Tensor;
  readonly #reduced: Tensor;
  readonly #scratch: Tensor;
  readonly #correction: Float64Array;

  constructor(program: ConvexProgram) {
    const { n, m, p } = program;
    const user = 'convex';
    this.#program = program;
    this.#most = Math.min(m, n);
    this.#system = new SymmetricSystem(n + p + this.#most, 'f64', user);
    this.#rows = allocate([(m + p) * n], 'f64', user);
    this.#work = allocate([Math.ceil(lapack.exports.level3_f64_work(n, n, m + p) / 8)], 'f64', user);
    this.#weights = new Float64Array(m);
    this.#residual = allocate([n + p + m], 'f64', user);
    this.#reduced = allocate([n + p + this.#most], 'f64', user);
    this.#scratch = allocate([m], 'f64', user);
    this.#correction = new Float64Array(n + p + m);
  }

  /** Factors for these 1 / W (0 removes a row); false if that is not possible. */
  factor(weights: ArrayLike<number>): boolean {
    const { n, m, p, P, G, A } = this.#program;
    this.#weights.set(weights);
    this.factorizations++;
    const kept: number[] = [];
    for (let i = 0; i < m; i++) if (weights[i] > LARGE) kept.push(i);
    if (kept.length > this.#most) {
      kept.sort((i, j) => weights[j] - weights[i]);
      kept.length = this.#most;
    }
    this.#kept = kept;
    const isKept = new Uint8Array(m);
    for (const i of kept) isKept[i] = 1;
    const N = n + p + kept.length;
    const [M, from] = [view(this.#system.matrix), view(G)];
    const [quadratic, equalities] = [view(P), view(A)];
    for (let i = 0; i < n; i++) {
      M.set(quadratic.subarray(i * n, i * n + i + 1), i * N);
      M[i * N + i] += PROXIMAL;
    }
    this.#weigh(G, (i) => (isKept[i] === 1 ? 0 : weights[i]), this.#system.matrix.address, N);
    const bottom = M.subarray(n * N, N * N).fill(0);
    for (let i = 0; i < p; i++) {
      bottom.set(equalities.subarray(i * n, (i + 1) * n), i * N);
      bottom[i * N + n + i] = -PROXIMAL;
    }
    kept.forEach((row, k) => {
      bottom.set(from.subarray(row * n, (row + 1) * n), (p + k) * N);
      bottom[(p + k) * N + n + p + k] = -1 / weights[row];
    });
    return this.#system.factor(N);
  }

  /**
   * M := M + Cᵀ diag(weights) C in the lower triangle of the n x n matrix there; C has the rows of G, and then those of
   * A.
   */
  addGram(C: Tensor, weights: ArrayLike<number>, matrix: number): void {
    this.#weigh(C, (i) => weights[i], matrix, this.#program.n);
  }

  #weigh(C: Tensor, weightOf: (row: number) => number, matrix: number, stride: number): void {
    const { n } = this.#program;
    const [from, rows] = [view(C), view(this.#rows)];
    let count = 0;
    for (let i = 0; i < C.shape[0]; i++) {
      const weight = weightOf(i);
      if (weight === 0) continue;
      const root = Math.sqrt(weight);
      for (let j = 0, at = count++ * n; j < n; j++, at++) rows[at] = root * from[i * n + j];
    }
    if (count === 0 || n === 0) return;
    const [a, work] = [this.#rows.address, this.#work.address];
    lapack.exports.syrk_f64(n, count, 1, a, 1, n, 1, matrix, stride, 1, work);
  }

  /** u := the solution for r, both [n + p + m]. */
  solve(r: Tensor, u: Tensor): void {
    const residual = this.#residual;
    view(u).fill(0);
    view(residual).set(view(r));
    let before = maxAbs(view(r));
    const enough = 1e-15 * before;
    const x = view(u);
    for (let k = 0; k < REFINEMENTS && before > enough; k++) {
      const step = this.#correct(residual);
      for (let i = 0; i < x.length; i++) x[i] += step[i];
      this.#remainder(r, u, residual);
      const now = maxAbs(view(residual));
      if (k > 0 && !(now < before)) {
        for (let i = 0; i < x.length; i++) x[i] -= step[i];
        return;
      }
      if (k > 0 && now > 0.5 * before) return;
      before = now;
    }
  }

  /** e := r - K u. */
  #remainder(r: Tensor, u: Tensor, e: Tensor): void {
    const { n, m, p, P, G, A } = this.#program;
    const work = this.#program.work.address;
    const [x, y, z] = [u.address, u.address + 8 * n, u.address + 8 * (n + p)];
    const [e1, e2, e3] = [e.address, e.address + 8 * n, e.address + 8 * (n + p)];
    const [from, out, w] = [view(u), view(e), this.#weights];
    out.set(view(r));
    for (let i = 0; i < n; i++) out[i] -= PROXIMAL * from[i];
    gemv(P, -1, x, 1, e1, work);
    if (p > 0) {
      gemvTransposed(A, -1, y, 1, e1, work);
      gemv(A, -1, x, 1, e2, work);
    }
    if (m === 0) return;
    gemvTransposed(G, -1, z, 1, e1, work);
    gemv(G, -1, x, 1, e3, work);
    for (let i = 0, at = n + p; i < m; i++, at++) out[at] = w[i] === 0 ? 0 : out[at] + from[at] / w[i];
  }

  /** The solution of the reduced system for e, in the order of the whole one; the next call overwrites it. */
  #correct(e: Tensor): Float64Array {
    const { n, m, p, G } = this.#program;
    const work = this.#program.work.address;
    const [w, kept] = [this.#weights, this.#kept];
    const [right, small, v] = [view(e), view(this.#reduced), view(this.#scratch)];
    small.set(right.subarray(0, n + p));
    const at = n + p;
    for (let i = 0; i < m; i++) v[i] = w[i] * right[at + i];
    kept.forEach((row, k) => {
      v[row] = 0;
      small[at + k] = right[at + row];
    });
    if (m > 0) gemvTransposed(G, 1, this.#scratch.address, 1, this.#reduced.address, work);
    this.#system.solve(this.#reduced.address);
    if (m > 0) gemv(G, 1, this.#reduced.address, 0, this.#scratch.address, work);
    const out = this.#correction;
    out.set(small.subarray(0, at));
    for (let i = 0; i < m; i++) out[at + i] = w[i] * (v[i] - right[at + i]);
    kept.forEach((row, k) => {
      out[at + row] = small[at + k];
    });
    return out;
  }
}
