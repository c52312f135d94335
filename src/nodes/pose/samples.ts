// Which three points the minimal solver gets: all triples if there are few, else draws in proportion to the weights.
import { random } from '../../core/random/generator.js';

/** Triples of points, each a list that the next one overwrites. */
export interface Triples {
  /** Whether these are all triples there are. */
  readonly isComplete: boolean;
  readonly list: Iterable<Int32Array>;
}

/** Triples of points with these weights, at most `limit`. */
export function triples(weights: Float64Array, limit: number, seed: number): Triples {
  const { length } = weights;
  return (length * (length - 1) * (length - 2)) / 6 <= limit
    ? { isComplete: true, list: allTriples(length) }
    : { isComplete: false, list: drawnTriples(weights, limit, seed) };
}

function* allTriples(count: number): Generator<Int32Array> {
  const three = new Int32Array(3);
  for (let i = 0; i < count; i++)
    for (let j = i + 1; j < count; j++)
      for (let k = j + 1; k < count; k++) {
        three.set([i, j, k]);
        yield three;
      }
}

/** Random numbers are drawn for so many triples at a time. */
const BLOCK = 64;

/** Three different points each, by their weights. */
function* drawnTriples(weights: Float64Array, count: number, seed: number): Generator<Int32Array> {
  const generator = random(seed);
  const three = new Int32Array(3);
  for (let left = count; left > 0; left -= BLOCK) {
    const draws = generator.uniform([3 * Math.min(left, BLOCK)]);
    const numbers = draws.toTypedArray();
    draws.dispose();
    for (let at = 0; at < numbers.length; at += 3) {
      three.fill(-1);
      for (let k = 0; k < 3; k++) three[k] = draw(weights, three, numbers[at + k]);
      yield three;
    }
  }
}

function draw(weights: Float64Array, taken: Int32Array, at: number): number {
  const isFree = (i: number) => i !== taken[0] && i !== taken[1];
  let total = 0;
  for (let i = 0; i < weights.length; i++) if (isFree(i)) total += weights[i];
  let left = at * total;
  let last = -1;
  for (let i = 0; i < weights.length; i++) {
    if (!isFree(i)) continue;
    last = i;
    left -= weights[i];
    if (left < 0) break;
  }
  return last;
}
