// Models by name: networks from papers, composed of layers.

import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { show } from '../../core/shape.js';
import { type Activation, activation } from './activation.js';
import { conv } from './conv.js';
import { dense } from './dense.js';
import { flatten } from './flatten.js';
import { INITIALISE_OPTIONS, type InitialiseOptions, initialiser } from './initialise.js';
import type { Layer } from './layer.js';
import { maxPool } from './pool.js';
import { type Sequential, sequential } from './sequential.js';

export { type Vae, type VaeOptions, vae } from './vae.js';

/** Options of `mlp`; those for initial weights go to every dense layer. */
export interface MlpOptions extends InitialiseOptions {
  /** Between dense layers, not after the last one; default 'relu'. */
  activation?: Activation;
}

const MLP_OPTIONS: OptionNames<MlpOptions> = /* @__PURE__ */ joinNames(INITIALISE_OPTIONS, {
  activation: true,
});

/** Layers for inputs of a fixed shape; other shapes are rejected. */
function forInputs(name: string, inputShape: readonly number[], layers: Layer[]): Sequential {
  const model = sequential(layers);
  return {
    ...model,
    name,
    init(generator, shape = inputShape, options) {
      if (show(shape) !== show(inputShape))
        throw new ShapeError(`${name}: inputShape must be ${show(inputShape)}, got ${show(shape)}`);
      return model.init(generator, shape, options);
    },
  };
}

/**
 * A fully connected network: dense layers of these sizes with an activation between them. Its parameters are those of
 * `sequential`.
 * @param sizes of the input, the hidden layers and the output, at least two.
 * @throws ArgumentError for sizes that are not positive integers.
 * @example
 * const model = nn.models.mlp([3072, 4000, 1000, 4000, 10]); // the network of Proximal Backpropagation, ICLR 2018
 * const params = model.init(random(1), [3072]);
 */
export function mlp(sizes: readonly number[], options: MlpOptions = {}): Sequential {
  checkOptions('mlp', options, MLP_OPTIONS);
  const { activation: between = 'relu', ...initial } = options;
  if (!Array.isArray(sizes) || sizes.length < 2 || sizes.some((n) => !(Number.isInteger(n) && n > 0)))
    throw new ArgumentError(`mlp: sizes must be two or more positive integers, got ${describe(sizes)}`);
  initialiser('mlp', initial);
  const layers = sizes
    .slice(1)
    .flatMap((size, i): Layer[] =>
      i === 0 ? [dense(size, initial)] : [activation(between), dense(size, initial)],
    );
  return forInputs('mlp', [sizes[0]], layers);
}

/**
 * The convolutional network of Frerix, Möllenhoff, Moeller, Cremers: Proximal Backpropagation (ICLR 2018) for images
 * [3, 32, 32] in ten classes: three times a 5 x 5 convolution ('same') to 16, 20 and 20 channels, relu and 2 x 2
 * pooling; then a dense layer.
 * @example
 * const model = nn.models.proxpropConvNet();
 * const params = model.init(random(1), [3, 32, 32]);
 */
export function proxpropConvNet(options: InitialiseOptions = {}): Sequential {
  checkOptions('proxpropConvNet', options, INITIALISE_OPTIONS);
  initialiser('proxpropConvNet', options);
  const block = (channels: number): Layer[] => [
    conv(channels, [5, 5], { padding: 'same', ...options }),
    activation('relu'),
    maxPool(2),
  ];
  const layers = [...block(16), ...block(20), ...block(20), flatten(), dense(10, options)];
  return forInputs('proxpropConvNet', [3, 32, 32], layers);
}
