// The numbers in the header of an enumeration's state, as assembly/cones/float/state.ts lays them out.
import { runtime } from '../../core/runtime.js';

/** Where they lie, as i32 numbers. */
const FIELDS = {
  fixed: 5,
  rank: 6,
  empty: 7,
  places: 8,
  inserted: 9,
  live: 10,
  peak: 11,
  wanted: 12,
  rayCapacity: 17,
  raysFree: 18,
  edgeCapacity: 19,
  edgesFree: 20,
  vertices: 27,
} as const;

/** The header at an address. */
export class Header {
  readonly #address: number;
  #numbers: Int32Array | undefined;

  constructor(address: number) {
    this.#address = address;
  }

  /** A number of the header. */
  read(field: keyof typeof FIELDS): number {
    const { buffer } = runtime().memory;
    // The memory may have grown since.
    if (this.#numbers?.buffer !== buffer) this.#numbers = new Int32Array(buffer, this.#address, 32);
    return this.#numbers[FIELDS[field]];
  }
}
