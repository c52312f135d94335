// Rays with entries of 64 bits in linear memory, and what kernels do with them until a result needs more.
import { runtime } from '../../core/runtime.js';
import { cones as kernels } from '../../generated/cones.js';
import { Growing } from './growing.js';
import { size } from './integers.js';
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
  /** The rows of the problem. */
  readonly #rows: readonly bigint[][];
  readonly #dimension: number;
  readonly #records: Growing;
  readonly #values: Growing;
  /** A row as a record, and the workspace of combinations. */
  readonly #row: Growing;
  readonly #work: Growing;
  #count: number;

  constructor(name: string, rows: readonly bigint[][], rays: readonly bigint[][], dimension: number) {
    this.#rows = rows;
    this.#dimension = dimension;
    const stride = this.#stride;
    this.#records = new Growing(name, stride * Math.max(16, 2 * rays.length));
    this.#values = new Growing(name, 0);
    this.#row = new Growing(name, stride);
    this.#work = new Growing(name, kernels.exports.integer_combine_work(dimension));
    this.#count = rays.length;
    rays.forEach((ray, k) => void this.#write(this.#records.address + k * stride, ray));
  }

  get #stride(): number {
    return 8 * (this.#dimension + 1);
  }

  #write(address: number, vector: readonly bigint[]): void {
    const record = new BigInt64Array(runtime().memory.buffer, address, this.#dimension + 1);
    let all = 0n;
    vector.forEach((x, j) => {
      record[j + 1] = x;
      all |= size(x);
    });
    record[0] = BigInt(all === 0n ? 0 : all.toString(2).length);
  }

  evaluate(row: number): boolean {
    const entries = this.#rows[row];
    if (!fits(entries)) return false;
    this.#values.reserve(8 * this.#count);
    this.#write(this.#row.address, entries);
    const [records, values] = [this.#records.address, this.#values.address];
    return (
      kernels.exports.integer_values(this.#dimension, this.#count, records, this.#row.address, values) === 1
    );
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
