// Options and result of a 4D-Var.

import type { OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import type { Solution } from '../../solve/solution.js';
import type { IterationOptions } from '../../solve/watch.js';
import type { Covariance } from '../covariance/covariance.js';
import type { Whitening } from '../covariance/whitening.js';

/** Options of `fourDVar`. */
export interface FourDVarOptions extends IterationOptions {
  /** Minimise over ξ with x = C^{1/2} ξ, plus xb where there is one; gradients and tolerances are in ξ then. */
  precondition?: Whitening | Covariance;
}

export const FOUR_D_VAR_OPTIONS: OptionNames<FourDVarOptions> = {
  ...{ precondition: true, gradientTolerance: true, maxIterations: true, onIteration: true },
  ...{ throws: true, trace: true, compile: true },
};

/** The result of `fourDVar`: x is the analysis, the state at step 0. */
export interface Analysis extends Solution<Tensor> {
  /** The trajectory from x, [...batch, steps + 1, ...state], as `dynamics.trajectory` gives it; as long as x lives. */
  forecast(steps: number): Tensor;
  /** Both parts of the value at x. */
  terms: { background: number; observations: number };
}
