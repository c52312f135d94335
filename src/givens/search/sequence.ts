// What a search has found: turns, and the curve of errors.
import type { Turn } from './turn.js';

/** Why a search has ended. */
export type Status = 'factors' | 'tolerance' | 'stalled';

/** Turns in order, and error(N) for some N. */
export class Sequence {
  readonly i: number[] = [];
  readonly j: number[] = [];
  readonly c: number[] = [];
  readonly s: number[] = [];
  readonly errors: number[] = [];
  readonly errorsAt: number[] = [];

  get length(): number {
    return this.i.length;
  }

  push({ i, j, c, s }: Turn): void {
    this.i.push(i);
    this.j.push(j);
    this.c.push(c);
    this.s.push(s);
  }

  /** Records the error of all turns so far; once for each number of turns. */
  record(error: number): void {
    if (this.errorsAt.at(-1) === this.length) return;
    this.errors.push(error);
    this.errorsAt.push(this.length);
  }
}
