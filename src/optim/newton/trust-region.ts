// Trust region: minimises a model within |p| <= Δ; Δ adapts to how well the model predicts f.

import { checkAtLeast, checkBetween } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { dot, maxAbsOf, norm2, unitRoundoffOf } from '../../linalg/blas/tensors.js';
import type { SolutionStatus } from '../../solve/solution.js';
import { type DescentState, hasFallen, type Method } from '../method.js';
import { NOISE, StallDetector } from '../stall-detector.js';
import { dogleg } from './dogleg.js';
import { steihaug } from './steihaug.js';

/** Options of `trustRegion`. */
export interface TrustRegionOptions {
  /** 'steihaug' (default): Hessian-vector products, for any n; 'dogleg': factors the Hessian, for small n. */
  subproblem?: 'dogleg' | 'steihaug';
  /** The first Δ; default 1. */
  radius?: number;
  /** The largest Δ; default Infinity. */
  maxRadius?: number;
  /** η in [0, 1/4): a step is accepted if f falls by more than η times the prediction of the model; default 1e-4. */
  eta?: number;
}

const TRUST_REGION_OPTIONS: OptionNames<TrustRegionOptions> = {
  subproblem: true,
  radius: true,
  maxRadius: true,
  eta: true,
};

/** How to minimise a model of f within a radius. */
export interface Subproblem {
  /** Computes the model at a new x; false if it is not finite. */
  prepare(): boolean;
  /**
   * p := a step of at most this length; returns the decrease of the model, and whether the step is inside the radius.
   */
  step(radius: number, p: Tensor): { predicted: number; isInside: boolean };
}

const SUBPROBLEMS = { dogleg, steihaug } as const;

/**
 * The trust-region method: unlike a line search it uses negative curvature ('steihaug') and takes no long steps where
 * the Hessian is nearly singular. An iteration is a trial step; a rejected one has step 0 in the trace.
 * Source: Nocedal and Wright, Algorithm 4.1, with Δ := |p| / 4 after a rejected step.
 * @param options `subproblem`, `radius`, `maxRadius`, `eta`.
 * @throws ArgumentError for an invalid option.
 * @example
 * optim.minimize(f, x0, optim.trustRegion());
 * optim.minimize(f, x0, optim.trustRegion({ subproblem: 'dogleg', radius: 10 }));
 */
export function trustRegion(options: TrustRegionOptions = {}): Method {
  checkOptions('trustRegion', options, TRUST_REGION_OPTIONS);
  const { subproblem = 'steihaug', radius = 1, maxRadius = Number.POSITIVE_INFINITY, eta = 1e-4 } = options;
  if (typeof subproblem !== 'string' || !Object.hasOwn(SUBPROBLEMS, subproblem)) {
    throw new ArgumentError(
      `trustRegion: subproblem must be 'dogleg' or 'steihaug', got ${describe(subproblem)}`,
    );
  }
  checkBetween('trustRegion', 'radius', radius, 0, Number.POSITIVE_INFINITY);
  checkAtLeast('trustRegion', 'maxRadius', maxRadius, radius);
  if (typeof eta !== 'number' || !(eta >= 0 && eta < 0.25))
    throw new ArgumentError(`trustRegion: eta must be in [0, 1/4), got ${describe(eta)}`);
  return {
    name: 'trustRegion',
    maxIterations: 10_000,
    start(descent) {
      const model = SUBPROBLEMS[subproblem](descent);
      const patience = new StallDetector();
      let delta = radius;
      let isNew = true;
      return {
        step() {
          if (isNew && !model.prepare()) return 'notFinite';
          const { predicted, isInside } = model.step(delta, descent.ray.direction);
          const ratio = quality(descent, predicted);
          const length = norm2(descent.ray.direction);
          if (!(ratio >= 0.25)) delta = Math.min(delta, length) / 4;
          else if (ratio > 0.75 && !isInside) delta = Math.min(2 * delta, maxRadius);
          isNew = ratio > eta;
          if (isNew) {
            const { gradientNorm, value, x } = descent;
            const isLost = predicted <= NOISE * unitRoundoffOf(x) * Math.abs(value);
            descent.accept();
            return patience.judge(isLost, gradientNorm, descent.gradientNorm);
          }
          descent.step = 0;
          return delta <= unitRoundoffOf(descent.x) * norm2(descent.x) || delta === 0 || !(predicted > 0)
            ? failure(descent, predicted)
            : undefined;
        },
      };
    },
  };
}

/** The ratio (4.4) of the decrease of f to that of the model; 1 if it is lost in rounding but the gradient falls. */
function quality({ ray, value, x, gradientNorm }: DescentState, predicted: number): number {
  const noise = NOISE * unitRoundoffOf(x) * Math.abs(value);
  ray.begin(value);
  if (predicted <= noise) {
    ray.evaluateAt(1);
    if (ray.value <= value + noise && maxAbsOf(ray.trial.gradient) < 0.9 * gradientNorm) return 1;
  } else ray.valueAt(1);
  return ray.value === Number.NEGATIVE_INFINITY ? 1 : (value - ray.value) / predicted;
}

function failure({ ray, value, x }: DescentState, predicted: number): SolutionStatus {
  if (hasFallen(value, x)) return 'unbounded';
  // The models are made of squares of the gradient, which may overflow where it does not.
  const square = dot(ray.gradient, ray.gradient);
  return [ray.value, predicted, square].every(Number.isFinite) ? 'stalled' : 'notFinite';
}
