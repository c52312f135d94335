// Starts for problems that no three points solve: the points seen from all around, in front of the camera.

import type { Points } from './point-terms.js';
import type { Pose } from './pose.js';
import { product, type Quaternion, type Vector, writeMatrix } from './quaternion.js';

const HALF = Math.SQRT1_2;

/** The 24 rotations of a cube: which axis looks at the camera, and four turns about the line of sight. */
function rotations(): Quaternion[] {
  const faces: Quaternion[] = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [HALF, HALF, 0, 0],
    [HALF, -HALF, 0, 0],
    [HALF, 0, HALF, 0],
    [HALF, 0, -HALF, 0],
  ];
  const turns: Quaternion[] = [
    [1, 0, 0, 0],
    [HALF, 0, 0, HALF],
    [0, 0, 0, 1],
    [HALF, 0, 0, -HALF],
  ];
  return faces.flatMap((face) => turns.map((turn) => product(turn, face)));
}

/** The centroid of the points on the mean line of sight, as far away as their sizes say. */
export function posesAround({ count, world, bearings }: Points): Pose[] {
  const centre = mean(world, count);
  const sight = mean(bearings, count);
  const [size, angle] = [spread(world, centre, count), spread(bearings, sight, count)];
  // In front of the camera whichever way they are turned.
  const nearest = (1.2 * radius(world, centre)) / sight[2];
  const distance = Math.max(nearest, Math.min(1e3, 1 / angle) * size);
  const matrix = new Float64Array(9);
  return rotations().map((rotation) => {
    writeMatrix(rotation, matrix);
    const at = (i: number) =>
      distance * sight[i] -
      matrix[3 * i] * centre[0] -
      matrix[3 * i + 1] * centre[1] -
      matrix[3 * i + 2] * centre[2];
    return { rotation, translation: [at(0), at(1), at(2)] };
  });
}

function mean(data: Float64Array, count: number): Vector {
  const total = [0, 0, 0];
  for (let i = 0; i < 3 * count; i++) total[i % 3] += data[i] / count;
  return [total[0], total[1], total[2]];
}

/** The largest distance from the centre. */
function radius(data: Float64Array, centre: Vector): number {
  let largest = 0;
  for (let i = 0; i < data.length; i += 3) {
    const [x, y, z] = [data[i] - centre[0], data[i + 1] - centre[1], data[i + 2] - centre[2]];
    largest = Math.max(largest, x * x + y * y + z * z);
  }
  return Math.sqrt(largest);
}

/** The root of the mean square distance from the centre. */
function spread(data: Float64Array, centre: Vector, count: number): number {
  let total = 0;
  for (let i = 0; i < 3 * count; i++) {
    const d = data[i] - centre[i % 3];
    total += (d * d) / count;
  }
  return Math.sqrt(total);
}
