// Structured elimination in the order (2) of Frerix and Bruna: columns from the left, in each from the bottom.
import { allocateBytes, releaseBytes, runtime } from '../../core/runtime.js';
import { givens } from '../../generated/givens.js';
import { padRows } from './pad-rows.js';
import type { Turn, TurnSource } from './turn.js';

/** Factor t turns the plane of the entry (r, c) that becomes 0 and of the diagonal's row c: (d - 1, 0), (d - 2, 0), … */
export class Elimination implements TurnSource {
  readonly matrix: number;
  readonly #d: number;
  readonly #turn: number;
  #row: number;
  #column = 0;

  /** U: the address of d x d numbers, dense. */
  constructor(name: string, d: number, U: number) {
    this.#d = d;
    this.#row = d - 1;
    this.matrix = padRows(name, d, U);
    try {
      this.#turn = allocateBytes(16, name);
    } catch (error) {
      releaseBytes(this.matrix);
      throw error;
    }
  }

  next(): Turn | undefined {
    const [i, j] = [this.#row, this.#column];
    if (j >= this.#d - 1) return undefined;
    givens.exports.eliminate_f64(this.#d, this.matrix, i, j, this.#turn);
    const [c, s] = new Float64Array(runtime().memory.buffer, this.#turn, 2);
    this.#row--;
    if (this.#row === j) {
      this.#column++;
      this.#row = this.#d - 1;
    }
    return { i, j, c, s };
  }

  release(): void {
    releaseBytes(this.matrix);
    releaseBytes(this.#turn);
  }
}
