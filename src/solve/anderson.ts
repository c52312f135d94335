// Anderson acceleration, and Picard's plain iteration y := T(y).

import { checkBetween, checkCount } from '../core/check.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { squared } from '../core/scalars.js';
import type { Tensor } from '../core/tensor.js';
import { assign, axpy, dot, norm2 } from '../linalg/blas/tensors.js';
import type { FixedPoint, FixedPointMethod } from './fixed-point.js';

/** Options of `picard`. */
export interface PicardOptions {
  /** β in (0, 1], the fraction of T(y) - y that is added to y; default 1. */
  mixing?: number;
}

const PICARD_OPTIONS: OptionNames<PicardOptions> = { mixing: true };

/** Options of `anderson`. */
export interface AndersonOptions extends PicardOptions {
  /** Number of differences kept; default 5. */
  history?: number;
}

const ANDERSON_OPTIONS: OptionNames<AndersonOptions> = { mixing: true, history: true };

function checkMixing(name: string, { mixing = 1 }: PicardOptions): number {
  if (mixing !== 1) checkBetween(name, 'mixing', mixing, 0, 1);
  return mixing;
}

/**
 * Picard's iteration, y := y + β (T(y) - y): linear convergence for a contraction T, at the rate of its Lipschitz
 * constant.
 * @param options `mixing`.
 * @throws ArgumentError for an invalid option.
 * @example
 * optim.fixedPoint(T, y0, optim.picard());
 */
export function picard(options: PicardOptions = {}): FixedPointMethod {
  checkOptions('picard', options, PICARD_OPTIONS);
  const mixing = checkMixing('picard', options);
  return {
    name: 'picard',
    startFixedPoint: (point) => ({
      step() {
        axpy(mixing, point.residual, point.x);
        point.evaluate();
        return undefined;
      },
    }),
  };
}

/** If the residual grows by more than this, Anderson's iteration goes back to a plain step. */
const GROWTH = 10;

/**
 * Anderson acceleration: with residuals r_k = T(y_k) - y_k, the differences ΔR, ΔY of the last few, and γ the minimiser
 * of |r_k - ΔR γ|, y := y + β r_k - (ΔY + β ΔR) γ. No derivatives; for a linear T as fast as GMRES. The least squares
 * are solved by Gram-Schmidt, newest difference first; differences that depend on newer ones are dropped. If the
 * residual grows tenfold or is not finite, the iteration goes back, takes a plain step, and starts a new history.
 * Source: Anderson, J. ACM 12 (1965); Walker and Ni, SIAM J. Numer. Anal. 49 (2011).
 * @param options `history`, `mixing`.
 * @throws ArgumentError for an invalid option.
 * @example
 * optim.fixedPoint(T, y0, optim.anderson({ history: 3 }));
 */
export function anderson(options: AndersonOptions = {}): FixedPointMethod {
  checkOptions('anderson', options, ANDERSON_OPTIONS);
  const { history = 5 } = options;
  checkCount('anderson', 'history', history, 1);
  const mixing = checkMixing('anderson', options);
  return {
    name: 'anderson',
    startFixedPoint(point) {
      const most = Math.min(history, Math.max(1, point.x.size));
      const accelerated = new Accelerated(point, most, mixing);
      return {
        step() {
          accelerated.step();
          return undefined;
        },
      };
    },
  };
}

/** One difference of the history, and its part orthogonal to the newer ones. */
interface Difference {
  y: Tensor;
  r: Tensor;
  q: Tensor;
  /** Products with the q of newer differences, its own length at the end. */
  row: number[];
}

class Accelerated {
  readonly #point: FixedPoint;
  readonly #mixing: number;
  readonly #all: Difference[];
  /** Newest first. */
  #used: Difference[] = [];
  readonly #x: Tensor;
  readonly #r: Tensor;
  readonly #rest: Tensor;

  constructor(point: FixedPoint, most: number, mixing: number) {
    const vector = () => point.source.parameters.vector();
    this.#point = point;
    this.#mixing = mixing;
    this.#all = Array.from({ length: most }, () => ({ y: vector(), r: vector(), q: vector(), row: [] }));
    [this.#x, this.#r, this.#rest] = [vector(), vector(), vector()];
  }

  step(): void {
    const point = this.#point;
    const { x, residual: r, value } = point;
    assign(x, this.#x);
    assign(r, this.#r);
    this.#move();
    point.evaluate();
    if (this.#used.length > 0 && !(point.value <= GROWTH * value)) {
      this.#used = [];
      assign(this.#x, x);
      axpy(this.#mixing, this.#r, x);
      point.evaluate();
    }
    if (Number.isFinite(point.value)) this.#remember();
  }

  /** The new difference replaces the oldest. */
  #remember(): void {
    const { x, residual: r } = this.#point;
    const free = this.#all.find((difference) => !this.#used.includes(difference));
    const entry = free ?? (this.#used.pop() as Difference);
    assign(x, entry.y);
    axpy(-1, this.#x, entry.y);
    assign(r, entry.r);
    axpy(-1, this.#r, entry.r);
    this.#used.unshift(entry);
  }

  #move(): void {
    const { x, residual: r } = this.#point;
    const gamma = this.#combination();
    axpy(this.#mixing, r, x);
    gamma.forEach(([g, { y, r: change }]) => {
      axpy(-g, y, x);
      axpy(-g * this.#mixing, change, x);
    });
  }

  /** γ and its differences, by modified Gram-Schmidt on [ΔR, r]. */
  #combination(): [number, Difference][] {
    const least = this.#x.dtype === 'f64' ? 1e-10 : 1e-5;
    const basis: Difference[] = [];
    for (const entry of this.#used) {
      assign(entry.r, entry.q);
      entry.row = basis.map(({ q, row }) => {
        const product = dot(q, entry.q) / squared(row[row.length - 1]);
        axpy(-product, q, entry.q);
        return product;
      });
      const length = norm2(entry.q);
      if (!(length > least * norm2(entry.r))) continue;
      entry.row.push(length);
      basis.push(entry);
    }
    assign(this.#r, this.#rest);
    const gamma = basis.map(({ q, row }) => {
      const product = dot(q, this.#rest) / squared(row[row.length - 1]);
      axpy(-product, q, this.#rest);
      return product;
    });
    for (let i = basis.length - 1; i >= 0; i--)
      for (let j = i + 1; j < basis.length; j++) gamma[i] -= basis[j].row[i] * gamma[j];
    return gamma.map((g, i) => [g, basis[i]]);
  }
}
