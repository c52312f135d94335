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

/** A segment: the mean of y there, and lambda / length for each neighbour above it, less that for each below. */
interface Level {
  first: number;
  end: number;
  value: number;
  /** Whether its neighbours pull it away from the mean. */
  isMoved: boolean;
}

interface Segment extends Level {
  sum: number;
  /** 1 if the neighbour is above, -1 if it is below, 0 if there is none. */
  left: number;
  right: number;
}

/** The levels by their means, to full accuracy, from the runs and jumps of an approximate solution v. */
export function levelsOf(y: Float64Array, lambda: number, v: Float64Array): readonly Level[] {
  const n = y.length;
  const levels: Segment[] = [];
  eachRun(v, 0, n, (first, end) => {
    const left = first === 0 ? 0 : Math.sign(v[first - 1] - v[first]);
    const right = end === n ? 0 : Math.sign(v[end] - v[first]);
    let level = { first, end, sum: sumOf(y, first, end), left, right, value: 0, isMoved: false };
    place(level, lambda);
    // A jump that is nothing but rounding may point the wrong way: then there is none.
    for (let before = levels.at(-1); before !== undefined; before = levels.at(-1)) {
      if (before.right * (level.value - before.value) >= 0) break;
      levels.pop();
      level = { ...level, first: before.first, sum: before.sum + level.sum, left: before.left };
      place(level, lambda);
    }
    levels.push(level);
  });
  return levels;
}

function place(level: Segment, lambda: number): void {
  const { sum, left, right, first, end } = level;
  const neighbours = left + right;
  level.isMoved = neighbours !== 0;
  level.value = (sum + lambda * neighbours) / (end - first);
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
