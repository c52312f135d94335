// A local minimum near a pose: Levenberg and Marquardt's method, then Newton's with the full Hessian, to rounding.
import { solveDefinite } from './cholesky.js';
import { evaluate, newSums, type Sums } from './objective.js';
import type { Objective, Points } from './point-terms.js';
import type { Pose } from './pose.js';
import { product, quaternionOf } from './quaternion.js';

/** What a descent came to. */
export interface Refined {
  readonly pose: Pose;
  readonly cost: number;
  readonly stationarity: number;
  readonly behind: number;
  readonly iterations: number;
}

export interface RefineLimits {
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Damping at the start, its factor, where it is as good as none, and where no step helps any more. */
const FIRST_DAMPING = 1e-3;
const DAMPING_FACTOR = 10;
const LEAST_DAMPING = 1e-7;
const LAST_DAMPING = 1e12;
/** The full Hessian is used once a step changes the cost by less than this share, or the gradient nearly cancels. */
const NEAR = 0.1;
/** Costs that differ by a smaller share are equal to rounding; a gradient below the second is, or nearly. */
const SAME_COST = 1e-9;
const NO_GRADIENT = 1e-12;

/** Descends from a pose. */
export function refine(points: Points, start: Pose, objective: Objective, limits: RefineLimits): Refined {
  let [here, there] = [newSums(), newSums()];
  let pose = start;
  let damping = FIRST_DAMPING;
  let iterations = 0;
  let isNewton = false;
  const turnToNewton = () => {
    isNewton = true;
    damping = 0;
    evaluate(points, pose, objective, true, here);
  };
  evaluate(points, pose, objective, false, here);
  if (here.stationarity < NEAR) turnToNewton();
  for (; iterations < limits.maxIterations && damping <= LAST_DAMPING; iterations++) {
    const step = here.gradient.slice();
    const next = solveDefinite(here.hessian, damping, step) ? moved(pose, step) : undefined;
    if (next !== undefined) evaluate(points, next, objective, isNewton, there);
    if (next === undefined || !isBetter(objective, here, there)) {
      if (here.stationarity <= limits.tolerance && next !== undefined) break;
      damping = Math.max(damping * DAMPING_FACTOR, FIRST_DAMPING);
      continue;
    }
    const [costBefore, before] = [here.cost, here.stationarity];
    pose = next;
    [here, there] = [there, here];
    // Steps go on to rounding, where they gain nothing more.
    if (isNewton && before <= limits.tolerance && !(here.stationarity < before / 2)) break;
    if (here.stationarity === 0) break;
    damping /= DAMPING_FACTOR;
    if (damping < LEAST_DAMPING) damping = isNewton ? 0 : LEAST_DAMPING;
    if (!isNewton && (costBefore - here.cost < NEAR * costBefore || here.stationarity < NEAR)) turnToNewton();
  }
  const { cost, stationarity, behind } = here;
  return { pose, cost, stationarity, behind, iterations };
}

/** Whether the cost has become smaller; or, if it is the same to rounding, the gradient. */
function isBetter(objective: Objective, before: Sums, after: Sums): boolean {
  // A point that passes through the plane of the camera would leave the domain of the image distance.
  if (objective !== 'cosine' && after.behind > before.behind) return false;
  if (after.cost < before.cost * (1 - SAME_COST)) return true;
  const isSame = after.cost <= before.cost * (1 + SAME_COST) || after.stationarity <= NO_GRADIENT;
  return isSame && after.stationarity < before.stationarity;
}

/** The pose, moved by -(ω, τ). */
function moved({ rotation, translation }: Pose, step: Float64Array): Pose {
  return {
    rotation: product(quaternionOf([-step[0], -step[1], -step[2]]), rotation),
    translation: [translation[0] - step[3], translation[1] - step[4], translation[2] - step[5]],
  };
}
