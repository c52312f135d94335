// How far (x, λ, ν) is from the KKT conditions of a quadratic program, in absolute numbers and relative to their terms.

import { gemv, gemvTransposed, inner, maxAbs, view } from '../../linalg/blas/addresses.js';
import { array, type ConvexProgram } from './program.js';

/** Largest absolute violations. */
export interface Violations {
  /** |P x + q + Gᵀλ + Aᵀν|. */
  stationarity: number;
  /** (G x - h)₊ and |A x - b|. */
  primal: number;
  /** (-λ)₊. */
  dual: number;
  /** |λ_i (G x - h)_i|. */
  complementarity: number;
}

/** The measures of a point. */
export interface Measured extends Violations {
  /** 1/2 xᵀPx + qᵀx. */
  value: number;
  /** xᵀPx + qᵀx + hᵀλ + bᵀν: the value less the dual value, for a dual feasible point. */
  gap: number;
  /**
   * The largest violation or gap, each relative to the largest term of its sum, or to 1 if that is larger. It means
   * something in equilibrated units only: there 1 is the size of what the data ask for, and a residual stays small
   * where the solution, and with it all terms of a sum, is zero.
   */
  error: number;
}

/** Measures points; x, λ and ν are tensors [n], [m], [p]. */
export class Measure {
  readonly #program: ConvexProgram;
  readonly #px: ReturnType<typeof array>;
  readonly #gradient: ReturnType<typeof array>;
  readonly #slack: ReturnType<typeof array>;
  readonly #equal: ReturnType<typeof array>;

  constructor(program: ConvexProgram) {
    const { n, m, p } = program;
    this.#program = program;
    this.#px = array('convex', [n]);
    this.#gradient = array('convex', [n]);
    this.#slack = array('convex', [m]);
    this.#equal = array('convex', [p]);
  }

  /** G x - h after `at`. */
  get slack(): Float64Array {
    return view(this.#slack);
  }

  at(x: Iterate['x'], lambda: Iterate['lambda'], nu: Iterate['nu']): Measured {
    const { n, m, p, P, q, G, h, A, b, work } = this.#program;
    const [px, gradient] = [view(this.#px), view(this.#gradient)];
    const [slack, equal, w] = [view(this.#slack), view(this.#equal), work.address];
    gemv(P, 1, x.address, 0, this.#px.address, w);
    let dualScale = Math.max(1, maxAbs(view(q)), maxAbs(px));
    let primalScale = 1;
    if (m > 0) {
      gemvTransposed(G, 1, lambda.address, 0, this.#gradient.address, w);
      dualScale = Math.max(dualScale, maxAbs(gradient));
      gemv(G, 1, x.address, 0, this.#slack.address, w);
      primalScale = Math.max(primalScale, maxAbs(slack));
    } else gradient.fill(0);
    if (p > 0) {
      gemvTransposed(A, 1, nu.address, 1, this.#gradient.address, w);
      gemv(A, 1, x.address, 0, this.#equal.address, w);
      primalScale = Math.max(primalScale, maxAbs(equal));
    }
    const [xs, ls, qs, hs, bs] = [view(x), view(lambda), view(q), view(h), view(b)];
    for (let i = 0; i < n; i++) gradient[i] += px[i] + qs[i];
    let [primal, dual, complementarity] = [0, 0, 0];
    for (let i = 0; i < m; i++) {
      slack[i] -= hs[i];
      primal = worse(primal, slack[i]);
      dual = worse(dual, -ls[i]);
      complementarity = worse(complementarity, Math.abs(ls[i] * slack[i]));
    }
    for (let i = 0; i < p; i++) primal = worse(primal, Math.abs(equal[i] - bs[i]));
    const [quadratic, linear] = [inner(xs, px), inner(qs, xs)];
    const [fromG, fromA] = [inner(hs, ls), inner(bs, view(nu))];
    const stationarity = maxAbs(gradient);
    const gap = quadratic + linear + fromG + fromA;
    const value = 0.5 * quadratic + linear;
    const gapScale = Math.max(1, ...[quadratic, linear, fromG, fromA].map(Math.abs));
    const error = [dual / dualScale, primal / primalScale, Math.abs(gap) / gapScale].reduce(
      worse,
      stationarity / dualScale,
    );
    return { value, stationarity, primal, dual, complementarity, gap, error };
  }
}

/** The larger of two, or NaN. */
export const worse = (a: number, b: number) => (Number.isNaN(a) || a > b ? a : b);

/** Primal and dual variables. */
export interface Iterate {
  x: ReturnType<typeof array>;
  lambda: ReturnType<typeof array>;
  nu: ReturnType<typeof array>;
}
