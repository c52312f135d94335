// Table of contents of networks.
export { bernoulli, foldIn, randomBits } from '../ops/random-bits.js';
export { type Activation, type ActivationOptions, activation } from './activation.js';
export { type BatchNorm, type BatchNormOptions, type BatchNormParams, batchNorm } from './batch-norm.js';
export { type Batches, type BatchesOptions, batches } from './batches.js';
export { type Cifar10Options, cifar10Classes, type LabelledImages, readCifar10 } from './cifar10.js';
export { type ConvOptions, type ConvParams, conv, type Padding } from './conv.js';
export { type DenseOptions, type DenseParams, dense } from './dense.js';
export { type DiagonalStepOptions, diagonalStep } from './diagonal-step.js';
export { dropout } from './dropout.js';
export { type EvaluateOptions, evaluate } from './evaluate.js';
export { fit } from './fit.js';
export type { FitOptions, FitProgress, FitResult } from './fit-options.js';
export { flatten } from './flatten.js';
export type { Best, EarlyStopping, History } from './history.js';
export { type IdxFile, type IdxType, readIdx } from './idx.js';
export type { Initialise, InitialiseFunction, InitialiseOptions, InitialiseRule } from './initialise.js';
export type { ApplyOptions, Layer, LayerOptions, LinearForm } from './layer.js';
export { type DirectionOptions, type Layerwise, type LayerwiseOptions, layerwise } from './layerwise.js';
export { binaryCrossEntropy, crossEntropy, gaussianKl, type KlOptions, kl, mse } from './losses.js';
export { accuracy, type Metric, type MetricFunction } from './metrics.js';
export * as models from './models.js';
export type { Direction, Examples, Judged, Objective } from './objective.js';
export { parameterCount } from './parameters.js';
export {
  type PenaltyOptions,
  type PenaltySweepOptions,
  type PenaltyVariables,
  penaltyEnergy,
  penaltySweep,
  penaltyVariables,
} from './penalty.js';
export { maxPool } from './pool.js';
export { type ProxpropOptions, proxprop } from './proxprop.js';
export { type SaveSafetensorsOptions, saveSafetensors } from './safetensors.js';
export { loadSafetensors, type Safetensors, type SafetensorsTree } from './safetensors-load.js';
export { type Sequential, sequential } from './sequential.js';
export type { BatchSource, BatchStream } from './source.js';
export type { LastLayer, LayerRule, LayerStep, Loss, Swept } from './sweep.js';
export { type SyntheticImagesOptions, syntheticImages } from './synthetic-images.js';
export { type UpsampleOptions, upsample } from './upsample.js';
export type { Elbo, Vae, VaeOptions, VaeParams } from './vae.js';
