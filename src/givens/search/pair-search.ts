// Pairs of rows of W that gain most under a rotation, by bounds that are looked at more closely until they are gains.
import { allocateBytes, type Runtime, releaseBytes, runtime, threadsFor } from '../../core/runtime.js';
import { ranges } from '../../core/threads/ranges.js';
import { type GivensExports, givens } from '../../generated/givens.js';
import type { Turn, TurnSource } from './turn.js';

/** What a turn is to lower (the L1 norm) or to raise (the trace). */
export type Criterion = 'l1' | 'greedy';

/** A turn that was found, and what it gains. */
export interface Choice extends Turn {
  readonly gain: number;
}

/** How many pairs of rows were looked at. */
export interface PairCounts {
  /** Pairs whose rows had changed, the first time all. */
  readonly touched: number;
  /** Those that needed the closer bound. */
  readonly bounded: number;
  /** Those whose best angle was computed; all others were pruned. */
  readonly evaluated: number;
}

/** Bytes of a choice as the kernel writes it. */
const CHOICE = 32;
/** What an element of a pair takes to bound, in multiply-adds. */
const BOUND = 10;

type BoundArguments = Parameters<GivensExports['pair_bounds_f64']>;
type BoundAllArguments = Parameters<GivensExports['pair_bounds_all_f64']>;

/** A search over pairs; next() takes the best pair at a time. */
export class PairSearch implements TurnSource {
  readonly #d: number;
  readonly #criterion: Criterion;
  readonly #blocks: { search: number; choices: number; work: number; closer: number };
  /** Choices that `choose` can give at once. */
  readonly #most: number;

  /** U: the address of d x d numbers, dense. */
  constructor(name: string, d: number, criterion: Criterion, U: number, most: number) {
    this.#d = d;
    this.#criterion = criterion;
    this.#most = most;
    const { exports } = givens;
    const blocks = { search: 0, choices: 0, work: 0, closer: 0 };
    this.#blocks = blocks;
    try {
      blocks.search = allocateBytes(exports.pair_search_work(d), name);
      blocks.choices = allocateBytes(Math.max(CHOICE * most, 32), name);
      blocks.work = allocateBytes(exports.pair_bounds_work(d), name);
      blocks.closer = allocateBytes(4 * (runtime().parallel?.pool.threads ?? 1), name);
    } catch (error) {
      this.release();
      throw error;
    }
    exports.pair_begin_f64(blocks.search, d, criterion === 'l1' ? 0 : 1, U);
    this.#boundAll(0);
  }

  get matrix(): number {
    return givens.exports.pair_matrix(this.#blocks.search);
  }

  next(): Turn | undefined {
    const [best] = this.choose(1, false);
    if (best !== undefined) this.turn(best);
    return best;
  }

  /** Up to `limit` pairs that gain most, best first; with `disjoint`, no two of them share a row. */
  choose(limit: number, disjoint: boolean): Choice[] {
    const { search, choices } = this.#blocks;
    const count = givens.exports.pair_choose_f64(search, Math.min(limit, this.#most), disjoint, choices);
    const view = new DataView(runtime().memory.buffer, choices, CHOICE * count);
    return Array.from({ length: count }, (_, k) => ({
      i: view.getInt32(CHOICE * k, true),
      j: view.getInt32(CHOICE * k + 4, true),
      gain: view.getFloat64(CHOICE * k + 8, true),
      c: view.getFloat64(CHOICE * k + 16, true),
      s: view.getFloat64(CHOICE * k + 24, true),
    }));
  }

  /** Applies a turn, and bounds what the pairs of its rows gain now. */
  turn({ i, j, c, s }: Turn): void {
    const { search } = this.#blocks;
    const floor = givens.exports.pair_turn_f64(search, i, j, c, s);
    const closer = this.#boundRows(i, j, floor);
    givens.exports.pair_note(search, 2 * this.#d - 3, closer);
    givens.exports.pair_update(search, i, j);
  }

  /** Applies a turn of several that share no row; `refresh` has to follow. Returns the floor for it. */
  turnOnly({ i, j, c, s }: Turn): number {
    return givens.exports.pair_turn_f64(this.#blocks.search, i, j, c, s);
  }

  /** Bounds the gains of the pairs of all these rows. */
  refresh(rows: readonly number[], floor: number): void {
    const d = this.#d;
    // Pairs within the rows are met twice this way: all pairs at once are no more for half of the rows.
    if (2 * rows.length >= d) {
      this.#boundAll(floor);
      return;
    }
    let closer = 0;
    for (const row of rows) closer += this.#boundRows(row, -1, floor);
    givens.exports.pair_note(this.#blocks.search, rows.length * (d - 1), closer);
    givens.exports.pair_ready(this.#blocks.search);
  }

  /** Takes over the state of another search over a matrix of the same size. */
  copy(other: PairSearch): void {
    const bytes = givens.exports.pair_search_work(this.#d);
    const from = other.#blocks.search;
    new Uint8Array(runtime().memory.buffer).copyWithin(this.#blocks.search, from, from + bytes);
    givens.exports.pair_moved(this.#blocks.search);
  }

  counts(): PairCounts {
    const { search, choices } = this.#blocks;
    givens.exports.pair_counts(search, choices);
    const [touched, bounded, evaluated] = new Float64Array(runtime().memory.buffer, choices, 3);
    return { touched, bounded, evaluated };
  }

  release(): void {
    for (const key of ['search', 'choices', 'work', 'closer'] as const) {
      if (this.#blocks[key] !== 0) releaseBytes(this.#blocks[key]);
      this.#blocks[key] = 0;
    }
  }

  /** The pool, where so many bounds are worth it. */
  #threads(pairs: number): Runtime['parallel'] {
    return this.#criterion === 'l1' ? threadsFor(BOUND * pairs * this.#d) : undefined;
  }

  /** How many of the pairs that parts have bounded needed the closer bound. */
  #closer(parts: number): number {
    return new Int32Array(runtime().memory.buffer, this.#blocks.closer, parts).reduce((sum, n) => sum + n, 0);
  }

  /** Bounds the gains of all pairs. The parts of threads write what no other part does: any number of them gives the same bits. */
  #boundAll(floor: number): void {
    const d = this.#d;
    const { search, work, closer } = this.#blocks;
    const pairs = (d * (d - 1)) / 2;
    const parallel = this.#threads(pairs);
    const parts = parallel?.pool.threads ?? 1;
    const args = (part: number, count: number, own: number): BoundAllArguments => [
      ...([search, part, count, floor, own, closer + 4 * part] as const),
    ];
    const isShared = parallel?.run({
      module: givens,
      kernel: 'pair_bounds_all_f64',
      parts: Array.from({ length: parts }, (_, part) => part),
      bytes: givens.exports.pair_bounds_work(d),
      work,
      isRepeatable: true,
      args: (part, own) => args(part, parts, own),
    });
    if (!isShared) givens.exports.pair_bounds_all_f64(...args(0, 1, work));
    givens.exports.pair_note(search, pairs, this.#closer(isShared ? parts : 1));
    givens.exports.pair_ready(search);
  }

  /** Bounds the gains of the pairs of p, and of q >= 0; returns how many needed the closer bound. */
  #boundRows(p: number, q: number, floor: number): number {
    const d = this.#d;
    const { search, work, closer } = this.#blocks;
    const parallel = this.#threads(2 * d);
    const parts = parallel === undefined ? [] : ranges(d, parallel.pool.threads, 16);
    const args = (from: number, to: number, part: number, own: number): BoundArguments => [
      ...([search, p, q, from, to, floor, own, closer + 4 * part] as const),
    ];
    const isShared = parallel?.run({
      module: givens,
      kernel: 'pair_bounds_f64',
      parts: parts.map(([start, length], part) => ({ start, end: start + length, part })),
      bytes: givens.exports.pair_bounds_work(d),
      work,
      isRepeatable: true,
      args: ({ start, end, part }, own) => args(start, end, part, own),
    });
    if (!isShared) givens.exports.pair_bounds_f64(...args(0, d, 0, work));
    return this.#closer(isShared ? parts.length : 1);
  }
}
