// Primal-dual interior-point method on the homogeneous embedding, with Mehrotra's predictor and corrector.

import { checkBetween } from '../../core/check.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { cubed } from '../../core/scalars.js';
import type { Tensor } from '../../core/tensor.js';
import { gemv, gemvTransposed, inner, view } from '../../linalg/blas/addresses.js';
import type { SolutionStatus } from '../../solve/solution.js';
import type { Iterate } from './measure.js';
import type { ConvexIteration, ConvexMethod } from './method.js';
import { type NewtonSystem, PROXIMAL } from './newton-system.js';
import { array, type ConvexProgram } from './program.js';
import { centralStep, longestStep, type SlackDualPairs } from './step-length.js';

/** From this relative error on, the active constraints are mostly clear, and polishing saves the last iterations. */
const CLEAR = 1e-5;

/** Options of `interiorPoint`. */
export interface InteriorPointOptions {
  /** Fraction of the way to the boundary that a step takes, in (0, 1); default 0.99. */
  stepFraction?: number;
}

const INTERIOR_POINT_OPTIONS: OptionNames<InteriorPointOptions> = { stepFraction: true };

/**
 * The default method of `quadraticProgram`: 10 to 20 iterations of one factorization each, for any size. Infeasible and
 * unbounded programs are solutions of the embedding, too, and end with their certificates.
 * Source: Mehrotra, SIAM J. Optim. 2 (1992); Nocedal & Wright, Algorithm 16.4; the embedding for a quadratic objective:
 * Goulart & Chen, Clarabel (2024), after Andersen & Ye, Math. Prog. 84 (1999).
 * @example
 * optim.quadraticProgram({ P, q, G, h }, { method: optim.interiorPoint() });
 */
export function interiorPoint(options: InteriorPointOptions = {}): ConvexMethod {
  checkOptions('interiorPoint', options, INTERIOR_POINT_OPTIONS);
  const { stepFraction = 0.99 } = options;
  checkBetween('interiorPoint', 'stepFraction', stepFraction, 0, 1);
  return {
    name: 'interiorPoint',
    maxIterations: 200,
    polishFrom: CLEAR,
    start: (program, system) => new Embedding(program, system, stepFraction),
  };
}

/** Stop after three steps in a row that are shorter than this. */
const SHORT = 1e-7;
/** Right sides above this are far away at the start; x is of about size 1. */
const FAR = 10;
/** Steps longer than this need no further corrector. */
const LONG = 0.9;

/**
 * P x + Aᵀν + Gᵀλ + q τ = 0, A x = b τ, G x + s = h τ, κ + xᵀPx / τ + qᵀx + bᵀν + hᵀλ = 0, and λ s, κ τ towards zero
 * together.
 * The vectors are [x, ν, λ].
 */
class Embedding implements ConvexIteration {
  readonly due = true;
  size = 0;
  readonly point: Iterate;
  readonly #program: ConvexProgram;
  readonly #system: NewtonSystem;
  readonly #fraction: number;
  readonly #u: Tensor;
  readonly #px: Tensor;
  readonly #image: Tensor;
  /** Solutions for the data, and for the residuals. */
  readonly #data: Tensor;
  readonly #rest: Tensor;
  readonly #right: Tensor;
  readonly #residual: Tensor;
  readonly #s: Float64Array;
  readonly #ds: Float64Array;
  readonly #weights: Float64Array;
  /** Added to each product λ s. */
  readonly #terms: Float64Array;
  #tau = 1;
  #kappa = 1;
  #step = { tau: 0, kappa: 0 };
  #short = 0;
  #begun = false;

  constructor(program: ConvexProgram, system: NewtonSystem, fraction: number) {
    const { n, m, p } = program;
    const vector = (size: number) => array('interiorPoint', [size]);
    this.#program = program;
    this.#system = system;
    this.#fraction = fraction;
    this.#u = vector(n + p + m);
    this.#px = vector(n);
    this.#image = vector(n);
    this.#data = vector(n + p + m);
    this.#rest = vector(n + p + m);
    this.#right = vector(n + p + m);
    this.#residual = vector(n + p + m);
    this.#s = new Float64Array(m).fill(1);
    this.#ds = new Float64Array(m);
    this.#terms = new Float64Array(m);
    this.#weights = new Float64Array(m).fill(1);
    this.point = { x: vector(n), lambda: vector(m), nu: vector(p) };
  }

  /** A direction is its own multiple. */
  get direction(): Iterate {
    return this.point;
  }

  step(): SolutionStatus | undefined {
    if (!this.#begun) return this.#begin();
    const { m } = this.#program;
    const at = this.#u.size - m;
    const [s, w, lambda] = [this.#s, this.#weights, view(this.#u).subarray(at)];
    for (let i = 0; i < m; i++) w[i] = lambda[i] / s[i];
    if (!this.#system.factor(w)) return 'stalled';
    this.#residuals();
    this.#solveForData();
    const mu = (inner(lambda, s) + this.#tau * this.#kappa) / (m + 1);
    const ds = this.#ds;
    // Predictor: a full step towards zero products, without the second-order terms.
    const terms = this.#terms.fill(0);
    this.#solve(1, 0, 0);
    const affine = Math.min(1, longestStep(this.#pairs));
    const sigma = cubed(1 - affine);
    const dlambda = view(this.#rest).subarray(at);
    for (let i = 0; i < m; i++) terms[i] = ds[i] * dlambda[i];
    let last = this.#step.tau * this.#step.kappa;
    this.#solve(1 - sigma, sigma * mu, last);
    let t = Math.min(1, this.#fraction * longestStep(this.#pairs));
    if (t < LONG) {
      // The second-order terms belong to a full step. If only a part of one is possible, they can make the iteration
      // cycle, so they are scaled down accordingly (Colombo & Gondzio, Comput. Optim. Appl. 41 (2008)).
      const weight = affine * affine;
      for (let i = 0; i < m; i++) terms[i] *= weight;
      last *= weight;
      this.#solve(1 - sigma, sigma * mu, last);
      t = Math.min(1, this.#fraction * longestStep(this.#pairs));
    }
    if (t < LONG) t = this.#centre(t, sigma, mu, last);
    t = centralStep(this.#pairs, t);
    if (!(t > 0)) return 'stalled';
    const [x, step] = [view(this.#u), view(this.#rest)];
    for (let i = 0; i < x.length; i++) x[i] += t * step[i];
    for (let i = 0; i < m; i++) s[i] += t * ds[i];
    this.#tau += t * this.#step.tau;
    this.#kappa += t * this.#step.kappa;
    this.size = t;
    this.#short = t < SHORT ? this.#short + 1 : 0;
    this.#publish();
    return this.#short >= 3 || !Number.isFinite(this.#tau) ? 'stalled' : undefined;
  }

  /**
   * Gondzio's corrector: asks that the products at a longer step lie within a factor of 10 of their target. Returns the
   * step that is then possible; keeps the old direction if that step is not longer.
   */
  #centre(t: number, sigma: number, mu: number, last: number): number {
    const { m } = this.#program;
    const at = this.#u.size - m;
    const [u, d, s, ds, terms] = [view(this.#u), view(this.#rest), this.#s, this.#ds, this.#terms];
    const before = { rest: d.slice(), ds: ds.slice(), step: this.#step };
    const [longer, target] = [Math.min(1, t + 0.3), sigma * mu];
    const excess = (product: number) =>
      Math.max(-10 * target, Math.min(Math.max(product, 0.1 * target), 10 * target) - product);
    for (let i = 0; i < m; i++)
      terms[i] -= excess((s[i] + longer * ds[i]) * (u[at + i] + longer * d[at + i]));
    const { tau, kappa } = this.#step;
    const product = (this.#tau + longer * tau) * (this.#kappa + longer * kappa);
    this.#solve(1 - sigma, target, last - excess(product));
    const now = Math.min(1, this.#fraction * longestStep(this.#pairs));
    if (now >= 1.01 * t) return now;
    d.set(before.rest);
    ds.set(before.ds);
    this.#step = before.step;
    return t;
  }

  /**
   * The minimum of the objective plus half the squared slacks, with slacks and multipliers moved inside. A right side
   * beyond the size of x does not attract: it is a bound that nothing comes near, and the point would begin far away.
   */
  #begin(): SolutionStatus | undefined {
    const { m, h } = this.#program;
    this.#begun = true;
    if (!this.#system.factor(this.#weights)) return 'stalled';
    this.#solveForData(FAR);
    const u = view(this.#u);
    u.set(view(this.#data));
    const lambda = u.subarray(u.length - m);
    const s = this.#s;
    const sides = view(h);
    for (let i = 0; i < m; i++) s[i] = -lambda[i] + Math.max(0, sides[i] - FAR);
    for (const part of [s, lambda]) {
      let least = Number.POSITIVE_INFINITY;
      for (const value of part) least = Math.min(least, value);
      if (least < 1e-4) for (let i = 0; i < m; i++) part[i] += 1 - least;
    }
    this.#publish();
    return undefined;
  }

  /** The residuals of the equations; those of the right side for the data likewise. */
  #residuals(): void {
    const { n, m, p, P, q, G, h, A, b, work } = this.#program;
    const [u, out, w] = [this.#u.address, this.#residual.address, work.address];
    const e = view(this.#residual);
    gemv(P, 1, u, 0, this.#px.address, w);
    e.fill(0);
    e.set(view(this.#px));
    if (p > 0) {
      gemvTransposed(A, 1, u + 8 * n, 1, out, w);
      gemv(A, 1, u, 0, out + 8 * n, w);
    }
    if (m > 0) {
      gemvTransposed(G, 1, u + 8 * (n + p), 1, out, w);
      gemv(G, 1, u, 0, out + 8 * (n + p), w);
    }
    const [qs, hs, bs, tau] = [view(q), view(h), view(b), this.#tau];
    for (let i = 0; i < n; i++) e[i] += tau * qs[i];
    for (let i = 0; i < p; i++) e[n + i] -= tau * bs[i];
    for (let i = 0; i < m; i++) e[n + p + i] += this.#s[i] - tau * hs[i];
  }

  #solveForData(most = Number.POSITIVE_INFINITY): void {
    const { n, m, p, q, h, b } = this.#program;
    const [right, qs, hs, bs] = [view(this.#right), view(q), view(h), view(b)];
    for (let i = 0; i < n; i++) right[i] = -qs[i];
    for (let i = 0; i < p; i++) right[n + i] = bs[i];
    for (let i = 0; i < m; i++) right[n + p + i] = Math.min(hs[i], most);
    this.#system.solve(this.#right, this.#data);
  }

  /**
   * The step that reduces residuals to (1 - share) of themselves and moves products to `target`, with the second-order
   * terms in #terms and `corrections` for κ τ. Writes #rest, #ds and #step.
   */
  #solve(share: number, target: number, corrections: number): void {
    const { n, m, p, q, h, b } = this.#program;
    const [u, e, right, ds, s, w] = [
      ...[view(this.#u), view(this.#residual), view(this.#right)],
      ...[this.#ds, this.#s, this.#weights],
    ];
    const [tau, kappa, at] = [this.#tau, this.#kappa, n + p];
    for (let i = 0; i < at; i++) right[i] = -share * e[i];
    for (let i = 0; i < m; i++) {
      // The required value of λ ds + s dλ, divided by λ.
      ds[i] = (u[at + i] * s[i] + this.#terms[i] - target) / u[at + i];
      right[at + i] = ds[i] - share * e[at + i];
    }
    this.#system.solve(this.#right, this.#rest);
    const [first, second] = [view(this.#rest), view(this.#data)];
    const [px, qs, hs, bs] = [view(this.#px), view(q), view(h), view(b)];
    const dkappa = kappa * tau + corrections - target;
    const quadratic = inner(u.subarray(0, n), px) / tau;
    const product = (v: Float64Array) =>
      inner(qs, v) + inner(bs, v.subarray(n, at)) + inner(hs, v.subarray(at));
    const rest = kappa + quadratic + product(u);
    let numerator = dkappa / tau - share * rest - product(first);
    let denominator = kappa / tau + this.#curvature(second, u, tau);
    for (let i = 0; i < n; i++) {
      numerator -= (2 / tau) * px[i] * first[i];
      denominator += PROXIMAL * second[i] * second[i];
    }
    for (let i = 0; i < m; i++) denominator += (second[at + i] * second[at + i]) / w[i];
    const dtau = -numerator / denominator;
    for (let i = 0; i < first.length; i++) first[i] += dtau * second[i];
    for (let i = 0; i < m; i++) ds[i] = -ds[i] - first[at + i] / w[i];
    this.#step = { tau: dtau, kappa: -(dkappa + kappa * dtau) / tau };
  }

  /** (v - x / τ)ᵀ P (v - x / τ), in a form that cannot become negative. */
  #curvature(v: Float64Array, u: Float64Array, tau: number): number {
    const { n, P, work } = this.#program;
    const difference = view(this.#right).subarray(0, n);
    for (let i = 0; i < n; i++) difference[i] = v[i] - u[i] / tau;
    gemv(P, 1, this.#right.address, 0, this.#image.address, work.address);
    return Math.max(0, inner(difference, view(this.#image)));
  }

  /** The variables that must stay positive, and the current step. */
  get #pairs(): SlackDualPairs {
    const at = this.#u.size - this.#program.m;
    return {
      ...{ lambda: view(this.#u).subarray(at), dlambda: view(this.#rest).subarray(at) },
      ...{ s: this.#s, ds: this.#ds, tau: this.#tau, kappa: this.#kappa, step: this.#step },
    };
  }

  /** The point of the embedding, in units of τ. */
  #publish(): void {
    const { n, p } = this.#program;
    const u = view(this.#u);
    const { x, lambda, nu } = this.point;
    const put = (to: Tensor, from: number) => {
      const out = view(to);
      for (let i = 0; i < out.length; i++) out[i] = u[from + i] / this.#tau;
    };
    put(x, 0);
    put(nu, n);
    put(lambda, n + p);
  }
}
