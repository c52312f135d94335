// Which three points the minimal solver gets: all triples if there are few, else draws in proportion to the weights.
import { random } from '../../core/random/generator.js';

/** Triples of positions in `chosen`, one after the other. */
export function triples(
  weights: Float64Array,
  chosen: ArrayLike<number>,
  limit: number,
  seed: number,
): Int32Array {
  const { length } = chosen;
  return (length * (length - 1) * (length - 2)) / 6 <= limit
    ? allTriples(chosen)
    : drawnTriples(weights, chosen, limit, seed);
}

function allTriples(chosen: ArrayLike<number>): Int32Array {
  const list: number[] = [];
  for (let i = 0; i < chosen.length; i++)
    for (let j = i + 1; j < chosen.length; j++)
      for (let k = j + 1; k < chosen.length; k++) list.push(chosen[i], chosen[j], chosen[k]);
  return Int32Array.from(list);
}

/** Three different points each, by their weights. */
function drawnTriples(
  weights: Float64Array,
  chosen: ArrayLike<number>,
  count: number,
  seed: number,
): Int32Array {
  const draws = random(seed).uniform([3 * count]);
  const numbers = draws.data();
  const result = new Int32Array(3 * count);
  for (let at = 0; at < 3 * count; at += 3)
    for (let k = 0; k < 3; k++)
      result[at + k] = draw(weights, chosen, result.subarray(at, at + k), numbers[at + k]);
  draws.dispose();
  return result;
}

function draw(weights: Float64Array, chosen: ArrayLike<number>, taken: Int32Array, at: number): number {
  let total = 0;
  for (let k = 0; k < chosen.length; k++) if (!taken.includes(chosen[k])) total += weights[chosen[k]];
  let left = at * total;
  let last = -1;
  for (let k = 0; k < chosen.length; k++) {
    if (taken.includes(chosen[k])) continue;
    last = chosen[k];
    left -= weights[last];
    if (left < 0) break;
  }
  return last;
}
