// The solver of pnp for one problem in plain numbers.

import type { Objective, Points } from './point-terms.js';
import { quaternionOf, vectorOf } from './quaternion.js';
import { type RansacSettings, startingPoses } from './ransac.js';
import type { Refined, RefineLimits } from './refine.js';
import { refine } from './refine.js';

/** A candidate whose robust score is this many times the best one's may still have the lower cost. */
const RIVAL = 4;

/** From a guess. */
export function refineFrom(
  points: Points,
  theta: ArrayLike<number>,
  objective: Objective,
  limits: RefineLimits,
): Refined {
  const start = {
    rotation: quaternionOf([theta[0], theta[1], theta[2]]),
    translation: [theta[3], theta[4], theta[5]] as const,
  };
  return refine(points, start, objective, limits);
}

/** From poses that RANSAC finds by the points `chosen`: of those that fit about as well, the lowest cost. */
export function refineFound(
  points: Points,
  chosen: ArrayLike<number>,
  objective: Objective,
  settings: RansacSettings,
  limits: RefineLimits,
): Refined | undefined {
  let best: Refined | undefined;
  let bound = Number.POSITIVE_INFINITY;
  for (const { pose, score } of startingPoses(points, chosen, settings)) {
    if (best !== undefined && score > bound) break;
    const found = refine(points, pose, objective, limits);
    if (!isRight(found, limits)) {
      best ??= found;
      continue;
    }
    bound = Math.min(bound, RIVAL * score + 1e-12);
    if (best === undefined || !isRight(best, limits) || found.cost < best.cost) best = found;
  }
  return best;
}

const isRight = ({ stationarity, behind }: Refined, { tolerance }: RefineLimits) =>
  behind === 0 && stationarity <= tolerance;

/** (angle-axis, translation). */
export function writeTheta({ pose }: Refined, to: Float64Array): void {
  to.set(vectorOf(pose.rotation), 0);
  to.set(pose.translation, 3);
}
