// A step along a direction of Newton's kind: 1 is what to try first, and near the minimum what to trust.

import { maxAbsOf, unitRoundoffOf } from '../../linalg/blas/tensors.js';
import type { SolutionStatus } from '../../solve/solution.js';
import type { LineSearch } from '../line-search/line.js';
import type { DescentState } from '../method.js';
import { NOISE, type StallDetector } from '../stall-detector.js';

/**
 * Moves along `ray.direction` by a line search; where what the slope promises is lost in the rounding of f, by the full step if that
 * makes the gradient smaller. Without it a method that converges quadratically would stop at a gradient of about √u.
 */
export function newtonStep(
  descent: DescentState,
  search: LineSearch,
  patience: StallDetector,
): SolutionStatus | undefined {
  const { ray, value, gradientNorm } = descent;
  const noise = NOISE * unitRoundoffOf(descent.x) * Math.abs(value);
  ray.begin(value);
  const isLost = Math.abs(ray.slope0) <= noise;
  if (isLost) {
    ray.evaluateAt(1);
    if (ray.value <= value + noise && maxAbsOf(ray.trial.gradient) < 0.9 * gradientNorm)
      return descent.accept();
  }
  return (
    descent.move(search, search.initialStep) ?? patience.judge(isLost, gradientNorm, descent.gradientNorm)
  );
}
