// A layer: pure functions over a tree of parameters.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import type { Generator } from '../../core/random/generator.js';
import type { Shape } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';

/** Options of `init`. */
export interface LayerOptions {
  /** Element type of the parameters; default f32. */
  dtype?: 'f64' | 'f32';
}

/** Options of `apply`. */
export interface ApplyOptions {
  /** Training or inference; default false. Only batch normalisation, dropout and `boxAfterEpoch` distinguish them. */
  training?: boolean;
  /** i32 [2]: the key of a layer's random numbers in training. Another key gives other numbers. */
  key?: Tensor;
  /** In training: how many epochs are behind, 0 in the first. `fit` gives it with every step. */
  epoch?: number;
}

/** A layer with parameters P; shapes are without the batch axis. */
export interface Layer<P = unknown> {
  readonly name: string;
  /** New parameters for inputs of this shape. */
  init(generator: Generator, inputShape: Shape, options?: LayerOptions): P;
  /** The output for a batch x, [n, …inputShape]. */
  apply(params: P, x: Tensor, options?: ApplyOptions): Tensor;
  /** The shape of the output. */
  outputShape(inputShape: Shape): Shape;
  /** `apply`, and the parameters with updated running statistics. Only for layers with such statistics. */
  forward?(params: P, x: Tensor, options?: ApplyOptions): { y: Tensor; params: P };
  /** Only if y is linear in the parameters: what layerwise steps (`proxprop`) need. */
  readonly linear?: LinearForm<P>;
}

/** A layer as a matrix: y = ã Dᵀ, row by row, with D [out, k] or, with a bias, [out, k + 1] and ã = [a, 1]. */
export interface LinearForm<P = unknown> {
  /** The rows a of the input, [rows, k]: one per example, or per example and position. */
  rows(x: Tensor, params: P): Tensor;
  /** ÃᵀÃ, if there is a cheaper way to it than by the rows. */
  gram?(x: Tensor, params: P): Tensor;
  /** A tensor of y's shape as [rows, out]. */
  outputRows(y: Tensor): Tensor;
  /** Parameters (or a direction of them) as D, the bias last. */
  matrix(params: P): Tensor;
  /** D as parameters with the shapes of `like`. */
  params(matrix: Tensor, like: P): P;
  /** Whether there is a bias. */
  hasBias(params: P): boolean;
}

/** What any layer gives, and the parameters with updated running statistics. */
export function forwardOf<P>(
  layer: Layer<P>,
  params: P,
  x: Tensor,
  options?: ApplyOptions,
): { y: Tensor; params: P } {
  return layer.forward?.(params, x, options) ?? { y: layer.apply(params, x, options), params };
}

/** Checks that a value is a layer; a function, which has a method `apply` too, is not. */
export function checkLayer(name: string, argument: string, value: unknown): asserts value is Layer {
  const layer = value as Layer | null | undefined;
  if (typeof layer !== 'object' || typeof layer?.apply !== 'function')
    throw new ArgumentError(`${name}: ${argument} must be a layer, got ${describe(value)}`);
}
