// Rays with entries of 64 bits in linear memory, and what kernels do with them until a result needs more.
import { runtime } from '../../core/runtime.js';
import { cones as kernels } from '../../generated/cones.js';
import { Growing } from './growing.js';
import { bitLength, size } from './integers.js';
import type { Rays } from './rays.js';

const LARGEST = (1n << 63n) - 1n;

/** Whether all entries have at most 63 bits. */
const fits = (vector: readonly bigint[]): boolean => vector.every((x) => size(x) <= LARGEST);

/** The rays as records of words; undefined where an entry needs more. */
export function wordRays(
  name: string,
  rows: readonly bigint[][],
  rays: readonly bigint[][],
  dimension: number,
): WordRays | undefined {
  return rays.every(fits) ? new WordRays(name, rows, rays, dimension) : undefined;
}

/** Records of d + 1 words: how many bits the largest entry has, and the entries. */
export class WordRays implements Rays {
  readonly #dimension: number;
  /** The rows of the problem as records, and whether each is one. */
  readonly #rows: Growing;
  readonly #fits: readonly boolean[];
  readonly #records: Growing;
  readonly #values: Growing;
  readonly #work: Growing;
  #count: number;

  constructor(name: string, rows: readonly bigint[][], rays: readonly bigint[][], dimension: number) {
    this.#dimension = dimension;
    const stride = this.#stride;
    this.#rows = new Growing(name, stride * rows.length);
    this.#fits = rows.map(fits);
    this.#records = new Growing(name, stride * Math.max(16, 2 * rays.length));
    this.#values = new Growing(name, 0);
    this.#work = new Growing(name, kernels.exports.integer_combine_work(dimension));
    this.#count = rays.length;
    this.#write(this.#rows.address, rows);
    this.#write(this.#records.address, rays);
  }

  get #stride(): number {
    return 8 * (this.#dimension + 1);
  }

  /** Vectors as records; longer numbers are cut off, and not used. */
  #write(address: number, vectors: readonly bigint[][]): void {
    const words = this.#dimension + 1;
    const records = new BigInt64Array(runtime().memory.buffer, address, words * vectors.length);
    vectors.forEach((vector, k) => {
      let all = 0n;
      vector.forEach((x, j) => {
        records[k * words + j + 1] = x;
        all |= size(x);
      });
      records[k * words] = BigInt(bitLength(all));
    });
  }

  evaluate(row: number): boolean {
    if (!this.#fits[row]) return false;
    this.#values.reserve(8 * this.#count);
    const [records, values] = [this.#records.address, this.#values.address];
    const at = this.#rows.address + row * this.#stride;
    return kernels.exports.integer_values(this.#dimension, this.#count, records, at, values) === 1;
  }

  get values(): number {
    return this.#values.address;
  }

  combine(pairs: number, count: number, first: number): boolean {
    const stride = this.#stride;
    this.#records.reserve((first + count) * stride);
    const { address } = this.#records;
    const to = address + first * stride;
    const { exports } = kernels;
    return (
      exports.integer_combine(this.#dimension, address, this.values, pairs, count, to, this.#work.address) ===
      count
    );
  }

  keep(list: number, count: number, more: number): void {
    const before = this.#count;
    kernels.exports.keep_records(this.#stride, this.#records.address, list, count, before, more);
    this.#count = count + more;
  }

  toVectors(): bigint[][] {
    const words = this.#dimension + 1;
    const records = new BigInt64Array(runtime().memory.buffer, this.#records.address, this.#count * words);
    const vectors: bigint[][] = [];
    for (let at = 0; at < records.length; at += words) {
      const vector: bigint[] = [];
      for (let j = 1; j < words; j++) vector.push(records[at + j]);
      vectors.push(vector);
    }
    return vectors;
  }
}
