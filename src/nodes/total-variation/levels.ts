// The segments of a total-variation solution, and the number that each of them has.
import type { TypedArray } from '../../core/dtype.js';

/** Calls f with the first index of each run of equal numbers in [from, from + n), and the one after the last. */
export function eachRun(
  u: TypedArray,
  from: number,
  n: number,
  f: (first: number, end: number) => void,
): void {
  for (let first = from, end = from; first < from + n; first = end) {
    end = first + 1;
    while (end < from + n && u[end] === u[first]) end++;
    f(first, end);
  }
}

/** The number of a segment from its mean, and whether its neighbours pull it away from the mean of what it has in x. */
export type LevelValue = (mean: number, isMoved: boolean, first: number, end: number) => number;

/** A segment and its number. */
interface Level {
  first: number;
  end: number;
  value: number;
}

interface Segment extends Level {
  /** The sum of y. */
  sum: number;
  /** 1 if the neighbour is above, -1 if it is below, 0 if there is none. */
  left: number;
  right: number;
}

/** Jumps up to this, relative to the numbers beside them, are rounding. */
const ROUNDING = 4 * 2 ** -52;

/**
 * The levels to full accuracy, from the runs and jumps of an approximate solution v: the mean of y, and lambda / length
 * for each neighbour above, less that for each below.
 */
export function levelsOf(
  y: Float64Array,
  lambda: number,
  v: Float64Array,
  numberOf: LevelValue,
): readonly Level[] {
  const n = y.length;
  const levels: Segment[] = [];
  const place = (level: Segment): Segment => {
    const { sum, left, right, first, end } = level;
    const pull = left + right;
    level.value = numberOf((sum + lambda * pull) / (end - first), pull !== 0, first, end);
    return level;
  };
  eachRun(v, 0, n, (first, end) => {
    const left = first === 0 ? 0 : Math.sign(v[first - 1] - v[first]);
    const right = end === n ? 0 : Math.sign(v[end] - v[first]);
    let level = place({ first, end, sum: sumOf(y, first, end), left, right, value: 0 });
    // A jump that is nothing but rounding, in either direction, is none.
    for (let before = levels.at(-1); before !== undefined; before = levels.at(-1)) {
      const size = Math.max(Math.abs(before.value), Math.abs(level.value));
      if (before.right * (level.value - before.value) > ROUNDING * size) break;
      levels.pop();
      level = place({ ...level, first: before.first, sum: before.sum + level.sum, left: before.left });
    }
    levels.push(level);
  });
  return levels;
}

/** A sum whose rounding errors are summed as well. Source: Neumaier (1974). */
function sumOf(y: Float64Array, first: number, end: number): number {
  let [sum, error] = [0, 0];
  for (let i = first; i < end; i++) {
    const next = sum + y[i];
    error += Math.abs(sum) >= Math.abs(y[i]) ? sum - next + y[i] : y[i] - next + sum;
    sum = next;
  }
  return sum + error;
}
