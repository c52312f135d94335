// Rows of a table: one side and others, each pair measured alternately.
import { quantile } from '../timing.js';
import { alternate, type DuelOptions, sorted } from './duel.js';
import type { Compare } from './programs.js';

/**
 * Measures the first side and each of the others alternately, prints a row for each pair, and returns the medians in
 * ms.
 */
export function comparing(options: DuelOptions): Compare {
  return async (what, sides, asked, invert = false) => {
    const medians: number[] = [];
    for (const other of sides.slice(1)) {
      const times = await alternate(
        [sides[0], other].map(({ run }) => ({ run: () => void run() })),
        options,
      );
      const [mine, theirs] = times.map((ms) => quantile(sorted(ms), 0.5));
      const ratios = sorted(
        times[0].map((ms, round) => (invert ? ms / times[1][round] : times[1][round] / ms)),
      );
      const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(2));
      console.log(
        `| ${what} | ${mine.toFixed(3)} | ${other.name} | ${theirs.toFixed(3)} | ${middle} (${low} to ${high}) | ${asked} |`,
      );
      if (medians.length === 0) medians.push(mine);
      medians.push(theirs);
    }
    return medians;
  };
}
