// How well poses fit most of the points: Geman and McClure's bounded penalty of the distance between directions, which
// knows no scale of the scene and no horizon.

import type { Points } from './point-terms.js';
import type { Pose } from './pose.js';
import { writeMatrix } from './quaternion.js';

const matrix = /* @__PURE__ */ new Float64Array(9);

/** Σ w d²/(d² + threshold²), d = |b - X/|X||; and the weight of the points within the threshold. */
export interface Score {
  value: number;
  inliers: number;
}

/** Scores a pose; gives up above `limit`. */
export function scoreOf(
  points: Points,
  { rotation, translation }: Pose,
  threshold: number,
  limit = Number.POSITIVE_INFINITY,
): Score {
  writeMatrix(rotation, matrix);
  const { weights } = points;
  const square = threshold * threshold;
  const score = { value: 0, inliers: 0 };
  for (let i = 0; i < points.count && score.value <= limit; i++) {
    const d = squareDistance(points, i, translation);
    if (d <= square) score.inliers += weights[i];
    score.value += Number.isNaN(d) ? weights[i] : (weights[i] * d) / (d + square);
  }
  return score;
}

/** |b - X/|X||² of point i at the pose of `matrix`. */
function squareDistance({ world, bearings }: Points, i: number, t: Pose['translation']): number {
  const [p, q, r] = [world[3 * i], world[3 * i + 1], world[3 * i + 2]];
  const a = matrix[0] * p + matrix[1] * q + matrix[2] * r + t[0];
  const b = matrix[3] * p + matrix[4] * q + matrix[5] * r + t[1];
  const c = matrix[6] * p + matrix[7] * q + matrix[8] * r + t[2];
  const inverse = 1 / Math.sqrt(a * a + b * b + c * c);
  const x = bearings[3 * i] - a * inverse;
  const y = bearings[3 * i + 1] - b * inverse;
  const z = bearings[3 * i + 2] - c * inverse;
  return x * x + y * y + z * z;
}

/** Weights of the quadratic problem that has the same gradient as the score. */
export function reweighted(points: Points, { rotation, translation }: Pose, threshold: number): Float64Array {
  writeMatrix(rotation, matrix);
  const square = threshold * threshold;
  const weights = new Float64Array(points.count);
  for (let i = 0; i < points.count; i++) {
    const share = square / (squareDistance(points, i, translation) + square);
    weights[i] = points.weights[i] * share * share;
  }
  return weights;
}
