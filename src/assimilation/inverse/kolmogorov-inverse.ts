// kolmogorovInverse: the network of Table 2, from observations of a two-dimensional flow to its velocities.

import { checkCount } from '../../core/check.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import {
  doublings,
  INVERSE_OPTIONS,
  type InverseLayer,
  type InverseOptions,
  inverseNetwork,
} from './network.js';

/** Options of `kolmogorovInverse`; `factor` is 16 by default. */
export interface KolmogorovInverseOptions extends InverseOptions {
  /** Channels of the first convolution, halved with each that follows, down to 2; default 64. */
  channels?: number;
}

const OPTIONS: OptionNames<KolmogorovInverseOptions> = /* @__PURE__ */ joinNames(INVERSE_OPTIONS, {
  channels: true,
});

/**
 * A network that maps observations of every `factor`-th point along both axes of a periodic flow, over T times, to its
 * velocities at these times: an approximate inverse of `subsample(factor, { axes: [-2, -1] })`. The first convolution works
 * on the observed grid; then come log2(factor) bicubic upsamplings by 2 in space, each before a convolution with half as
 * many channels. Convolutions have a bias, are periodic in space and padded with zeros in time; batch normalisation and SiLU
 * follow all but the last, which gives the two components. By default 77,486 numbers are trained. Parameters { blocks:
 * [{ conv, norm }, …], output } do not depend on T and the grid.
 * @param options `factor`, `channels`, `kernel`; the published variants `upsampling` and `statistics`.
 * @returns a layer from [n, T, 2, k, k] to [n, T, 2, k · factor, k · factor], f64 or f32, with `inputShape` [T, 2, k, k]. It
 * takes any number of batch axes, none included. `forward` moves the running statistics in training.
 * @throws ArgumentError for invalid options; ShapeError and DTypeError for inputs and parameters that do not fit.
 * Source: Frerix et al. (ICML 2021), Table 2.
 * @example
 * const model = assimilation.kolmogorovInverse();
 * const params = model.init(ct.random(1), [10, 2, 4, 4]);
 * const velocities = model.apply(params, observations); // [n, 10, 2, 4, 4] to [n, 10, 2, 64, 64]
 */
export function kolmogorovInverse(options: KolmogorovInverseOptions = {}): InverseLayer {
  const name = 'kolmogorovInverse';
  checkOptions(name, options, OPTIONS);
  const { factor = 16, channels = 64, kernel = 3 } = options;
  const { upsampling = 'aligned', statistics = 'running' } = options;
  checkCount(name, 'channels', channels, 1);
  const halved = Array.from({ length: doublings(name, factor) + 1 }, (_, i) =>
    i === 0 ? channels : Math.max(2, channels >> i),
  );
  return inverseNetwork({
    ...{ name, fields: 2, space: 2, factor, channels: halved, kernel, upsampling, statistics },
  });
}
