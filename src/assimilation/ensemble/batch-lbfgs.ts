// L-BFGS for many problems at once: one evaluation of all members serves every one of them, and each has its own pairs, line search and end.

import { vjp } from '../../autodiff/vjp.js';
import { ones } from '../../core/create.js';
import type { TypedArray } from '../../core/dtype.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { unitRoundoffOf } from '../../linalg/blas/tensors.js';
import { cloneTensor } from '../../linalg/stack.js';
import { untraced } from '../../ops/untraced.js';
import { Replay } from '../../solve/replay.js';
import type { SolutionStatus } from '../../solve/solution.js';
import { MemberSearch } from './member-search.js';

/** How a member ended. */
export interface MemberReport {
  readonly value: number;
  /** The largest absolute entry of its gradient. */
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly status: SolutionStatus;
}

/** Limits of a minimisation. */
export interface BatchLimits {
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Pairs that each member keeps. */
  readonly history: number;
}

/** Minimises f, [members, …] -> [members], each member by itself, from z0. */
export function minimizeMembers(
  f: (z: Tensor) => Tensor,
  z0: Tensor,
  limits: BatchLimits,
): { z: Tensor; members: MemberReport[]; evaluations: number } {
  return scope(() => {
    const [count] = z0.shape;
    const size = z0.size / count;
    const z = cloneTensor(z0, 'ensemble');
    const replay = new Replay((at: Tensor) => {
      const { value, pullback } = vjp(f, at);
      return { value, gradient: pullback(ones(value.shape, { dtype: value.dtype }))[0] };
    }, undefined);
    try {
      const dtype = z0.dtype;
      const vector = (): TypedArray => (dtype === 'f64' ? new Float64Array(size) : new Float32Array(size));
      const rounding = unitRoundoffOf(z0);
      const all = Array.from(
        { length: count },
        (_, i) => new Member(z.data().slice(i * size, (i + 1) * size), vector, rounding, limits),
      );
      let evaluations = 0;
      const evaluate = () => {
        evaluations++;
        replay.run([z], ({ value, gradient }: { value: Tensor; gradient: Tensor }) => {
          const what = 'what the problem holds';
          untraced('ensemble', what, value);
          const [values, slopes] = [value.data(), untraced('ensemble', what, gradient).data()];
          all.forEach((member, i) => {
            member.take(values[i], slopes.subarray(i * size, (i + 1) * size));
          });
        });
      };
      evaluate();
      while (all.some((member) => member.status === undefined)) {
        const data = z.data();
        all.forEach((member, i) => void data.set(member.trial, i * size));
        evaluate();
      }
      const data = z.data();
      all.forEach((member, i) => void data.set(member.x, i * size));
      const members = all.map(({ value, gradientNorm, iterations, status }) => ({
        ...{ value, gradientNorm, iterations, status: status as SolutionStatus },
      }));
      return { z, members, evaluations };
    } finally {
      replay.dispose();
    }
  });
}

const dot = (a: TypedArray, b: TypedArray): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** s, y and 1 / sᵀy. */
interface Pair {
  readonly s: TypedArray;
  readonly y: TypedArray;
  readonly rho: number;
}

/** One member at work. */
class Member {
  x: TypedArray;
  /** Where it is evaluated next. */
  trial: TypedArray;
  value = Number.NaN;
  gradientNorm = Number.NaN;
  iterations = 0;
  /** Undefined while it goes on. */
  status: SolutionStatus | undefined;
  readonly #limits: BatchLimits;
  readonly #rounding: number;
  readonly #search: MemberSearch;
  readonly #vector: () => TypedArray;
  readonly #gradient: TypedArray;
  readonly #direction: TypedArray;
  #pairs: Pair[] = [];
  #started = false;

  constructor(x: TypedArray, vector: () => TypedArray, rounding: number, limits: BatchLimits) {
    this.x = x;
    this.trial = x.slice();
    this.#limits = limits;
    this.#rounding = rounding;
    this.#vector = vector;
    this.#search = new MemberSearch(rounding);
    this.#gradient = vector();
    this.#direction = vector();
  }

  /** Takes the value and the gradient at `trial`. */
  take(value: number, gradient: TypedArray): void {
    if (this.status !== undefined) return;
    if (!this.#started) {
      this.#started = true;
      this.#arrive(value, gradient);
      return;
    }
    const answer = this.#search.next(value, dot(gradient, this.#direction));
    if (answer === 'accept') {
      this.iterations++;
      this.#keepPair(gradient);
      this.x.set(this.trial);
      this.#arrive(value, gradient);
    } else if (answer === 'again') this.#move();
    else if (this.#pairs.length > 0) {
      // No step along this direction: once more along the gradient.
      this.#pairs = [];
      this.#begin();
    } else this.status = this.#failure(value);
  }

  /** At a new x. */
  #arrive(value: number, gradient: TypedArray): void {
    this.value = value;
    this.#gradient.set(gradient);
    let norm = 0;
    for (const v of gradient) if (!(Math.abs(v) <= norm)) norm = Math.abs(v);
    this.gradientNorm = norm;
    const { tolerance, maxIterations } = this.#limits;
    if (value === Number.NEGATIVE_INFINITY) this.status = 'unbounded';
    else if (!Number.isFinite(value) || !Number.isFinite(norm)) this.status = 'notFinite';
    else if (norm <= tolerance) this.status = 'converged';
    else if (this.iterations >= maxIterations) this.status = 'maxIterations';
    else this.#begin();
  }

  /** Begins a line search. */
  #begin(): void {
    const [p, g] = [this.#direction, this.#gradient];
    let slope = Number.NaN;
    if (this.#pairs.length > 0) {
      this.#newton();
      slope = dot(g, p);
      if (!(slope < 0)) this.#pairs = [];
    }
    let first = 1;
    if (this.#pairs.length === 0) {
      for (let i = 0; i < p.length; i++) p[i] = -g[i];
      slope = dot(g, p);
      first = 1 / Math.sqrt(-slope);
    }
    this.#search.begin(this.value, slope, first);
    this.#move();
  }

  #move(): void {
    const { t } = this.#search;
    const [x, p, trial] = [this.x, this.#direction, this.trial];
    for (let i = 0; i < x.length; i++) trial[i] = x[i] + t * p[i];
  }

  /** p := -H g by the two-loop recursion (Nocedal and Wright, Algorithm 7.4). */
  #newton(): void {
    const p = this.#direction;
    const pairs = this.#pairs;
    for (let i = 0; i < p.length; i++) p[i] = -this.#gradient[i];
    const alpha = new Array<number>(pairs.length);
    for (let k = pairs.length - 1; k >= 0; k--) {
      const { s, y, rho } = pairs[k];
      alpha[k] = rho * dot(s, p);
      for (let i = 0; i < p.length; i++) p[i] -= alpha[k] * y[i];
    }
    const { y, rho } = pairs[pairs.length - 1];
    const scaling = 1 / (rho * dot(y, y));
    for (let i = 0; i < p.length; i++) p[i] *= scaling;
    for (let k = 0; k < pairs.length; k++) {
      const { s, y, rho } = pairs[k];
      const beta = alpha[k] - rho * dot(y, p);
      for (let i = 0; i < p.length; i++) p[i] += beta * s[i];
    }
  }

  /** Keeps s and y of the step to `trial`, if it has curvature. */
  #keepPair(gradient: TypedArray): void {
    const { x, trial } = this;
    const pair = { s: this.#vector(), y: this.#vector() };
    for (let i = 0; i < x.length; i++) {
      pair.s[i] = trial[i] - x[i];
      pair.y[i] = gradient[i] - this.#gradient[i];
    }
    const curvature = dot(pair.s, pair.y);
    if (!(curvature > this.#rounding * Math.abs(dot(pair.s, this.#gradient)))) return;
    this.#pairs.push({ ...pair, rho: 1 / curvature });
    if (this.#pairs.length > this.#limits.history) this.#pairs.shift();
  }

  /** Why there is no step. */
  #failure(value: number): SolutionStatus {
    if (!Number.isFinite(value)) return 'notFinite';
    const slope = dot(this.#gradient, this.#gradient);
    const noise = 1e4 * this.#rounding * Math.max(Math.abs(this.value), Number.MIN_VALUE);
    return Math.sqrt(slope) <= noise ? 'stalled' : 'lineSearch';
  }
}
