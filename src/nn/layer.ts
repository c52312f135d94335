// A layer: pure functions over a tree of parameters.
import type { Generator } from '../core/random/generator.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

/** Options of `init`. */
export interface LayerOptions {
  /** Element type of the parameters; default f32. */
  dtype?: 'f64' | 'f32';
}

/** Options of `apply`. */
export interface ApplyOptions {
  /** Training or inference; default false. Batch normalisation and dropout tell them apart. */
  training?: boolean;
}

/** A layer with parameters P; shapes are without the batch axis. */
export interface Layer<P = unknown> {
  readonly name: string;
  /** New parameters for inputs of this shape. */
  init(generator: Generator, inputShape: Shape, options?: LayerOptions): P;
  /** The layer's value for a batch x, [n, …inputShape]. */
  apply(params: P, x: Tensor, options?: ApplyOptions): Tensor;
  /** The shape that it gives. */
  outputShape(inputShape: Shape): Shape;
}
