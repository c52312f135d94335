// Numbers from a generator one at a time, drawn in blocks: only comparisons, products and roundings follow, so that networks are the same
// on every machine.
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import type { Generator } from '../core/random/generator.js';

/** Numbers in a block. */
const BLOCK = 1024;

/** Checks a probability: a number from 0 to 1. */
export function checkProbability(name: string, argument: string, p: unknown): asserts p is number {
  if (typeof p !== 'number' || !(p >= 0 && p <= 1))
    throw new ArgumentError(`${name}: ${argument} must be a number from 0 to 1, got ${describe(p)}`);
}

/** A source of single numbers. It splits off a generator of its own, so that blocks leave the state of the user's as it would be without. */
export class Draws {
  readonly #generator: Generator;
  #block: ArrayLike<number> = [];
  #at = 0;

  constructor(generator: Generator) {
    this.#generator = generator.split();
  }

  /** Uniform on [0, 1). */
  uniform(): number {
    if (this.#at === this.#block.length) {
      const block = this.#generator.uniform([BLOCK]);
      this.#block = block.toTypedArray();
      block.dispose();
      this.#at = 0;
    }
    return this.#block[this.#at++];
  }

  /** A whole number uniform on 0 … range - 1, but for 2^-53 range: the product with a number below 1 never rounds up to the range. */
  below(range: number): number {
    return Math.floor(this.uniform() * range);
  }
}

/**
 * How many trials fail before one succeeds, with probability p each: the k with q^{k+1} <= u < q^k for q = 1 - p and a uniform u. It is found by
 * bisection over the powers q, q², q⁴, …, without a logarithm, whose bits would be those of the engine or of the build.
 */
export class Skips {
  readonly #draws: Draws;
  /** q^(2^j), until one is below every u but 0. */
  readonly #powers: number[] = [];

  constructor(draws: Draws, p: number) {
    this.#draws = draws;
    for (let power = 1 - p; power > 0 && this.#powers.length < 53; power *= power) this.#powers.push(power);
  }

  /** The next one; Infinity where it is beyond all pairs of vertices. */
  next(): number {
    const u = this.#draws.uniform();
    let reached = 1;
    let count = 0;
    for (let j = this.#powers.length - 1; j >= 0; j--) {
      const power = reached * this.#powers[j];
      count *= 2;
      if (u < power) {
        reached = power;
        count++;
      }
    }
    return count < Number.MAX_SAFE_INTEGER ? count : Number.POSITIVE_INFINITY;
  }
}
