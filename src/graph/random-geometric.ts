// Random geometric networks: points in the unit square, joined where they are near.
import { checkCount } from '../core/check.js';
import { describe } from '../core/describe.js';
import { disposable } from '../core/disposable.js';
import { ArgumentError } from '../core/errors.js';
import { checkGenerator, type Generator } from '../core/random/generator.js';
import type { Tensor } from '../core/tensor.js';

import { EdgeBuffer } from './edge-buffer.js';
import type { OwnedEdgeList } from './edge-list.js';

/** A network whose vertices have places. */
export interface GeometricNetwork extends OwnedEdgeList {
  /** f64 [n, 2]. */
  positions: Tensor;
}

/**
 * A random geometric network: n points uniform in the unit square, joined where they are at most `radius` apart.
 * Source: Gilbert, Random plane networks, SIAM Journal 9 (1961); Penrose, Random Geometric Graphs (2003).
 * @param generator `random(seed)`.
 * @param radius a number >= 0.
 * @returns n vertices, their `positions` f64 [n, 2], and edges in the order of the larger end; in time that is linear in both.
 * @throws ArgumentError for a `radius` that is negative or NaN; OutOfMemoryError.
 * @example
 * graph.randomGeometric(random(1), 50, 0.2).positions.shape; // [50, 2]
 */
export function randomGeometric(generator: Generator, n: number, radius: number): GeometricNetwork {
  const name = 'randomGeometric';
  checkGenerator(name, 'generator', generator);
  checkCount(name, 'n', n);
  if (typeof radius !== 'number' || !(radius >= 0))
    throw new ArgumentError(`${name}: radius must be a number of at least 0, got ${describe(radius)}`);
  const positions = generator.uniform([n, 2]);
  try {
    const network = nearPairs(name, positions.toTypedArray(), n, radius).network(n);
    const { dispose } = network;
    return disposable({
      ...network,
      positions,
      dispose() {
        dispose();
        positions.dispose();
      },
    });
  } catch (error) {
    positions.dispose();
    throw error;
  }
}

/** Pairs of points that are near, found in cells no narrower than the radius, and about as many as points: near ones are in neighbouring cells. */
function nearPairs(name: string, points: ArrayLike<number>, n: number, radius: number): EdgeBuffer {
  const buffer = new EdgeBuffer(name, false);
  // A little less than 1, so that rounding moves no point beyond a neighbouring cell.
  const across = Math.max(1, Math.min(Math.floor((1 - 2 ** -30) / radius), Math.ceil(Math.sqrt(n))));
  const cellOf = (x: number) => Math.min(across - 1, Math.floor(x * across));
  /** The last point in each cell so far, and before each point the one that was there. */
  const last = new Int32Array(across * across).fill(-1);
  const before = new Int32Array(n);
  for (let v = 0; v < n; v++) {
    const [x, y] = [points[2 * v], points[2 * v + 1]];
    const [column, row] = [cellOf(x), cellOf(y)];
    for (let r = Math.max(row - 1, 0); r <= Math.min(row + 1, across - 1); r++)
      for (let c = Math.max(column - 1, 0); c <= Math.min(column + 1, across - 1); c++)
        for (let u = last[r * across + c]; u >= 0; u = before[u]) {
          const [dx, dy] = [points[2 * u] - x, points[2 * u + 1] - y];
          if (dx * dx + dy * dy <= radius * radius) buffer.push(u, v);
        }
    const cell = row * across + column;
    before[v] = last[cell];
    last[cell] = v;
  }
  return buffer;
}
