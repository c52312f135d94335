// How far (x, λ, ν) is from the KKT conditions of a quadratic program, in absolute numbers and relative to the data.

import { inner, largest, multiply, multiplyTransposed, view } from './matrix.js';
import { array, type Program } from './program.js';

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

/** A point measured. */
export interface Measured extends Violations {
  /** 1/2 xᵀPx + qᵀx. */
  value: number;
  /** xᵀPx + qᵀx + hᵀλ + bᵀν: value less dual value where the point is dual feasible. */
  gap: number;
  /** The largest violation or gap in units of the terms that it is the sum of. */
  error: number;
}

/** Measures points; x, λ and ν are tensors [n], [m], [p]. */
export class Measure {
  readonly #program: Program;
  readonly #px: ReturnType<typeof array>;
  readonly #gradient: ReturnType<typeof array>;
  readonly #slack: ReturnType<typeof array>;
  readonly #equal: ReturnType<typeof array>;
  readonly #floor: { dual: number; primal: number };

  constructor(program: Program) {
    const { n, m, p } = program;
    this.#program = program;
    this.#px = array('convex', [n]);
    this.#gradient = array('convex', [n]);
    this.#slack = array('convex', [m]);
    this.#equal = array('convex', [p]);
    const dual = Math.max(largest(view(program.q)), largest(view(program.P)));
    const primal = Math.max(largest(view(program.h)), largest(view(program.b)));
    this.#floor = { dual: dual || 1, primal: primal || 1 };
  }

  /** G x - h after `at`. */
  get slack(): Float64Array {
    return view(this.#slack);
  }

  at(x: Point['x'], lambda: Point['lambda'], nu: Point['nu']): Measured {
    const { n, m, p, P, q, G, h, A, b, work } = this.#program;
    const [px, gradient] = [view(this.#px), view(this.#gradient)];
    const [slack, equal, w] = [view(this.#slack), view(this.#equal), work.address];
    const floor = this.#floor;
    multiply(P, 1, x.address, 0, this.#px.address, w);
    let dualScale = Math.max(floor.dual, largest(px));
    let primalScale = floor.primal;
    if (m > 0) {
      multiplyTransposed(G, 1, lambda.address, 0, this.#gradient.address, w);
      dualScale = Math.max(dualScale, largest(gradient));
      multiply(G, 1, x.address, 0, this.#slack.address, w);
      primalScale = Math.max(primalScale, largest(slack));
    } else gradient.fill(0);
    if (p > 0) {
      multiplyTransposed(A, 1, nu.address, 1, this.#gradient.address, w);
      multiply(A, 1, x.address, 0, this.#equal.address, w);
      primalScale = Math.max(primalScale, largest(equal));
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
    const stationarity = largest(gradient);
    const gap = quadratic + linear + fromG + fromA;
    const value = 0.5 * quadratic + linear;
    const terms = [quadratic, linear, fromG, fromA].map(Math.abs);
    const gapScale = Math.max(...terms, floor.dual * Math.min(1, largest(xs)), Number.MIN_VALUE);
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
export interface Point {
  x: ReturnType<typeof array>;
  lambda: ReturnType<typeof array>;
  nu: ReturnType<typeof array>;
}
