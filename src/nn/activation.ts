// activation: a function of every element, by its name.
import { ArgumentError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { elu, gelu, relu, sigmoid, silu, softplus } from '../ops/activations.js';
import { tanh } from '../ops/trigonometric.js';
import type { Layer } from './layer.js';

const FUNCTIONS = { relu, elu, silu, sigmoid, tanh, gelu, softplus } as const;

/** Names of activations. */
export type Activation = keyof typeof FUNCTIONS;

/**
 * A layer without parameters that applies a function to every element.
 * @throws ArgumentError for a name that is none.
 * @example
 * nn.sequential([nn.dense(100), nn.activation('relu'), nn.dense(10)]);
 */
export function activation(name: Activation): Layer<Record<string, never>> {
  if (!Object.hasOwn(FUNCTIONS, name)) {
    throw new ArgumentError(
      `activation: name must be one of ${Object.keys(FUNCTIONS).join(', ')}, got ${String(name)}`,
    );
  }
  const f = FUNCTIONS[name] as (x: Tensor) => Tensor;
  return { name, init: () => ({}), outputShape: (shape) => shape, apply: (_, x) => f(x) };
}
