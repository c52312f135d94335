// Table of contents of networks.
export { type ConvOptions, type ConvParams, conv, type Padding } from './conv.js';
export type { ApplyOptions, Layer, LayerOptions } from './layer.js';
export { crossEntropy, mse } from './losses.js';
export { maxPool } from './pool.js';
