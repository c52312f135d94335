// lorenz96Inverse: the network of Table 1, from observations of a one-dimensional system to its states.

import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { INVERSE_OPTIONS, type InverseLayer, type InverseOptions, inverseNetwork } from './network.js';

/** Options of `lorenz96Inverse`; `factor` is 4 by default. */
export interface Lorenz96InverseOptions extends InverseOptions {
  /** Channels of the convolutions but the last; default [128, 64, 32, 16]. At least log2(factor) of them. */
  channels?: readonly number[];
}

const OPTIONS: OptionNames<Lorenz96InverseOptions> = /* @__PURE__ */ joinNames(INVERSE_OPTIONS, {
  channels: true,
});

/**
 * A network that maps observations of every `factor`-th point of a one-dimensional periodic system, over T times, to its
 * states at these times: an approximate inverse of `subsample(factor)`. The first convolution works on the observed grid;
 * then come log2(factor) cubic upsamplings by 2 in space, each before a convolution. Convolutions have a bias, are periodic
 * in space and padded with zeros in time; batch normalisation and SiLU follow all but the last, which has one channel. By
 * default 98,785 numbers are trained. Parameters { blocks: [{ conv, norm }, …], output } do not depend on T and k.
 * @param options `factor`, `channels`, `kernel`; the published variants `upsampling` and `statistics`.
 * @returns a layer from [n, T, k] to [n, T, k · factor], f64 or f32, with `inputShape` [T, k]. It takes any number of batch
 * axes, none included. `forward` moves the running statistics in training.
 * @throws ArgumentError for invalid options; ShapeError and DTypeError for inputs and parameters that do not fit.
 * Source: Frerix et al. (ICML 2021), Table 1.
 * @example
 * const model = assimilation.lorenz96Inverse();
 * const params = model.init(ct.random(1), [10, 10]);
 * const states = model.apply(params, observations); // [n, 10, 10] to [n, 10, 40]
 */
export function lorenz96Inverse(options: Lorenz96InverseOptions = {}): InverseLayer {
  const name = 'lorenz96Inverse';
  checkOptions(name, options, OPTIONS);
  const { factor = 4, channels = [128, 64, 32, 16], kernel = 3 } = options;
  const { upsampling = 'aligned', statistics = 'running' } = options;
  return inverseNetwork({ name, fields: 1, space: 1, factor, channels, kernel, upsampling, statistics });
}
