// The signed permutation P nearest to a matrix W that changes row by row, and how far it is.
import { allocateBytes, releaseBytes, runtime } from '../../core/runtime.js';
import { givens } from '../../generated/givens.js';

/** An assignment of the rows of W, which lies in memory that others keep. */
export class Alignment {
  readonly d: number;
  readonly #address: number;
  readonly #pitch: number;

  /** W: its address, and the elements from one row to the next, an even number. */
  constructor(name: string, d: number, W: number, pitch: number) {
    this.d = d;
    this.#pitch = pitch;
    this.#address = allocateBytes(givens.exports.assignment_work(d), name);
    givens.exports.assignment_begin(this.#address, d, W, pitch);
  }

  /** Takes note that row r of W has changed. */
  change(r: number): void {
    givens.exports.assignment_change(this.#address, r);
  }

  /** min over P of ‖W - P‖_F. */
  distance(): number {
    return givens.exports.assignment_distance_f64(this.#address);
  }

  /** Writes P of the last distance to i32 [d] and f64 [d]: P[permutation[c], c] = signs[c]. */
  write(permutation: number, signs: number): void {
    givens.exports.assignment_permutation(this.#address, permutation, signs);
  }

  /** Takes over what another one knows of W, of which a copy lies at this address. */
  copy(other: Alignment, W: number): void {
    const bytes = givens.exports.assignment_work(this.d);
    new Uint8Array(runtime().memory.buffer).copyWithin(this.#address, other.#address, other.#address + bytes);
    givens.exports.assignment_moved(this.#address, W, this.#pitch);
  }

  release(): void {
    releaseBytes(this.#address);
  }
}
