// Rays with entries of any size, for what 64 bits do not hold.
import { runtime } from '../../core/runtime.js';
import { Growing } from './growing.js';
import { dot, gcd, primitive, size } from './integers.js';
import type { Rays } from './rays.js';

/** Rays as arrays of bigints. */
export class BigRays implements Rays {
  #rays: bigint[][];
  /** How many of them count. */
  #count: number;
  #exact: bigint[] = [];
  readonly #signs: Growing;

  constructor(name: string, rays: readonly bigint[][]) {
    this.#rays = [...rays];
    this.#count = rays.length;
    this.#signs = new Growing(name, 0);
  }

  evaluate(row: readonly bigint[]): boolean {
    this.#signs.reserve(8 * this.#count);
    const signs = new BigInt64Array(runtime().memory.buffer, this.values, this.#count);
    this.#exact = this.#rays.map((ray, k) => {
      const value = dot(row, ray);
      signs[k] = value > 0n ? 1n : value < 0n ? -1n : 0n;
      return value;
    });
    return true;
  }

  get values(): number {
    return this.#signs.address;
  }

  combine(pairs: number, count: number, first: number): boolean {
    const list = new Int32Array(runtime().memory.buffer, pairs, 2 * count);
    for (let k = 0; k < count; k++) {
      const [p, n] = [list[2 * k], list[2 * k + 1]];
      this.#rays[first + k] = this.#between(p, n);
    }
    return true;
  }

  #between(p: number, n: number): bigint[] {
    let [a, b] = [size(this.#exact[n]), size(this.#exact[p])];
    const common = gcd(a, b);
    if (common > 1n) [a, b] = [a / common, b / common];
    const [x, y] = [this.#rays[p], this.#rays[n]];
    return primitive(x.map((value, j) => a * value + b * y[j]));
  }

  keep(list: number, count: number, more: number): void {
    const kept = new Int32Array(runtime().memory.buffer, list, count);
    const next = Array.from(kept, (k) => this.#rays[k]);
    for (let k = 0; k < more; k++) next.push(this.#rays[this.#count + k]);
    this.#rays = next;
    this.#count = next.length;
  }

  toVectors(): bigint[][] {
    return this.#rays;
  }
}
