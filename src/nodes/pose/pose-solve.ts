// The solver of pnp for one problem in plain numbers.

import { posesAround } from './around.js';
import type { Objective, Points } from './point-terms.js';
import { type Pose, poseAt } from './pose.js';
import { type RansacSettings, startingPoses } from './ransac.js';
import { type Refined, type RefineLimits, refine } from './refine.js';

/** From a guess. */
export function refineFrom(
  points: Points,
  theta: ArrayLike<number>,
  objective: Objective,
  limits: RefineLimits,
): Refined {
  return refine(points, poseAt(theta, points.centre), objective, limits);
}

/**
 * From poses that RANSAC finds by the likeliest points: of those that fit about as well, the lowest cost. Where none leads
 * to a solution, from all around.
 */
export function refineFound(
  points: Points,
  likeliest: Points,
  objective: Objective,
  settings: RansacSettings,
  limits: RefineLimits,
): Refined {
  const starts = startingPoses(likeliest, settings).map(({ pose }) => pose);
  const best = lowest(points, starts, objective, limits);
  if (best !== undefined && isRight(best, limits)) return best;
  const around = lowest(points, posesAround(points), objective, limits) as Refined;
  return best !== undefined && !isRight(around, limits) ? best : around;
}

/** The solution of lowest cost, or where there is none, what the first start came to. */
function lowest(
  points: Points,
  starts: readonly Pose[],
  objective: Objective,
  limits: RefineLimits,
): Refined | undefined {
  let best: Refined | undefined;
  for (const start of starts) {
    const found = refine(points, start, objective, limits);
    if (best === undefined) best = found;
    else if (isRight(found, limits) && !(isRight(best, limits) && best.cost <= found.cost)) best = found;
  }
  return best;
}

const isRight = ({ stationarity, behind }: Refined, { tolerance }: RefineLimits) =>
  behind === 0 && stationarity <= tolerance;
