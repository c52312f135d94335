// A line search along a Newton-like direction: tries step 1 first, and accepts it near the minimum.

import { maxAbsOf, unitRoundoffOf } from '../../linalg/blas/tensors.js';
import type { SolutionStatus } from '../../solve/solution.js';
import type { LineSearch } from '../line-search/line.js';
import type { DescentState } from '../method.js';
import { NOISE, type StallDetector } from '../stall-detector.js';

/**
 * Moves along `ray.direction` by a line search. If the predicted decrease is lost in the rounding of f, takes the full
 * step if that reduces the gradient: otherwise a quadratically convergent method would stop at a gradient of about √u.
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
