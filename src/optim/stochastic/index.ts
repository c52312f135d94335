// Table of contents of stochastic optimisation.
export { type AdamOptions, type AdamState, adam, adamw } from './adam.js';
export { type Averaging, type AveragingState, averaging } from './averaging.js';
export { type ChainState, chain } from './chain.js';
export type { LearningRate, Schedule } from './learning-rate.js';
export type { Optimizer, OptimizerState } from './optimizer.js';
export { type PlateauOptions, type PlateauState, reduceOnPlateau } from './plateau.js';
export {
  type AdagradOptions,
  adagrad,
  type RmspropOptions,
  type RmspropState,
  rmsprop,
} from './rmsprop.js';
export * as schedules from './schedules.js';
export { type SgdOptions, type SgdState, sgd } from './sgd.js';
export {
  type BatchGradient,
  type StochasticLbfgs,
  type StochasticLbfgsOptions,
  type StochasticLbfgsState,
  stochasticLbfgs,
} from './stochastic-lbfgs.js';
export {
  addWeightDecay,
  clipByGlobalNorm,
  clipByValue,
  type Transformation,
  transformation,
} from './transformation.js';
