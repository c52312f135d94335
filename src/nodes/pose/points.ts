// One problem of a batch in plain numbers, and whether it says a pose at all.
import { ArgumentError } from '../../core/errors.js';
import type { Points } from './point-terms.js';
import type { Vector } from './quaternion.js';

/** Views of the arguments of one problem. */
export interface Given {
  readonly image: Float64Array;
  readonly world: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly camera: ArrayLike<number>;
  readonly alpha: number;
}

/** Points are normalised already. */
export const NO_CAMERA: ArrayLike<number> = [1, 1, 0, 0];

/** The points of positive weight, and where they are among all. */
export function pointsOf({ image, world, weights, camera, alpha }: Given): {
  points: Points;
  positions: number[];
} {
  const positions: number[] = [];
  let largest = 0;
  for (let i = 0; i < image.length / 2; i++) {
    const w = weights === undefined ? 1 : weights[i];
    if (w > largest) largest = w;
    if (w > 0) positions.push(i);
  }
  const count = positions.length;
  const centre = centreOf(world, positions);
  const points = {
    count,
    image: new Float64Array(2 * count),
    world: new Float64Array(3 * count),
    weights: new Float64Array(count),
    bearings: new Float64Array(3 * count),
    camera,
    alpha,
    centre,
  };
  positions.forEach((from, to) => {
    points.weights[to] = weights === undefined ? 1 : weights[from] / largest;
    for (let k = 0; k < 3; k++) points.world[3 * to + k] = world[3 * from + k] - centre[k];
    const [u, v] = [image[2 * from], image[2 * from + 1]];
    points.image.set([u, v], 2 * to);
    const [x, y] = [(u - camera[2]) / camera[0], (v - camera[3]) / camera[1]];
    const length = Math.sqrt(x * x + y * y + 1);
    points.bearings.set([x / length, y / length, 1 / length], 3 * to);
  });
  return { points, positions };
}

/** The mean: far from the origin, turns about it look like shifts. */
function centreOf(world: Float64Array, positions: readonly number[]): Vector {
  const at = (k: number) => positions.reduce((total, i) => total + world[3 * i + k] / positions.length, 0);
  return [at(0), at(1), at(2)];
}

/** Some of the points. */
export function someOf(points: Points, chosen: readonly number[]): Points {
  const count = chosen.length;
  const pick = (data: Float64Array, size: number) => {
    const picked = new Float64Array(size * count);
    chosen.forEach((from, to) => {
      picked.set(data.subarray(size * from, size * (from + 1)), size * to);
    });
    return picked;
  };
  return {
    ...points,
    count,
    image: pick(points.image, 2),
    world: pick(points.world, 3),
    weights: pick(points.weights, 1),
    bearings: pick(points.bearings, 3),
  };
}

/**
 * @param epsilon of the dtype of the points.
 * @throws ArgumentError for fewer than `least` points, or points on a line.
 */
export function checkPoints(
  name: string,
  { count, world, centre }: Points,
  least: number,
  epsilon: number,
  where: string,
): void {
  if (count < least)
    throw new ArgumentError(
      `${name}: at least ${least} points of positive weight are needed${least > 3 ? ' without theta0' : ''}, got ${count}${where}`,
    );
  if (areOnLine(world, centre, 64 * epsilon))
    throw new ArgumentError(`${name}: the points of positive weight in p3d lie on a line${where}`);
}

/** Whether all points are on a line, to `share` of the largest coordinate. */
function areOnLine(world: Float64Array, centre: Vector, share: number): boolean {
  let size = Math.max(...centre.map(Math.abs));
  for (const x of world) size = Math.max(size, Math.abs(x));
  if (size === 0) return true;
  const bound = share * size;
  const [p, q, r] = world;
  // The line through the first point and the one farthest from it.
  let [length, a, b, c] = [0, 0, 0, 0];
  for (let i = 3; i < world.length; i += 3) {
    const [d, e, f] = [(world[i] - p) / size, (world[i + 1] - q) / size, (world[i + 2] - r) / size];
    const square = d * d + e * e + f * f;
    if (square > length) [length, a, b, c] = [square, d, e, f];
  }
  if (Math.sqrt(length) * size <= bound) return true;
  for (let i = 3; i < world.length; i += 3) {
    const [d, e, f] = [(world[i] - p) / size, (world[i + 1] - q) / size, (world[i + 2] - r) / size];
    const [x, y, z] = [b * f - c * e, c * d - a * f, a * e - b * d];
    if (Math.sqrt((x * x + y * y + z * z) / length) * size > bound) return false;
  }
  return true;
}
