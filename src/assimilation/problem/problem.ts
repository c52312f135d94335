// The problem of variational assimilation: which initial state explains the observations?

import type { CheckpointSchedule } from '../../autodiff/schedule.js';
import type { OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import type { System } from '../../dynamics/system.js';
import type { Covariance } from '../covariance/covariance.js';
import type { ObservationFunction, ObservationOperator } from '../operators/operator.js';

/**
 * J(x0) = (x0 - xb)ᵀ B⁻¹ (x0 - xb) + Σ_t (H(x_t) - y_t)ᵀ R⁻¹ (H(x_t) - y_t), x_{t+1} = M(x_t), without ½.
 * Source: Frerix et al., Variational Data Assimilation with a Learned Inverse Observation Operator (2021), equation (1).
 */
export interface Problem {
  /** M: its `advance` is an interval. */
  system: System;
  /** H: acts on one state; a function gets the interval as its second argument. */
  operator: ObservationOperator | ObservationFunction;
  /** y, one row per observed interval: [...batch, m, ...observation]. */
  observations: Tensor;
  /** The interval of each row, counted from x0 = 0, rising; default 0, 1, …, m - 1: the first row is an observation of x0. */
  observationSteps?: readonly number[];
  /** Background, [...batch, ...state]; with B. */
  xb?: Tensor;
  /** Covariance of the background's error; with xb. */
  B?: Covariance;
  /** Covariance of the observation error of one row; default the identity. */
  R?: Covariance;
  /** [m, ...observation], 0 where nothing was observed, else 1; with a diagonal R. Observations there may be anything, NaN too. */
  mask?: Tensor;
  /** 'mean' divides J, both terms, by the number of observed values; default 'sum'. */
  reduction?: 'sum' | 'mean';
  /** States that reverse mode keeps; it recomputes the others. Default 'sqrt'. Values do not depend on it. */
  checkpoint?: CheckpointSchedule;
}

export const PROBLEM: OptionNames<Problem> = {
  ...{ system: true, operator: true, observations: true, observationSteps: true, xb: true, B: true },
  ...{ R: true, mask: true, reduction: true, checkpoint: true },
};
