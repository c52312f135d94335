// B = θ I - W K⁻¹ Wᵀ, W = [Y, θ S]: the BFGS matrix of the last pairs in compact form, for L-BFGS-B.
import { OutOfMemoryError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import type { Float } from '../../linalg/stack.js';
import type { DescentState } from '../method.js';
import { CurvaturePairs } from './curvature-pairs.js';

/** Memory for the inner products of this many pairs. */
function gramOf(history: number): Float64Array {
  const length = 4 * history * history;
  try {
    return new Float64Array(length);
  } catch {
    throw new OutOfMemoryError(
      `lbfgsb: a history of ${history} needs ${8 * length} bytes, which cannot be had`,
    );
  }
}

/**
 * The matrix, with K = [-D, Lᵀ; L, θ SᵀS], D the diagonal and L the lower triangle of SᵀY. Small matrices are f64 for
 * either dtype.
 * Source: Byrd, Nocedal and Schnabel, Math. Programming 63 (1994), Theorem 2.3; Byrd, Lu, Nocedal and Zhu, equation
 * (3.2).
 */
export class CompactHessian {
  readonly pairs: CurvaturePairs;
  readonly #descent: DescentState;
  /** Inner products of s and y of all positions: entry (2 p + half) * 2 m + (2 q + half). */
  readonly #gram: Float64Array;
  #factored: SmallLU | undefined;

  constructor(descent: DescentState, history: number) {
    this.#descent = descent;
    this.#gram = gramOf(history);
    this.pairs = new CurvaturePairs(descent, history);
  }

  get theta(): number {
    return 1 / this.pairs.scaling;
  }

  /** 2 k, the columns of W. */
  get width(): number {
    return 2 * this.pairs.count;
  }

  clear(): void {
    this.pairs.clear();
    this.#factored = undefined;
  }

  /** Updates the matrix from the accepted step; forgets all pairs if it cannot be inverted. */
  update(): void {
    const { pairs } = this;
    if (!pairs.add()) return;
    const { x } = this.#descent;
    const dot = blas.exports[`dot_${x.dtype as Float}`];
    const [fresh, side] = [pairs.slot(pairs.count - 1), 2 * pairs.limit];
    for (let j = 0; j < pairs.count; j++) {
      for (let halves = 0; halves < 4; halves++) {
        const [a, b] = [2 * fresh + (halves & 1), 2 * pairs.slot(j) + (halves >> 1)];
        const product = dot(
          x.size,
          pairs.at(a >> 1, (a & 1) as 0 | 1),
          1,
          pairs.at(b >> 1, (b & 1) as 0 | 1),
          1,
        );
        this.#gram[a * side + b] = product;
        this.#gram[b * side + a] = product;
      }
    }
    this.#factored = SmallLU.of(this.#middle());
    if (this.#factored === undefined) this.clear();
  }

  /** The inner product of columns of [Y, S] in the order of W, without θ. */
  #inner(a: number, b: number): number {
    const { pairs } = this;
    const { count: k } = pairs;
    const entry = (j: number) => 2 * pairs.slot(j % k) + (j < k ? 1 : 0);
    return this.#gram[entry(a) * 2 * pairs.limit + entry(b)];
  }

  /** K. */
  #middle(): Float64Array {
    const { width: w, theta } = this;
    const k = w / 2;
    const K = new Float64Array(w * w);
    for (let i = 0; i < k; i++) {
      K[i * w + i] = -this.#inner(k + i, i);
      for (let j = 0; j < k; j++) {
        K[(k + i) * w + k + j] = theta * this.#inner(k + i, k + j);
        if (i > j) K[(k + i) * w + j] = K[j * w + k + i] = this.#inner(k + i, j);
      }
    }
    return K;
  }

  /** v := K⁻¹ v. */
  solve(v: Float64Array): Float64Array {
    return this.#factored === undefined ? v : this.#factored.solve(v);
  }

  /** Wᵀ v. */
  project(v: Tensor): Float64Array {
    const { pairs, theta, width: w } = this;
    const dot = blas.exports[`dot_${v.dtype as Float}`];
    const out = new Float64Array(w);
    for (let j = 0; j < w / 2; j++) {
      out[j] = dot(v.size, pairs.at(pairs.slot(j), 1), 1, v.address, 1);
      out[w / 2 + j] = theta * dot(v.size, pairs.at(pairs.slot(j), 0), 1, v.address, 1);
    }
    return out;
  }

  /** out := out + W v. */
  expand(v: Float64Array, out: Tensor): void {
    const { pairs, theta, width: w } = this;
    const axpy = blas.exports[`axpy_${out.dtype as Float}`];
    for (let j = 0; j < w / 2; j++) {
      axpy(out.size, v[j], pairs.at(pairs.slot(j), 1), 1, out.address, 1);
      axpy(out.size, theta * v[w / 2 + j], pairs.at(pairs.slot(j), 0), 1, out.address, 1);
    }
  }

  /** out := row i of W. */
  row(i: number, out: Float64Array): void {
    const { pairs, theta, width: w } = this;
    const [n, { data }] = [this.#descent.x.size, pairs];
    for (let j = 0; j < w / 2; j++) {
      const at = 2 * pairs.slot(j) * n + i;
      out[j] = data[at + n];
      out[w / 2 + j] = theta * data[at];
    }
  }

  /** Factors K - W_fᵀ W_f / θ, with the rows of W of the free variables; undefined if it is singular. */
  reduced(fixed: Uint8Array): SmallLU | undefined {
    const { width: w, theta } = this;
    let count = 0;
    for (const one of fixed) count += one;
    // Computed from the fewer rows: those of the free variables, or all less those of the fixed ones.
    const few = count < fixed.length / 2;
    const G = new Float64Array(w * w);
    const row = new Float64Array(w);
    for (let i = 0; i < fixed.length; i++) {
      if ((fixed[i] === 1) !== few) continue;
      this.row(i, row);
      for (let a = 0; a < w; a++) for (let b = 0; b <= a; b++) G[a * w + b] += row[a] * row[b];
    }
    const K = this.#middle();
    const weight = (a: number) => (a < w / 2 ? 1 : theta);
    for (let a = 0; a < w; a++) {
      for (let b = 0; b < w; b++) {
        const part = G[Math.max(a, b) * w + Math.min(a, b)];
        const free = few ? weight(a) * weight(b) * this.#inner(a, b) - part : part;
        K[a * w + b] -= free / theta;
      }
    }
    return SmallLU.of(K);
  }
}

/** A small square matrix, factored with partial pivoting. */
export class SmallLU {
  readonly #lu: Float64Array;
  readonly #order: Int32Array;

  private constructor(lu: Float64Array, order: Int32Array) {
    this.#lu = lu;
    this.#order = order;
  }

  /** Overwrites a; undefined if a pivot is zero or not finite. */
  static of(a: Float64Array): SmallLU | undefined {
    const n = Math.sqrt(a.length);
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let k = 0; k < n; k++) {
      let pivot = k;
      for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
      if (pivot !== k) {
        [order[k], order[pivot]] = [order[pivot], order[k]];
        for (let j = 0; j < n; j++) [a[k * n + j], a[pivot * n + j]] = [a[pivot * n + j], a[k * n + j]];
      }
      const top = a[k * n + k];
      if (!Number.isFinite(top) || top === 0) return undefined;
      for (let i = k + 1; i < n; i++) {
        const factor = (a[i * n + k] /= top);
        for (let j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
      }
    }
    return new SmallLU(a, order);
  }

  /** The solution, a new array. */
  solve(v: Float64Array): Float64Array {
    const [a, n] = [this.#lu, v.length];
    const x = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      x[i] = v[this.#order[i]];
      for (let j = 0; j < i; j++) x[i] -= a[i * n + j] * x[j];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i] -= a[i * n + j] * x[j];
      x[i] /= a[i * n + i];
    }
    return x;
  }
}
