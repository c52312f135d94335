// What the groups of bench:assimilation share: options, tables, and checks that both sides of a row give the same.
import type { Tensor } from 'cotangent';
import { comparing } from '../peers/compare.js';
import type { DuelOptions } from '../peers/duel.js';
import type { Compare } from '../peers/programs.js';

/** What a group gets. */
export interface Setting {
  readonly options: DuelOptions;
  readonly compare: Compare;
}

export function settingOf(seconds: number): Setting {
  const options = { seconds, minRounds: 5 };
  return { options, compare: comparing(options) };
}

export const HEADER = '| what | ms | against | ms | ratio (middle half) | asked |\n|---|--:|---|--:|--:|---|';

/** Throws where two sides differ by more than `tolerance` times the largest of the numbers. */
export function checkSame(
  what: string,
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  tolerance: number,
): void {
  let [size, worst] = [0, 0];
  for (let i = 0; i < theirs.length; i++) {
    size = Math.max(size, Math.abs(theirs[i]));
    const off = Math.abs(ours[i] - theirs[i]);
    worst = Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(worst, off);
  }
  if (ours.length !== theirs.length || !(worst <= tolerance * size))
    throw new Error(`${what}: the results differ by ${worst} of ${size}`);
}

/** A tensor's numbers, copied. */
export const numbersOf = (x: Tensor): Float64Array => Float64Array.from(x.data());
