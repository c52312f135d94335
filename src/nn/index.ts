// Table of contents of networks.
export { type Activation, type ActivationOptions, activation } from './activation.js';
export { type BatchNormOptions, type BatchNormParams, batchNorm } from './batch-norm.js';
export { type Cifar10Options, cifar10Classes, type LabelledImages, readCifar10 } from './cifar10.js';
export { type ConvOptions, type ConvParams, conv, type Padding } from './conv.js';
export { type DenseOptions, type DenseParams, dense } from './dense.js';
export { type DiagonalStepOptions, diagonalStep } from './diagonal-step.js';
export { dropout } from './dropout.js';
export { flatten } from './flatten.js';
export type { Initialise, InitialiseFunction, InitialiseOptions, InitialiseRule } from './initialise.js';
export type { ApplyOptions, Layer, LayerOptions, LinearForm } from './layer.js';
export { type DirectionOptions, type Layerwise, layerwise } from './layerwise.js';
export { crossEntropy, mse } from './losses.js';
export { maxPool } from './pool.js';
export { type ProxpropOptions, proxprop } from './proxprop.js';
export { type Sequential, sequential } from './sequential.js';
export type { LayerRule, LayerStep, Loss, Swept } from './sweep.js';
export { type SyntheticImagesOptions, syntheticImages } from './synthetic-images.js';
