// Newton's method on ∇f(x) + Aᵀν = 0, A x = b: each step solves [∇²f, Aᵀ; A, 0] [d; w] = [-∇f; b - A x] and sets ν to
// w.

import { hypot } from '../../core/scalars.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { inner, maxAbs, view } from '../../linalg/blas/addresses.js';
import { unitRoundoffOf } from '../../linalg/blas/tensors.js';
import type { SolutionStatus } from '../../solve/solution.js';
import { SymmetricSystem } from './symmetric-system.js';

/** The function to minimise: an Objective, or a sum of such. */
export interface Smooth {
  value(x: Tensor): number;
  valueAndGradient(x: Tensor, g: Tensor): number;
  hessian(x: Tensor, H: Tensor): void;
}

/** Rows of A x = b, independent, in f64. */
export interface Equalities {
  A: Tensor;
  b: Tensor;
}

/** Required decrease, the factor between trial steps, and the shortest step. */
const ARMIJO = 0.01;
const SHRINK = 0.5;
const SHORTEST = 2 ** -50;

/**
 * Takes Newton steps. From points with A x = b, the line search is that of a descent method; elsewhere, and if f falls
 * by less than rounding, the norm of all residuals must fall. Linear algebra is in f64 for either dtype of x.
 * Source: Boyd & Vandenberghe, Convex Optimization, sections 10.2 and 10.3; Nocedal & Wright, Algorithm B.1 (inertia).
 */
export class ConstrainedNewton {
  value = Number.NaN;
  /** Length of the last step. */
  step = 0;
  /** dᵀ∇²f d at the last step: if the point was feasible, about twice the remaining decrease of f. */
  decrement = Number.POSITIVE_INFINITY;
  factorizations = 0;
  x: Tensor;
  /** In f64. */
  readonly nu: Float64Array;
  readonly #f: Smooth;
  readonly #A: Float64Array;
  readonly #b: Float64Array;
  readonly #n: number;
  readonly #p: number;
  readonly #rounding: number;
  readonly #H: Tensor;
  readonly #system: SymmetricSystem;
  readonly #right: Tensor;
  #trial: Tensor;
  #gradient: Tensor;
  #trialGradient: Tensor;
  #shift = 0;

  /** x is updated in place. */
  constructor(name: string, f: Smooth, x: Tensor, { A, b }: Equalities) {
    const [n, p] = [x.size, b.size];
    const vector = () => allocate([n], x.dtype, name);
    this.#f = f;
    this.x = x;
    this.#n = n;
    this.#p = p;
    this.#rounding = unitRoundoffOf(x);
    this.#trial = vector();
    this.#gradient = vector();
    this.#trialGradient = vector();
    this.#H = allocate([n, n], x.dtype, name);
    this.#system = new SymmetricSystem(n + p, 'f64', name);
    this.#right = allocate([n + p], 'f64', name);
    this.nu = new Float64Array(p);
    // In JavaScript's memory: f may make WASM's memory grow.
    this.#A = view(A).slice();
    this.#b = view(b).slice();
    this.refresh();
  }

  /** Evaluates x again, after f has become another function. */
  refresh(): void {
    this.value = this.#f.valueAndGradient(this.x, this.#gradient);
    this.decrement = Number.POSITIVE_INFINITY;
  }

  /** The largest entry of |∇f + Aᵀν|. */
  get stationarity(): number {
    return maxAbs(this.#dual(this.#gradient, this.nu));
  }

  /** The largest entry of |A x - b|. */
  get primal(): number {
    return maxAbs(this.#primal(this.x));
  }

  /** Whether A x = b up to rounding. */
  get isFeasible(): boolean {
    const scale = 1 + maxAbs(this.#b) + maxAbs(this.x.data()) * maxAbs(this.#A);
    return this.primal <= 64 * this.#n * this.#rounding * scale;
  }

  /** One step, or the reason why there is none; then x is unchanged. */
  advance(): SolutionStatus | undefined {
    const [n, p] = [this.#n, this.#p];
    if (!Number.isFinite(this.value) || !Number.isFinite(this.stationarity)) return 'notFinite';
    this.#f.hessian(this.x, this.#H);
    if (!Number.isFinite(maxAbs(this.#H.data()))) return 'notFinite';
    if (!this.#factor()) return 'singular';
    const gradient = this.#gradient.data();
    const right = view(this.#right);
    const away = this.#primal(this.x);
    for (let i = 0; i < n; i++) right[i] = -gradient[i];
    for (let i = 0; i < p; i++) right[n + i] = -away[i];
    this.#system.solve(this.#right.address);
    const d = right.slice(0, n);
    const turn = Float64Array.from({ length: p }, (_, i) => right[n + i] - this.nu[i]);
    if (!Number.isFinite(maxAbs(d)) || !Number.isFinite(maxAbs(turn))) return 'singular';
    const slope = inner(gradient, d);
    const isFeasible = this.isFeasible;
    this.decrement = isFeasible ? Math.max(0, -slope) : Number.POSITIVE_INFINITY;
    const isVisible = -slope > 1e3 * this.#rounding * Math.abs(this.value);
    if (isFeasible && isVisible) return this.#descend(d, turn, slope);
    return this.#reduce(d, turn, isFeasible);
  }

  /** Line search by decrease of f. */
  #descend(d: Float64Array, turn: Float64Array, slope: number): SolutionStatus | undefined {
    for (let t = 1; t >= SHORTEST; t *= SHRINK) {
      this.#moveTo(t, d);
      const value = this.#f.value(this.#trial);
      if (value === Number.NEGATIVE_INFINITY) return 'unbounded';
      if (!(value <= this.value + ARMIJO * t * slope)) continue;
      const exact = this.#f.valueAndGradient(this.#trial, this.#trialGradient);
      this.#accept(t, exact, turn);
      return undefined;
    }
    return 'lineSearch';
  }

  /** Line search by decrease of the norm of (∇f + Aᵀν, A x - b). */
  #reduce(d: Float64Array, turn: Float64Array, isFeasible: boolean): SolutionStatus | undefined {
    const norm = (gradient: Tensor, nu: Float64Array, x: Tensor) =>
      hypot(length(this.#dual(gradient, nu)), length(this.#primal(x)));
    const before = norm(this.#gradient, this.nu, this.x);
    // From a feasible point only the rounding error remains to be reduced: short steps are noise.
    const shortest = isFeasible ? 2 ** -8 : SHORTEST;
    for (let t = 1; t >= shortest; t *= SHRINK) {
      this.#moveTo(t, d);
      const value = this.#f.valueAndGradient(this.#trial, this.#trialGradient);
      if (!Number.isFinite(value)) continue;
      const nu = this.nu.map((v, i) => v + t * turn[i]);
      if (!(norm(this.#trialGradient, nu, this.#trial) <= (1 - ARMIJO * t) * before)) continue;
      this.#accept(t, value, turn);
      return undefined;
    }
    return isFeasible ? 'stalled' : 'lineSearch';
  }

  #moveTo(t: number, d: Float64Array): void {
    const [from, to] = [this.x.data(), this.#trial.data()];
    for (let i = 0; i < d.length; i++) to[i] = from[i] + t * d[i];
  }

  #accept(t: number, value: number, turn: Float64Array): void {
    [this.x, this.#trial] = [this.#trial, this.x];
    [this.#gradient, this.#trialGradient] = [this.#trialGradient, this.#gradient];
    for (let i = 0; i < turn.length; i++) this.nu[i] += t * turn[i];
    this.value = value;
    this.step = t;
  }

  /** ∇f + Aᵀν. */
  #dual(gradient: Tensor, nu: Float64Array): Float64Array {
    const [n, A, out] = [this.#n, this.#A, Float64Array.from(gradient.data())];
    for (let i = 0; i < nu.length; i++) for (let j = 0; j < n; j++) out[j] += nu[i] * A[i * n + j];
    return out;
  }

  /** A x - b. */
  #primal(at: Tensor): Float64Array {
    const [n, A, x] = [this.#n, this.#A, at.data()];
    return this.#b.map((b, i) => {
      let sum = -b;
      for (let j = 0; j < n; j++) sum += A[i * n + j] * x[j];
      return sum;
    });
  }

  /** Factors; adds a multiple of the identity to ∇²f if it is not positive definite on A d = 0. */
  #factor(): boolean {
    const [n, p] = [this.#n, this.#p];
    // Not so small that a fraction of it underflows.
    const size = Math.max(maxAbs(this.#H.data()), 1e-200);
    for (let shift = 0; ; shift = Math.max(10 * shift, this.#shift / 10, 1e-10 * size)) {
      this.#write(shift);
      this.factorizations++;
      this.#system.factor(n + p);
      const { positive, negative } = this.#system.inertia();
      if (positive === n && negative === p) {
        this.#shift = shift;
        return true;
      }
      if (shift > 1e10 * size) return false;
    }
  }

  #write(shift: number): void {
    const [n, p, A] = [this.#n, this.#p, this.#A];
    const [H, M] = [this.#H.data(), view(this.#system.matrix)];
    const N = n + p;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) M[i * N + j] = H[i * n + j];
      M[i * N + i] += shift;
    }
    for (let i = 0; i < p; i++) {
      const row = (n + i) * N;
      M.fill(0, row, row + N);
      M.set(A.subarray(i * n, (i + 1) * n), row);
    }
  }
}

/** The Euclidean norm. */
const length = (v: Float64Array) => Math.sqrt(inner(v, v));
