// EpochWatch: tells a step the epoch, and notes what it asks, because a compiled step asks only while it is recorded.
import { behind, type WatchedOptions } from '../layers/apply-options.js';
import type { ApplyOptions } from '../layers/layer.js';

/** The epochs that are behind, for the steps of one training. */
export class EpochWatch {
  #epoch = 0;
  /** Whether a step has read the number itself, and the counts that steps have asked for. */
  #isRead = false;
  readonly #counts = new Set<number>();

  /** Adds the epoch to the options of a step. */
  added<O extends ApplyOptions>(options: O): O & WatchedOptions {
    return Object.defineProperties(options, {
      epoch: {
        enumerable: true,
        configurable: true,
        get: () => {
          this.#isRead = true;
          return this.#epoch;
        },
      },
      [behind]: {
        enumerable: true,
        configurable: true,
        value: (count: number) => {
          this.#counts.add(count);
          return this.#epoch >= count;
        },
      },
    });
  }

  /** Sets the epoch. Returns whether anything that a step has asked has another answer now. */
  advance(epoch: number): boolean {
    const [from, to] = [this.#epoch, epoch];
    this.#epoch = epoch;
    if (from === to) return false;
    return this.#isRead || [...this.#counts].some((count) => from < count !== to < count);
  }
}
