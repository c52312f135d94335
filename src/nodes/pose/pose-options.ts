// The options of pnp and blindPnp.
import { checkFinite, checkOneOf } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import type { NodeArgument } from '../problems/batch.js';
import type { ToleranceOptions } from '../problems/report.js';
import type { Objective } from './point-terms.js';
import type { RansacOptions } from './ransac.js';

/** What pnp and blindPnp share. */
export interface PoseOptions extends ToleranceOptions {
  /** (fx, fy, cx, cy) [..., 4]; without it, the image points are normalised already. */
  K?: Tensor;
  /** Default 'reprojection'. */
  objective?: Objective;
  /** Where Huber's penalty becomes linear, [...] or a number; default 1. */
  alpha?: NodeArgument;
  /** The start [..., 6]; without it, RANSAC finds one. Its derivative is 0. */
  theta0?: Tensor;
  /** The search for a start, where there is no theta0. */
  ransac?: RansacOptions;
}

/** Options of `pnp`. */
export interface PnpOptions extends PoseOptions {
  /** [..., n], not negative; their scale does not matter. Default: all equal. */
  weights?: Tensor;
}

export const POSE_OPTIONS = {
  K: true,
  objective: true,
  alpha: true,
  theta0: true,
  ransac: true,
  tolerance: true,
  maxIterations: true,
  throws: true,
  onSolve: true,
} as const;

const RANSAC_OPTIONS = { iterations: true, threshold: true, seed: true } as const;
const OBJECTIVES = ['reprojection', 'cosine', 'huber'] as const;

/** Checks what is no tensor. */
export function checkPoseOptions(name: string, { objective, ransac }: PoseOptions): void {
  if (objective !== undefined) checkOneOf(name, 'objective', objective, OBJECTIVES);
  if (ransac === undefined) return;
  checkOptions(name, ransac, RANSAC_OPTIONS, 'ransac');
  const { iterations, threshold, seed } = ransac;
  if (iterations !== undefined && !(Number.isInteger(iterations) && iterations >= 1))
    throw new ArgumentError(
      `${name}: ransac.iterations must be a whole number of at least 1, got ${describe(iterations)}`,
    );
  if (threshold !== undefined) {
    checkFinite(name, 'ransac.threshold', threshold);
    if (!(threshold > 0))
      throw new ArgumentError(`${name}: ransac.threshold must be above 0, got ${threshold}`);
  }
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0))
    throw new ArgumentError(
      `${name}: ransac.seed must be a whole number from 0 to 2^53 - 1, got ${describe(seed)}`,
    );
}
