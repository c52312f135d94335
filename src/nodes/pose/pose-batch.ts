// All problems of a batch of pnp: checks, the solver one by one, and the report.
import { ConvergenceError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { type Batch, checkEntries, problemText } from '../problems/batch.js';
import type { Solved } from '../problems/node-row.js';
import { type Limits, Residuals } from '../problems/report.js';
import type { Objective, Points } from './point-terms.js';
import { checkPoints, NO_CAMERA, pointsOf, someOf } from './points.js';
import { writeTheta } from './pose.js';
import { refineFound, refineFrom } from './pose-solve.js';
import type { RansacOptions } from './ransac.js';
import type { Refined } from './refine.js';

/** What the problems of a call share. */
export interface Problems {
  readonly objective: Objective;
  readonly ransac: RansacOptions;
  /** Of the dtype of the points as they were given. */
  readonly epsilon: number;
  /** The points that RANSAC uses, by the weights of one problem; default: all of positive weight. */
  readonly likeliest?: (weights: Float64Array) => readonly number[];
}

/** The arguments by name, each [count, ...], f64. */
type Parts = Readonly<Record<string, Tensor | undefined>>;

const DEFAULTS = { iterations: 1000, threshold: 0.01, seed: 0 };

/** The points of positive weight of problem i, their places, and what their weights were divided by. */
export function pointsIn(
  { p2d, p3d, weights, K, alpha }: Parts,
  i: number,
): { points: Points; positions: number[]; scale: number; weights?: Float64Array } {
  const view = (x: Tensor | undefined): Float64Array | undefined => {
    if (x === undefined) return undefined;
    const size = x.size / x.shape[0];
    return (x.data() as Float64Array).subarray(size * i, size * (i + 1));
  };
  const own = view(weights);
  const found = pointsOf({
    image: view(p2d) as Float64Array,
    world: view(p3d) as Float64Array,
    weights: own,
    camera: view(K) ?? NO_CAMERA,
    alpha: view(alpha)?.[0] ?? 1,
  });
  return { ...found, scale: own?.reduce((a, b) => Math.max(a, b), 0) ?? 1, weights: own };
}

/** Solves all problems, and writes their poses. */
export function solveAll(
  batch: Batch,
  parts: Parts,
  problems: Problems,
  limits: Limits,
  out: Float64Array,
): Solved {
  check(batch, parts);
  const residuals = new Residuals();
  const solved: Solved = { iterations: 0, residuals };
  let largest = 0;
  for (let i = 0; i < batch.count; i++) {
    const { found, points } = solveOne(batch, parts, problems, limits, i);
    writeTheta(found.pose, points.centre, out.subarray(6 * i, 6 * i + 6));
    solved.iterations = Math.max(solved.iterations, found.iterations);
    // A point behind the camera is no solution at all.
    const residual = found.behind > 0 ? Number.POSITIVE_INFINITY : found.stationarity;
    residuals.note({ stationarity: residual });
    if (!(residual <= largest)) [largest, solved.worst] = [residual, i];
  }
  if (batch.count === 0) residuals.note({ stationarity: 0 });
  return solved;
}

function check(batch: Batch, { p2d, p3d, weights, K, alpha, theta0 }: Parts): void {
  for (const [name, x] of Object.entries({ p2d, p3d, weights, K, alpha, theta0 }))
    if (x !== undefined) checkEntries(batch, name, x);
  if (weights) checkEntries(batch, 'weights', weights, (w) => w >= 0, 'at least 0');
  if (alpha) checkEntries(batch, 'alpha', alpha, (a) => a > 0, 'above 0');
  if (!K) return;
  const data = K.data();
  let entry = 0;
  checkEntries(batch, 'K', K, () => entry++ % 4 > 1 || data[entry - 1] !== 0, 'a focal length other than 0');
}

function solveOne(
  batch: Batch,
  parts: Parts,
  problems: Problems,
  limits: Limits,
  i: number,
): { found: Refined; points: Points } {
  const { points, positions, weights } = pointsIn(parts, i);
  const where = problemText(batch, i);
  const { theta0 } = parts;
  checkPoints(batch.name, points, theta0 ? 3 : 4, problems.epsilon, where);
  const found = theta0
    ? refineFrom(points, theta0.data().subarray(6 * i, 6 * i + 6), problems.objective, limits)
    : refineFound(
        points,
        likeliestOf(points, positions, problems, weights),
        problems.objective,
        angles(points, problems.ransac),
        limits,
      );
  const throws = limits.throws;
  if (throws && found.behind > 0)
    throw new ConvergenceError(
      `${batch.name}: ${found.behind} of the points are behind the camera at the solution${where}: give another theta0, or leave them out by weights of 0`,
      found.iterations,
      found.stationarity,
    );
  return { found, points };
}

/** The points that RANSAC uses. */
function likeliestOf(
  points: Points,
  positions: readonly number[],
  { likeliest }: Problems,
  weights: Float64Array | undefined,
): Points {
  if (likeliest === undefined || weights === undefined) return points;
  const places = new Map(positions.map((position, k) => [position, k]));
  const chosen = likeliest(weights).flatMap((position) => places.get(position) ?? []);
  return chosen.length < 4 ? points : someOf(points, chosen);
}

function angles({ camera }: Points, ransac: RansacOptions) {
  const focal = (Math.abs(camera[0]) + Math.abs(camera[1])) / 2;
  const { iterations = DEFAULTS.iterations, seed = DEFAULTS.seed, threshold } = ransac;
  return { iterations, seed, threshold: threshold === undefined ? DEFAULTS.threshold : threshold / focal };
}
