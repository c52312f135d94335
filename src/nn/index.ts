// Table of contents of networks.
export { bernoulli, foldIn, randomBits } from '../ops/random-bits.js';
export { type Cifar10Options, cifar10Classes, type LabelledImages, readCifar10 } from './data/cifar10.js';
export { type IdxFile, type IdxType, readIdx } from './data/idx.js';
export { type SaveSafetensorsOptions, saveSafetensors } from './data/safetensors.js';
export { loadSafetensors, type Safetensors, type SafetensorsTree } from './data/safetensors-load.js';
export { type SyntheticImagesOptions, syntheticImages } from './data/synthetic-images.js';
export { type Activation, type ActivationOptions, activation } from './layers/activation.js';
export {
  type BatchNorm,
  type BatchNormOptions,
  type BatchNormParams,
  batchNorm,
} from './layers/batch-norm.js';
export {
  type ConeConstraint,
  type ConeConstraintOptions,
  coneConstraint,
} from './layers/constraints/cone.js';
export type { ConstraintLayer, ConstraintParams } from './layers/constraints/constrained.js';
export {
  type PolyhedronConstraint,
  type PolyhedronConstraintOptions,
  polyhedronConstraint,
} from './layers/constraints/polyhedron.js';
export { type RayConstraint, type RayConstraintOptions, rayConstraint } from './layers/constraints/ray.js';
export { type ConvOptions, type ConvParams, conv, type Padding } from './layers/conv.js';
export { type DenseOptions, type DenseParams, dense } from './layers/dense.js';
export { dropout } from './layers/dropout.js';
export { flatten } from './layers/flatten.js';
export type {
  Initialise,
  InitialiseFunction,
  InitialiseOptions,
  InitialiseRule,
} from './layers/initialise.js';
export type { ApplyOptions, Layer, LayerOptions, LinearForm } from './layers/layer.js';
export {
  binaryCrossEntropy,
  type CrossEntropyOptions,
  crossEntropy,
  gaussianKl,
  type KlOptions,
  kl,
  mse,
} from './layers/losses.js';
export * as models from './layers/models.js';
export { parameterCount } from './layers/parameters.js';
export { maxPool } from './layers/pool.js';
export { type Sequential, sequential } from './layers/sequential.js';
export { type UpsampleOptions, upsample } from './layers/upsample.js';
export type { Elbo, Vae, VaeOptions, VaeParams } from './layers/vae.js';
export { type DiagonalStepOptions, diagonalStep } from './proximal/diagonal-step.js';
export {
  type DirectionOptions,
  type Layerwise,
  type LayerwiseOptions,
  layerwise,
} from './proximal/layerwise.js';
export {
  type PenaltyOptions,
  type PenaltySweepOptions,
  type PenaltyVariables,
  penaltyEnergy,
  penaltySweep,
  penaltyVariables,
} from './proximal/penalty.js';
export { type ProxpropOptions, proxprop } from './proximal/proxprop.js';
export type { LastLayer, LayerRule, LayerStep, Loss, SweepResult } from './proximal/sweep.js';
export { type Batches, type BatchesOptions, batches } from './training/batches.js';
export { type EvaluateOptions, evaluate } from './training/evaluate.js';
export { fit } from './training/fit.js';
export type { FitOptions, FitProgress, FitResult } from './training/fit-options.js';
export type { Best, EarlyStopping, History } from './training/history.js';
export { accuracy, type Metric, type MetricFunction } from './training/metrics.js';
export type { Direction, Examples, LossAndMetrics, LossFunction } from './training/objective.js';
export type { BatchSource, BatchStream } from './training/source.js';
