// Several turns from one evaluation: pairs that share no row do not change what the others gain.
import type { Choice, PairSearch } from './pair-search.js';
import type { Turn, TurnSource } from './turn.js';

/** Takes up to d/2 disjoint pairs at once, best first, and then evaluates anew. */
export class DisjointPairs implements TurnSource {
  readonly #search: PairSearch;
  readonly #most: number;
  #left: Choice[] = [];
  #rows: number[] = [];
  #floor = 0;

  constructor(search: PairSearch, d: number) {
    this.#search = search;
    this.#most = d >> 1;
  }

  get matrix(): number {
    return this.#search.matrix;
  }

  next(): Turn | undefined {
    if (this.#left.length === 0) {
      if (this.#rows.length > 0) this.#search.refresh(this.#rows, this.#floor);
      this.#rows = [];
      this.#left = this.#search.choose(this.#most, true).reverse();
    }
    const turn = this.#left.pop();
    if (turn === undefined) return undefined;
    this.#floor = this.#search.turnOnly(turn);
    this.#rows.push(turn.i, turn.j);
    return turn;
  }

  release(): void {
    this.#search.release();
  }
}
