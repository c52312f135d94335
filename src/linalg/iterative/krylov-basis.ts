// A V_m = V_{m+1} H: an orthonormal basis of a Krylov space, and the least-squares problem in it by plane rotations.
import { hypot } from '../../core/scalars.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import { divide, norm2 } from '../blas/tensors.js';
import type { Float } from '../stack.js';
import { givens } from '../structured/givens.js';

export class KrylovBasis {
  /** Number of vectors that have been multiplied by A. */
  size = 0;
  /** True if A mapped the last vector into the space: then the solution lies in it, or there is none. */
  isClosed = false;
  /** True if H turned out to be singular. */
  isSingular = false;

  readonly #n: number;
  readonly #dtype: Float;
  /** The vectors, as rows. */
  readonly #v: Tensor;
  /** Coefficients of one vector, in the element type, and the workspace of gemv. */
  readonly #h: Tensor;
  readonly #work: Tensor;
  /** Columns of H, made upper triangular. */
  readonly #r: number[][] = [];
  readonly #rotations: { c: number; s: number }[] = [];
  /** The right side of the least-squares problem. */
  #g: number[] = [];
  /** The largest ‖A v‖ so far: at most ‖A‖. */
  #largest = 0;

  /** Memory for `m` steps with vectors like `like`. */
  constructor(m: number, like: Tensor) {
    this.#n = like.size;
    this.#dtype = like.dtype as Float;
    this.#v = allocate([m + 1, this.#n], like.dtype, 'gmres');
    this.#h = allocate([m + 1], like.dtype, 'gmres');
    this.#work = allocate([Math.ceil(blas.exports.gemv_work() / 8)], 'f64', 'gmres');
  }

  /** Restarts with r / ‖r‖. */
  start(r: Tensor, length: number): void {
    this.size = 0;
    this.isClosed = this.isSingular = false;
    this.#r.length = this.#rotations.length = 0;
    this.#g = [length];
    this.#store(0, r, length);
  }

  /** Copies the newest vector. */
  newest(into: Tensor): void {
    into.data().set(this.#v.data().subarray(this.size * this.#n, (this.size + 1) * this.#n));
  }

  /**
   * Adds w = A times the newest vector, and overwrites it; returns the norm of the residual that can now be reached.
   */
  extend(w: Tensor, eps: number): number {
    const j = this.size;
    const length = norm2(w);
    const column = new Array<number>(j + 1).fill(0);
    // Twice is enough (Giraud, Langou, Rozložník and van den Eshof, 2005).
    for (let pass = 0; pass < 2; pass++) {
      this.#gemv(j + 1, this.#n, 1, this.#n, 1, w.address, 0, this.#h.address);
      this.#gemv(this.#n, j + 1, -1, 1, this.#n, this.#h.address, 1, w.address);
      const h = this.#h.data();
      for (let i = 0; i <= j; i++) column[i] += h[i];
    }
    let next = norm2(w);
    // The rest of w is rounding: the space is closed.
    if (next <= 10 * eps * length) {
      this.isClosed = true;
      next = 0;
    } else this.#store(j + 1, w, next);
    this.#rotations.forEach(({ c, s }, i) => {
      const [a, b] = [column[i], column[i + 1]];
      column[i] = c * a + s * b;
      column[i + 1] = c * b - s * a;
    });
    const { c, s, r } = givens(column[j], next);
    this.#largest = Math.max(this.#largest, length);
    if (this.isClosed || !(Math.abs(r) > 10 * eps * length)) {
      // R z = r e_j for z = (-R⁻¹ column, 1): the smallest singular value of R is at most r / ‖z‖.
      const z = hypot(1, ...this.#solve(column, j));
      this.isClosed = true;
      this.isSingular = !(Math.abs(r) > 10 * eps * this.#largest * z);
    }
    column[j] = r;
    this.#r.push(column);
    this.#rotations.push({ c, s });
    const g = this.#g[j];
    this.#g[j] = c * g;
    this.#g.push(-s * g);
    this.size++;
    return Math.abs(s * g);
  }

  /** into := V y with the least-squares solution y; leaves out a last column that is numerically zero. */
  combine(into: Tensor): void {
    const m = this.isSingular ? this.size - 1 : this.size;
    const y = this.#h.data();
    y.set(this.#solve(this.#g, m));
    if (m === 0) into.data().fill(0);
    else this.#gemv(this.#n, m, 1, 1, this.#n, this.#h.address, 0, into.address);
  }

  /** R⁻¹ times the first m numbers, with the leading m x m part of R. */
  #solve(right: readonly number[], m: number): number[] {
    const x = right.slice(0, m);
    for (let i = m - 1; i >= 0; i--) {
      for (let j = i + 1; j < m; j++) x[i] -= this.#r[j][i] * x[j];
      x[i] /= this.#r[i][i];
    }
    return x;
  }

  /** y := alpha op(V) x + beta y with op(V) rows x columns. */
  #gemv(
    rows: number,
    columns: number,
    alpha: number,
    rowStride: number,
    columnStride: number,
    x: number,
    beta: number,
    y: number,
  ): void {
    const gemv = blas.exports[`gemv_${this.#dtype}`];
    const v = this.#v.address;
    gemv(rows, columns, alpha, v, rowStride, columnStride, x, 1, beta, y, 1, this.#work.address);
  }

  /** Vector i := x / length. */
  #store(i: number, x: Tensor, length: number): void {
    divide(x, length);
    this.#v.data().set(x.data(), i * this.#n);
  }
}
