// The classical Jacobi method for S = U Λ Uᵀ: its rotations diagonalize S, and their product comes near U.
import { allocateBytes, releaseBytes, runtime } from '../../core/runtime.js';
import { givens } from '../../generated/givens.js';
import { padRows } from './pad-rows.js';
import type { Turn, TurnSource } from './turn.js';

/** S := Gᵀ S G, with G that makes the largest entry beside the diagonal 0, and W := GᵀW, which starts from U. */
export class Jacobi implements TurnSource {
  readonly matrix: number;
  /** ‖S‖²_F - Σ s_kk² (equation (17)), before the first turn and after each. */
  readonly off: number[] = [];
  readonly #d: number;
  readonly #noise: number;
  readonly #blocks = { state: 0, turn: 0, matrix: 0 };

  /** S, U: addresses of d x d numbers, dense. Entries up to `noise` count as 0. */
  constructor(name: string, d: number, S: number, U: number, noise: number) {
    this.#d = d;
    this.#noise = noise;
    try {
      this.#blocks.state = allocateBytes(givens.exports.jacobi_work(d), name);
      this.#blocks.turn = allocateBytes(24, name);
      this.#blocks.matrix = padRows(name, d, U);
    } catch (error) {
      this.release();
      throw error;
    }
    this.matrix = this.#blocks.matrix;
    givens.exports.jacobi_begin_f64(this.#blocks.state, d, S);
    this.off.push(givens.exports.jacobi_off_f64(this.#blocks.state));
  }

  next(): Turn | undefined {
    const { state, turn } = this.#blocks;
    if (!givens.exports.jacobi_turn_f64(state, this.#noise, turn)) return undefined;
    const { buffer } = runtime().memory;
    const [i, j] = new Int32Array(buffer, turn, 2);
    const [c, s] = new Float64Array(buffer, turn + 8, 2);
    givens.exports.givens_turn_f64(this.#d, this.matrix, i, j, c, s);
    this.off.push(givens.exports.jacobi_off_f64(state));
    return { i, j, c, s };
  }

  /** The diagonal of S. */
  diagonal(): Float64Array {
    const { state } = this.#blocks;
    const to = allocateBytes(8 * this.#d, 'factorize');
    try {
      givens.exports.jacobi_diagonal_f64(state, to);
      return new Float64Array(runtime().memory.buffer, to, this.#d).slice();
    } finally {
      releaseBytes(to);
    }
  }

  release(): void {
    for (const key of ['state', 'turn', 'matrix'] as const) {
      if (this.#blocks[key] !== 0) releaseBytes(this.#blocks[key]);
      this.#blocks[key] = 0;
    }
  }
}
