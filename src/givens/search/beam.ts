// Beam search: several chains of turns side by side. Each goes on with the turns that gain most, and of all that come of it those with
// the largest gain in total stay; the chain of plain descent always does.
import { Alignment } from './alignment.js';
import { type Choice, type Criterion, PairSearch } from './pair-search.js';
import { Sequence, type Status } from './sequence.js';
import { endAfter, isDue, rootOf, type SearchSettings } from './settings.js';
import type { Turn } from './turn.js';

/** A turn, what came before it, and the error behind it where it was measured. */
interface Link {
  readonly turn?: Turn;
  readonly before?: Link;
  error?: number;
}

/** A chain of turns, with the memory of its search. */
interface Chain {
  readonly memory: ChainMemory;
  readonly link: Link;
  readonly length: number;
  /** What all turns have gained. */
  readonly score: number;
  /** Whether it is that of plain descent. */
  readonly isPlain: boolean;
}

/** A chain, and a turn with which it may go on. */
interface Continuation {
  readonly chain: Chain;
  readonly choice: Choice;
  readonly score: number;
  readonly isPlain: boolean;
}

/** Two chains whose gains differ by less, relatively, count as the same one: turns that share no row, in another order. */
const SAME = 1e-12;

class ChainMemory {
  readonly search: PairSearch;
  readonly alignment: Alignment;

  constructor(name: string, d: number, criterion: Criterion, U: number, width: number, pitch: number) {
    this.search = new PairSearch(name, d, criterion, U, width);
    try {
      this.alignment = new Alignment(name, d, this.search.matrix, pitch);
    } catch (error) {
      this.search.release();
      throw error;
    }
  }

  copy(other: ChainMemory): void {
    this.search.copy(other.search);
    this.alignment.copy(other.alignment, this.search.matrix);
  }

  release(): void {
    this.search.release();
    this.alignment.release();
  }
}

/** Where chains begin: the function's name, d, the criterion, and the address of U, d x d, dense. */
export interface BeamStart {
  readonly name: string;
  readonly d: number;
  readonly criterion: Criterion;
  readonly U: number;
  readonly pitch: number;
}

/** A beam search; the chain that ends nearest stays, in the memory of `best`. */
export class Beam {
  readonly #start: BeamStart;
  readonly #width: number;
  readonly #settings: SearchSettings;
  readonly #all: ChainMemory[] = [];
  readonly #free: ChainMemory[] = [];
  #chains: Chain[] = [];
  /** Those that gain nothing more. */
  readonly #ended: Chain[] = [];

  constructor(start: BeamStart, width: number, settings: SearchSettings) {
    this.#start = start;
    this.#width = width;
    this.#settings = settings;
  }

  /** Takes turns until one of the ends is reached. */
  run(): { sequence: Sequence; status: Status; alignment: Alignment; search: PairSearch } {
    this.#chains = [{ memory: this.#take(), link: {}, length: 0, score: 0, isPlain: true }];
    let status: Status | undefined;
    for (let n = 0; status === undefined; n++) {
      const isMeasured = this.#settings.tolerance > 0 || isDue(this.#settings, n);
      let least = Number.POSITIVE_INFINITY;
      if (isMeasured) for (const chain of this.#chains) least = Math.min(least, this.#measure(chain));
      status = endAfter(this.#settings, n, least);
      if (status !== undefined) break;
      if (this.#advance() === 0) status = 'stalled';
      else this.#settings.onProgress?.({ factors: n + 1, of: this.#settings.factors });
    }
    const all = [...this.#ended, ...this.#chains];
    const errors = all.map((chain) => this.#measure(chain));
    const best = all[errors.indexOf(Math.min(...errors))];
    // A chain may have ended before the others.
    if (status === 'factors' && best.length < this.#settings.factors) status = 'stalled';
    const { alignment, search } = best.memory;
    alignment.distance();
    return { sequence: sequenceOf(best, this.#settings), status, alignment, search };
  }

  release(): void {
    for (const memory of this.#all) memory.release();
    this.#all.length = 0;
  }

  #take(): ChainMemory {
    const spare = this.#free.pop();
    if (spare !== undefined) return spare;
    const { name, d, criterion, U, pitch } = this.#start;
    const made = new ChainMemory(name, d, criterion, U, this.#width, pitch);
    this.#all.push(made);
    return made;
  }

  #measure(chain: Chain): number {
    chain.link.error ??= chain.memory.alignment.distance() / rootOf(this.#start.d);
    return chain.link.error;
  }

  /** One more turn for each chain that stays; returns how many there are. */
  #advance(): number {
    const next = this.#continuations();
    // Memory goes to the last continuation of each chain; the others take a copy before.
    const left = new Map<Chain, number>(this.#chains.map((chain) => [chain, 0]));
    for (const { chain } of next) left.set(chain, (left.get(chain) as number) + 1);
    for (const [chain, count] of left)
      if (count === 0 && !this.#ended.includes(chain)) this.#free.push(chain.memory);
    const chains = next.map(({ chain, choice, score, isPlain }): Chain => {
      const count = left.get(chain) as number;
      left.set(chain, count - 1);
      const memory = count === 1 ? chain.memory : this.#take();
      if (count > 1) memory.copy(chain.memory);
      const link = { turn: choice, before: chain.link };
      return { memory, link, length: chain.length + 1, score, isPlain };
    });
    // Behind all copies.
    chains.forEach(({ memory, link }) => {
      const turn = link.turn as Turn;
      memory.search.turn(turn);
      memory.alignment.change(turn.i);
      memory.alignment.change(turn.j);
    });
    this.#chains = chains;
    return chains.length;
  }

  #continuations(): Continuation[] {
    const all: Continuation[] = [];
    for (const chain of this.#chains) {
      const choices = chain.memory.search.choose(this.#width, false);
      if (choices.length === 0) {
        this.#ended.push(chain);
        continue;
      }
      choices.forEach((choice, k) => {
        all.push({ chain, choice, score: chain.score + choice.gain, isPlain: chain.isPlain && k === 0 });
      });
    }
    all.sort((a, b) => b.score - a.score);
    const kept = all.filter(({ isPlain }) => isPlain);
    for (const one of all) {
      if (kept.length === this.#width) break;
      if (!kept.some(({ score }) => Math.abs(score - one.score) <= SAME * Math.abs(score))) kept.push(one);
    }
    return kept;
  }
}

/** The turns of a chain from its start, and the errors that belong to the curve. */
function sequenceOf({ link, length }: Chain, settings: SearchSettings): Sequence {
  const links: Link[] = [];
  for (let at: Link | undefined = link; at !== undefined; at = at.before) links.push(at);
  const sequence = new Sequence();
  links.reverse().forEach(({ turn, error }, n) => {
    if (turn !== undefined) sequence.push(turn);
    if ((isDue(settings, n) || n === length) && error !== undefined) sequence.record(error);
  });
  return sequence;
}
