// activation: a layer that applies a function to every element.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { elu, gelu, relu, sigmoid, silu, softplus, softsign } from '../../ops/activations.js';
import { mul } from '../../ops/arithmetic.js';
import { greater } from '../../ops/compare.js';
import { reshape } from '../../ops/layout.js';
import { where } from '../../ops/select.js';
import { logSoftmax, softmax } from '../../ops/softmax.js';
import { sin, tanh } from '../../ops/trigonometric.js';
import { checkedLayer } from './checked-layer.js';
import type { Layer } from './layer.js';

/** Options of `activation`. */
export interface ActivationOptions {
  /** Slope of 'leakyRelu' below 0; default 0.01, as in PyTorch. */
  slope?: number;
}

const ACTIVATION_OPTIONS: OptionNames<ActivationOptions> = { slope: true };

const FUNCTIONS = {
  relu,
  leakyRelu: (x: Tensor, slope: number) => where(greater(x, 0), x, mul(x, slope)),
  elu,
  silu,
  gelu,
  softplus,
  sigmoid,
  tanh,
  softsign,
  sin,
  softmax: (x: Tensor) => softmax(x, { axis: 1 }),
  logSoftmax: (x: Tensor) => logSoftmax(x, { axis: 1 }),
  identity: (x: Tensor) => reshape(x, x.shape),
} as const;

/** Names of activations. */
export type Activation = keyof typeof FUNCTIONS;

/**
 * A layer without parameters that applies a function to every element: 'relu', 'leakyRelu' (x above 0, slope · x
 * below), 'elu', 'silu', 'gelu', 'softplus', 'sigmoid', 'tanh', 'softsign' (x / (1 + |x|)), 'sin', 'identity', or your
 * own function; 'softmax' and 'logSoftmax' apply to the channels (axis 1).
 * @param name the name of the function, or a function of a tensor.
 * @throws ArgumentError for an unknown name or a slope that is not finite.
 * @example
 * nn.sequential([nn.dense(100), nn.activation('relu'), nn.dense(10)]);
 */
export function activation(
  name: Activation | ((x: Tensor) => Tensor),
  options: ActivationOptions = {},
): Layer<Record<string, never>> {
  checkOptions('activation', options, ACTIVATION_OPTIONS);
  const { slope = 0.01 } = options;
  if (typeof name !== 'function' && !(typeof name === 'string' && Object.hasOwn(FUNCTIONS, name))) {
    throw new ArgumentError(
      `activation: name must be one of ${Object.keys(FUNCTIONS).join(', ')}, or a function, got ${describe(name)}`,
    );
  }
  if (!Number.isFinite(slope))
    throw new ArgumentError(`activation: slope must be a finite number, got ${describe(slope)}`);
  const f: (x: Tensor, slope: number) => Tensor = typeof name === 'function' ? name : FUNCTIONS[name];
  return checkedLayer<Layer<Record<string, never>>>('activation', {
    name: typeof name === 'function' ? 'activation' : name,
    init: () => ({}),
    outputShape: (shape) => shape,
    apply: (_, x) => scope(() => f(x, slope)),
  });
}
