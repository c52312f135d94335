// The nearest point by guesses of the whole active set: with K = G Gᵀ, λ >= 0, K λ - c >= 0 and λ (K λ - c) = 0, where c = G w - h is how far
// w is outside of each row. Each guess is one Cholesky factorization, and few are needed even where hundreds of rows are active.
// Source: Júdice and Pires, A block principal pivoting algorithm for large-scale strictly monotone linear complementarity problems,
// Computers and Operations Research 21 (1994).

import { lengthOf } from '../../core/scalars.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { GEMV_WORK, gemv, gemvTransposed, maxAbs, view } from '../../linalg/blas/addresses.js';
import { matmul } from '../../ops/matmul.js';

/** Guesses, and how many may go by without fewer rows in the wrong set before rows change sides one at a time. */
const GUESSES = 60;
const PATIENCE = 3;
/** Steps of refinement at the last guess. */
const REFINEMENTS = 4;
/** Values with errors of rounding: a row may be missed by this, relative to its terms. */
const ROUNDING = 1e-13;
/** Rows of length 1 whose part beside the others is smaller than this depend on them. */
const INDEPENDENT = 1e-6;
/** The largest multiplier relative to w: more would cancel in x. */
const LONGEST = 1e3;
/** Multipliers down to this, relative to the largest, are 0. */
const WEAK = 1e-12;

/** The point of G x <= h nearest to w, with numbers of the size of 1; where it is written, and 1 for rows with a multiplier. */
export interface NearestProblem {
  w: Float64Array;
  h: Float64Array;
  x: Float64Array;
  active: Int32Array;
}

/** Solves many problems with one G. Its tensors belong to the scope around. */
export class BlockPivoting {
  readonly #G: Tensor;
  readonly #K: Tensor;
  /** The Cholesky factor of the rows that are guessed, and right-hand sides for it. */
  readonly #L: Tensor;
  readonly #rhs: Tensor;
  /** [m]: multipliers, and how far points are outside; [r]: the point. */
  readonly #lambda: Tensor;
  readonly #outside: Tensor;
  readonly #x: Tensor;
  readonly #info: Tensor;
  readonly #work: Tensor;

  constructor(name: string, G: Tensor) {
    const [m, r] = G.shape;
    const most = Math.min(m, r);
    const make = (size: number, dtype: 'f64' | 'i32' = 'f64') => allocate([size], dtype, name);
    this.#G = G;
    this.#K = matmul(G, G, { transposeB: true });
    this.#L = make(most * most);
    this.#rhs = make(most);
    this.#lambda = make(m);
    this.#outside = make(m);
    this.#x = make(r);
    this.#info = make(1, 'i32');
    this.#work = make(Math.ceil(lapack.exports.level3_f64_work(most, most, most) / 8) + GEMV_WORK);
  }

  /**
   * Writes the point of G x <= h nearest to w to `x`, and 1 to `active` for rows with a multiplier. False where guesses do not settle, where
   * active rows depend on each other, or nearly, and where nothing is nearest.
   */
  solve({ w, h, x, active }: NearestProblem): boolean {
    const length = lengthOf(w);
    const bounds = h.map((side) => ROUNDING * (length + Math.abs(side)));
    const c = this.#outsideAt(w, h).slice();
    const inside = Uint8Array.from(c, (value, i) => Number(value > bounds[i]));
    let [best, patience] = [Number.POSITIVE_INFINITY, PATIENCE];
    for (let guess = 0; guess < GUESSES; guess++) {
      const rows = Array.from(inside.keys()).filter((i) => inside[i] === 1);
      if (rows.length > this.#x.size || !this.#factor(rows)) return false;
      const lambda = view(this.#lambda).fill(0);
      this.#addSolution(rows, c);
      const most = maxAbs(lambda);
      if (!(most <= LONGEST * length)) return false;
      const outside = view(this.#outside);
      outside.set(c);
      gemv(this.#K, -1, this.#lambda.address, 1, this.#outside.address, this.#work.address);
      const wrong = Array.from(inside.keys()).filter((i) =>
        inside[i] === 1 ? lambda[i] < -WEAK * most : outside[i] > bounds[i],
      );
      if (wrong.length === 0) return this.#finish(rows, { w, h, bounds }, x, active);
      if (wrong.length < best) [best, patience] = [wrong.length, PATIENCE];
      else patience--;
      for (const i of patience >= 0 ? wrong : wrong.slice(-1)) inside[i] = 1 - inside[i];
    }
    return false;
  }

  /** Refines x = w - Gᵀ λ for these rows, and checks all of them. */
  #finish(
    rows: readonly number[],
    { w, h, bounds }: { w: Float64Array; h: Float64Array; bounds: Float64Array },
    x: Float64Array,
    active: Int32Array,
  ): boolean {
    for (let step = 0; ; step++) {
      view(this.#x).set(w);
      gemvTransposed(this.#G, -1, this.#lambda.address, 1, this.#x.address, this.#work.address);
      x.set(view(this.#x));
      const outside = this.#outsideAt(x, h);
      if (rows.every((i) => Math.abs(outside[i]) <= 0.01 * bounds[i]) || step === REFINEMENTS) {
        const lambda = view(this.#lambda);
        lambda.forEach((value, i) => {
          active[i] = Number(value > 0);
        });
        return outside.every((value, i) => value <= bounds[i]);
      }
      this.#addSolution(rows, outside);
    }
  }

  /** G x - h. */
  #outsideAt(x: Float64Array, h: Float64Array): Float64Array {
    view(this.#x).set(x);
    const outside = view(this.#outside);
    outside.set(h);
    gemv(this.#G, 1, this.#x.address, -1, this.#outside.address, this.#work.address);
    return outside;
  }

  /** Factors K for these rows; false if they depend on each other. */
  #factor(rows: readonly number[]): boolean {
    const p = rows.length;
    const [K, L, m] = [view(this.#K), view(this.#L), this.#lambda.size];
    for (let i = 0; i < p; i++) for (let j = 0; j <= i; j++) L[i * p + j] = K[rows[i] * m + rows[j]];
    lapack.exports.potrf_f64(1, p, this.#L.address, p, p * p, this.#info.address, this.#work.address);
    if (this.#info.data()[0] !== 0) return false;
    for (let i = 0; i < p; i++) if (!(L[i * (p + 1)] > INDEPENDENT)) return false;
    return true;
  }

  /** λ := λ + K⁻¹ c on these rows. */
  #addSolution(rows: readonly number[], c: Float64Array): void {
    const p = rows.length;
    const [rhs, lambda] = [view(this.#rhs), view(this.#lambda)];
    rows.forEach((row, i) => {
      rhs[i] = c[row];
    });
    lapack.exports.trsv_f64(1, 0, p, this.#L.address, p, 1, this.#rhs.address, 1);
    lapack.exports.trsv_f64(0, 0, p, this.#L.address, 1, p, this.#rhs.address, 1);
    rows.forEach((row, i) => {
      lambda[row] += rhs[i];
    });
  }
}
