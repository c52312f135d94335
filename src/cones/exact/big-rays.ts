// Rays with entries of any size, for what 64 bits do not hold.
import { runtime } from '../../core/runtime.js';
import { Growing } from './growing.js';
import { dividedBy, dot, primitive, size } from './integers.js';
import type { RaySets, Rays } from './rays.js';

/**
 * Rays as arrays of bigints. Common divisors of large numbers cost more than all else, so that most rays keep one until the end: where p and n lie on C and
 * one more row each, i and j, the ray between them is a multiple of j p, since the vector of minors of C and the new row is
 * ((k p) n - (k n) p) / det(C, i, j), and j p is that determinant if p is the vector of minors of C and i.
 */
export class BigRays implements Rays {
  /** The rows of the problem. */
  readonly #rows: readonly bigint[][];
  /** Rows on which a ray lies if it lies on no more than it must. */
  readonly #fewest: number;
  #rays: bigint[][];
  /** How many of them count. */
  #count: number;
  #exact: bigint[] = [];
  readonly #signs: Growing;

  constructor(name: string, rows: readonly bigint[][], rays: readonly bigint[][], dimension: number) {
    this.#rows = rows;
    this.#fewest = dimension - 1;
    this.#rays = [...rays];
    this.#count = rays.length;
    this.#signs = new Growing(name, 0);
  }

  evaluate(row: number): boolean {
    this.#signs.reserve(8 * this.#count);
    const signs = new BigInt64Array(runtime().memory.buffer, this.values, this.#count);
    const entries = this.#rows[row];
    this.#exact = [];
    for (let k = 0; k < this.#count; k++) {
      const value = dot(entries, this.#rays[k]);
      signs[k] = value > 0n ? 1n : value < 0n ? -1n : 0n;
      this.#exact.push(value);
    }
    return true;
  }

  get values(): number {
    return this.#signs.address;
  }

  combine(pairs: number, count: number, first: number, sets: RaySets): boolean {
    const { buffer } = runtime().memory;
    const list = new Int32Array(buffer, pairs, 2 * count);
    const bits = new Int32Array(buffer, sets.address, sets.words * this.#count);
    for (let k = 0; k < count; k++) {
      const [p, n] = [list[2 * k], list[2 * k + 1]];
      this.#rays[first + k] = this.#between(p, n, differenceOf(bits, sets.words, p, n));
    }
    return true;
  }

  #between(p: number, n: number, { row, most }: { row: number; most: number }): bigint[] {
    const [a, b] = [size(this.#exact[n]), size(this.#exact[p])];
    const [x, y] = [this.#rays[p], this.#rays[n]];
    const sum = x.map((value, j) => a * value + b * y[j]);
    const { vector } = dividedBy(sum, size(dot(this.#rows[row], x)));
    // Where there are more rows, the minors are of one choice among them, and what is left may be large.
    return most > this.#fewest ? primitive(vector) : vector;
  }

  keep(list: number, count: number, more: number): void {
    const kept = new Int32Array(runtime().memory.buffer, list, count);
    const next = Array.from(kept, (k) => this.#rays[k]);
    for (let k = 0; k < more; k++) next.push(this.#rays[this.#count + k]);
    this.#rays = next;
    this.#count = next.length;
  }

  toVectors(): bigint[][] {
    return this.#rays.map(primitive);
  }
}

/** A row on which ray n lies and p does not, and the larger of the numbers of rows on which they lie. */
function differenceOf(bits: Int32Array, words: number, p: number, n: number): { row: number; most: number } {
  let row = -1;
  let [onP, onN] = [0, 0];
  for (let k = 0; k < words; k++) {
    const [ofP, ofN] = [bits[p * words + k], bits[n * words + k]];
    const rest = ofN & ~ofP;
    if (row < 0 && rest !== 0) row = 32 * k + 31 - Math.clz32(rest);
    onP += bitCount(ofP);
    onN += bitCount(ofN);
  }
  return { row, most: Math.max(onP, onN) };
}

function bitCount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
