// Poses in plain numbers. The solver has the points about their centre; theta has them as they were given.
import { type Quaternion, quaternionOf, type Vector, vectorOf, writeMatrix } from './quaternion.js';

export interface Pose {
  readonly rotation: Quaternion;
  readonly translation: Vector;
}

/** The pose for points about `centre`. */
export function poseAt(theta: ArrayLike<number>, centre: Vector): Pose {
  const rotation = quaternionOf([theta[0], theta[1], theta[2]]);
  const [a, b, c] = turned(rotation, centre);
  return { rotation, translation: [theta[3] + a, theta[4] + b, theta[5] + c] };
}

/** theta = (angle-axis, translation) for the points themselves. */
export function writeTheta({ rotation, translation }: Pose, centre: Vector, to: Float64Array): void {
  const [a, b, c] = turned(rotation, centre);
  to.set(vectorOf(rotation), 0);
  to.set([translation[0] - a, translation[1] - b, translation[2] - c], 3);
}

/** R p. */
export function turned(rotation: Quaternion, [x, y, z]: Vector): Vector {
  writeMatrix(rotation, matrix);
  const row = (i: number) => matrix[3 * i] * x + matrix[3 * i + 1] * y + matrix[3 * i + 2] * z;
  return [row(0), row(1), row(2)];
}

const matrix = /* @__PURE__ */ new Float64Array(9);
