// Table of contents of data assimilation.

export type { Covariance, CovarianceFunctions } from './covariance/covariance.js';
export * as covariance from './covariance/index.js';
export { sampleCovariance } from './covariance/sample-covariance.js';
export { type Whitening, whitening } from './covariance/whitening.js';
export { type Cycle, type CycleOptions, type CycleProblem, cycle } from './cycle.js';
export { type Lorenz96EmulatorOptions, lorenz96Emulator } from './emulator/lorenz96-emulator.js';
export { type EmulatorExamples, type TrainEmulatorOptions, trainEmulator } from './emulator/train.js';
export { type Ensemble, type EnsembleMember, type EnsembleOptions, ensemble } from './ensemble/ensemble.js';
export { errorScale } from './errors/error-scale.js';
export { type RelativeErrorOptions, relativeError } from './errors/relative-error.js';
export { type KolmogorovInverseOptions, kolmogorovInverse } from './inverse/kolmogorov-inverse.js';
export { type Lorenz96InverseOptions, lorenz96Inverse } from './inverse/lorenz96-inverse.js';
export type { InverseBlock, InverseLayer, InverseOptions, InverseParams } from './inverse/network.js';
export { type InverseExamples, type TrainInverseOptions, trainInverse } from './inverse/train.js';
export { objective } from './objective/objective.js';
export { identity } from './operators/identity.js';
export { linear } from './operators/linear.js';
export { type ObserveOptions, observe } from './operators/observe.js';
export type { ObservationFunction, ObservationOperator } from './operators/operator.js';
export { type SubsampleOperator, type SubsampleOptions, subsample } from './operators/subsample.js';
export type { Problem } from './problem/problem.js';
export { type SimulateOptions, simulate } from './simulate.js';
export { averageInitial } from './starts/average-initial.js';
export { type CubicUpsampleOptions, type CubicVariant, cubicUpsample } from './starts/cubic-upsample.js';
export type { TrainingOptions } from './training.js';
export { fourDVar } from './variational/four-d-var.js';
export {
  type HybridAnalysis,
  type HybridOptions,
  type HybridTraceEntry,
  hybrid,
} from './variational/hybrid.js';
export { type Incremental, type IncrementalOptions, incremental } from './variational/incremental.js';
export type { Analysis, FourDVarOptions } from './variational/options.js';
export { type Inverse, physicsProblem } from './variational/physics-problem.js';
