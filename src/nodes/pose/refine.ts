// A local minimum near a pose: Levenberg and Marquardt's method, then Newton's with the full Hessian, to rounding.
import { solveDefinite } from './cholesky.js';
import { evaluate, newSums, type Pose, type Sums } from './objective.js';
import type { Objective, Points } from './point-terms.js';
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

/** Damping at the start, its factor, and where no step helps any more. */
const FIRST_DAMPING = 1e-3;
const DAMPING_FACTOR = 10;
const LAST_DAMPING = 1e12;
/** Newton's method is tried once a step changes the cost by less than this share, or the gradient nearly cancels. */
const NEAR = 0.1;

/** Descends from a pose. */
export function refine(points: Points, start: Pose, objective: Objective, limits: RefineLimits): Refined {
  let [here, there] = [newSums(), newSums()];
  let pose = start;
  let damping = FIRST_DAMPING;
  let iterations = 0;
  let near = false;
  evaluate(points, pose, objective, false, here);
  const done = (): Refined => ({
    pose,
    cost: here.cost,
    stationarity: here.stationarity,
    behind: here.behind,
    iterations,
  });
  const move = (next: Pose): void => {
    pose = next;
    [here, there] = [there, here];
  };
  while (iterations < limits.maxIterations) {
    if (near || here.stationarity < NEAR) {
      const next = newtonStep(points, pose, objective, here, there);
      if (next !== undefined) {
        iterations++;
        const before = here.stationarity;
        move(next);
        if (before <= limits.tolerance && !(here.stationarity < before / 2)) return done();
        if (here.stationarity === 0) return done();
        continue;
      }
      if (here.stationarity <= limits.tolerance) return done();
      evaluate(points, pose, objective, false, here);
    }
    iterations++;
    const accepted = dampedStep(points, pose, objective, damping, here, there);
    if (accepted === undefined) {
      damping *= DAMPING_FACTOR;
      if (damping > LAST_DAMPING) return done();
      continue;
    }
    near = here.cost - there.cost < NEAR * here.cost;
    damping = Math.max(damping / DAMPING_FACTOR, 1e-12);
    move(accepted);
  }
  return done();
}

/** Newton's step, if the Hessian is positive definite and both gradient and cost get smaller; `here` gets the Hessian. */
function newtonStep(
  points: Points,
  pose: Pose,
  objective: Objective,
  here: Sums,
  there: Sums,
): Pose | undefined {
  evaluate(points, pose, objective, true, here);
  const step = here.gradient.slice();
  if (!solveDefinite(here.hessian, 0, step)) return undefined;
  const next = moved(pose, step);
  evaluate(points, next, objective, false, there);
  const falls = there.cost <= here.cost * (1 + 1e-9) || there.stationarity <= 1e-12;
  return falls && there.stationarity < here.stationarity && there.behind <= here.behind ? next : undefined;
}

/** A step of Levenberg and Marquardt's method, if the cost gets smaller. */
function dampedStep(
  points: Points,
  pose: Pose,
  objective: Objective,
  damping: number,
  here: Sums,
  there: Sums,
): Pose | undefined {
  const step = here.gradient.slice();
  if (!solveDefinite(here.hessian, damping, step)) return undefined;
  const next = moved(pose, step);
  evaluate(points, next, objective, false, there);
  // A point that passes through the plane of the camera would leave the domain of the image distance.
  const stays = objective === 'cosine' || there.behind <= here.behind;
  return stays && there.cost < here.cost ? next : undefined;
}

/** The pose, moved by -(ω, τ). */
function moved({ rotation, translation }: Pose, step: Float64Array): Pose {
  return {
    rotation: product(quaternionOf([-step[0], -step[1], -step[2]]), rotation),
    translation: [translation[0] - step[3], translation[1] - step[4], translation[2] - step[5]],
  };
}
