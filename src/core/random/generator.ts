// Generator: a counter-based, splittable source of random tensors. Same seed, same numbers, on every machine.

import { random as kernels } from '../../generated/random.js';
import { checkDType } from '../create.js';
import { describe } from '../describe.js';
import type { DType } from '../dtype.js';
import { ArgumentError, DTypeError } from '../errors.js';
import { checkOptions } from '../options.js';
import { checkShape } from '../shape.js';
import { allocate, type Tensor } from '../tensor.js';
import { largestBelow, smallestFrom } from './neighbours.js';
import { threefry } from './threefry.js';

const TWO_32 = 2 ** 32;
/** Set in the high word of the counter for keys of split generators, so that they never coincide with drawn numbers. */
const SPLIT = 0x80000000;

const UNIFORM_OPTIONS = { low: true, high: true, dtype: true } as const;
const NORMAL_OPTIONS = { mean: true, std: true, dtype: true } as const;

/** A source of random tensors. Every draw advances the generator; `split` makes an independent one. */
export class Generator {
  readonly #k0: number;
  readonly #k1: number;
  #counter = 0;
  readonly #block = new Uint32Array(2);

  /** @internal Use `random(seed)`. */
  constructor(k0: number, k1: number) {
    this.#k0 = k0 | 0;
    this.#k1 = k1 | 0;
  }

  /** A new generator whose numbers are independent of those of this one. */
  split(): Generator {
    const count = this.#counter++;
    threefry(this.#k0, this.#k1, SPLIT | Math.floor(count / TWO_32), count | 0, this.#block);
    return new Generator(this.#block[0], this.#block[1]);
  }

  /**
   * Numbers uniform on [low, high), never `high` itself; default [0, 1). dtype f64 (53 random bits) or f32 (24 random
   * bits). Where the interval holds no number of the dtype, all are `low`, rounded.
   * @throws ArgumentError unless low <= high are finite in the dtype.
   */
  uniform(shape: readonly number[], options: { low?: number; high?: number; dtype?: DType } = {}): Tensor {
    checkOptions('uniform', options, UNIFORM_OPTIONS);
    const { low = 0, high = 1 } = options;
    const dtype = this.#floats('uniform', options.dtype);
    const fits = (x: unknown) =>
      Number.isFinite(x) && (dtype === 'f64' || Number.isFinite(Math.fround(x as number)));
    if (!(fits(low) && fits(high) && low <= high)) {
      throw new ArgumentError(
        `uniform: low and high must be finite in ${dtype} with low <= high, got ${describe(low)} and ${describe(high)}`,
      );
    }
    // A span that overflows is taken in halves; otherwise the factor is 1 and changes no bit.
    const scale = Number.isFinite(high - low) ? 1 : 2;
    const span = high / scale - low / scale;
    let [least, most] = [smallestFrom(low, dtype), largestBelow(high, dtype)];
    if (!(least <= most)) least = most = dtype === 'f64' ? low : Math.fround(low);
    const result = allocate(checkShape('uniform', shape), dtype, 'uniform');
    const draw = kernels.exports[`threefry_uniform_${dtype}`];
    const { address, size } = result;
    draw(size, address, this.#k0, this.#k1, this.#take(size), low / scale, span, scale, least, most);
    return result;
  }

  /** Normally distributed numbers with this mean and standard deviation; default 0 and 1. */
  normal(shape: readonly number[], options: { mean?: number; std?: number; dtype?: DType } = {}): Tensor {
    checkOptions('normal', options, NORMAL_OPTIONS);
    const { mean = 0, std = 1 } = options;
    if (!(Number.isFinite(mean) && Number.isFinite(std) && std >= 0)) {
      throw new ArgumentError(
        `normal: mean must be finite and std finite and not negative, got ${describe(mean)} and ${describe(std)}`,
      );
    }
    const dtype = this.#floats('normal', options.dtype);
    const result = allocate(checkShape('normal', shape), dtype, 'normal');
    const draw = kernels.exports[`threefry_normal_${dtype}`];
    draw(result.size, result.address, this.#k0, this.#k1, this.#take(result.size), mean, std);
    return result;
  }

  /** Integers uniform on [low, high), as i32. */
  integers(shape: readonly number[], low: number, high: number): Tensor {
    if (
      !Number.isInteger(low) ||
      !Number.isInteger(high) ||
      low >= high ||
      low < -(2 ** 31) ||
      high > 2 ** 31
    ) {
      throw new ArgumentError(
        `integers: low < high must be integers from -2^31 to 2^31, got ${describe(low)} and ${describe(high)}`,
      );
    }
    const result = allocate(checkShape('integers', shape), 'i32', 'integers');
    const data = result.data();
    for (let i = 0; i < data.length; i++) data[i] = low + this.#below(high - low);
    return result;
  }

  /** The numbers 0 … n-1 in random order, as i32. */
  permutation(n: number): Tensor {
    const result = allocate(checkShape('permutation', [n]), 'i32', 'permutation');
    const data = result.data();
    for (let i = 0; i < n; i++) {
      const j = this.#below(i + 1);
      data[i] = data[j];
      data[j] = i;
    }
    return result;
  }

  #floats(name: string, dtype: DType | undefined): 'f64' | 'f32' {
    const checked = checkDType(name, dtype, 'f64');
    if (checked === 'i32')
      throw new DTypeError(`${name}: dtype must be 'f64' or 'f32', got 'i32' (use integers)`);
    return checked;
  }

  /** The first of the next n counters. */
  #take(n: number): number {
    const first = this.#counter;
    this.#counter += n;
    return first;
  }

  /** Writes the next 64 random bits to the block. */
  #next(): void {
    const count = this.#counter++;
    threefry(this.#k0, this.#k1, Math.floor(count / TWO_32), count | 0, this.#block);
  }

  /**
   * An integer uniform on [0, range): numbers beyond the last whole range are drawn again, so that there is no bias.
   */
  #below(range: number): number {
    const limit = TWO_32 - (TWO_32 % range);
    for (;;) {
      this.#next();
      if (this.#block[0] < limit) return this.#block[0] % range;
    }
  }
}

/**
 * A source of random tensors. Same seed, same numbers, on every machine and in every build.
 * @param seed an integer from 0 to 2^53 - 1.
 */
export function random(seed: number): Generator {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ArgumentError(`random: seed must be an integer from 0 to 2^53 - 1, got ${describe(seed)}`);
  }
  return new Generator(Math.floor(seed / TWO_32), seed | 0);
}

/** An argument that draws random numbers. */
export function checkGenerator(name: string, argument: string, value: unknown): asserts value is Generator {
  if (!(value instanceof Generator))
    throw new ArgumentError(
      `${name}: ${argument} must be a generator (random(seed)), got ${describe(value)}`,
    );
}
