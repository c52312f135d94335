// lorenz96Emulator: a network that takes the place of an interval of Lorenz96.

import { checkArray, checkCount, checkFinite, checkPositive } from '../../core/check.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { type Shape, show } from '../../core/shape.js';
import { checkFloat } from '../../linalg/stack.js';
import { activation } from '../../nn/layers/activation.js';
import { checkedLayer } from '../../nn/layers/checked-layer.js';
import { conv } from '../../nn/layers/conv.js';
import type { Layer } from '../../nn/layers/layer.js';
import { sequential } from '../../nn/layers/sequential.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';

/** Options of `lorenz96Emulator`. */
export interface Lorenz96EmulatorOptions {
  /** Channels of the convolutions but the last; default [32, 32, 32]. */
  channels?: readonly number[];
  /** Extent of all kernels; default 5. */
  kernel?: number;
  /** Mean of a point on the attractor; default 2.35, that of F = 8. */
  mean?: number;
  /** Standard deviation of a point on the attractor; default 3.64, that of F = 8. */
  std?: number;
}

const OPTIONS: OptionNames<Lorenz96EmulatorOptions> = { channels: true, kernel: true, mean: true, std: true };

/**
 * A network m(x) ≈ M(x) for an interval of a one-dimensional periodic system: m(x) = x + std · net((x - mean) / std). `net` is convolutions with a bias,
 * periodic along the ring, with SiLU between them; the last has one channel. It commutes with shifts of the ring, is smooth, and costs the same for intervals of
 * every length. Parameters are those of `nn.sequential` of these layers, fit every K, and by default are 10,657 numbers.
 * @param options `channels`, `kernel`; `mean` and `std`, by which inputs and changes are normalised.
 * @returns a layer from [n, K] to [n, K], f64 or f32, with `inputShape` [K]. It takes any number of batch axes, none included: as `advance` of a
 * `dynamics.system` it takes the place of the exact one.
 * @throws ArgumentError for invalid options; ShapeError and DTypeError for inputs and parameters that do not fit.
 * Source: section 3.3 of the dissertation, where m takes the place of the exact dynamics.
 * @example
 * const model = assimilation.lorenz96Emulator();
 * const { params } = await assimilation.trainEmulator(model, model.init(ct.random(1), [40], { dtype: 'f64' }), { states }, { epochs: 10 });
 * const emulator = dynamics.system({ stateShape: [40], interval: 0.1, advance: (x) => model.apply(params, x) });
 */
export function lorenz96Emulator(options: Lorenz96EmulatorOptions = {}): Layer<unknown[]> {
  const name = 'lorenz96Emulator';
  checkOptions(name, options, OPTIONS);
  const { channels = [32, 32, 32], kernel = 5, mean = 2.35, std = 3.64 } = options;
  checkArray(name, 'channels', channels);
  if (channels.length === 0)
    throw new ArgumentError(`${name}: channels must name at least one convolution, got []`);
  for (const count of channels) checkCount(name, 'channels', count, 1);
  checkCount(name, 'kernel', kernel, 1);
  checkFinite(name, 'mean', mean);
  checkPositive(name, 'std', std);
  const convolution = (count: number) => conv(count, [kernel], { padding: 'periodic' });
  const net = sequential([
    ...channels.flatMap((count) => [convolution(count), activation('silu')]),
    convolution(1),
  ]);
  const checkInputShape = (shape: Shape) => {
    if (shape.length !== 1) throw new ShapeError(`${name}: inputShape must be [K], got ${show(shape)}`);
  };
  return checkedLayer<Layer<unknown[]>>(name, {
    name,
    init(generator, inputShape, options) {
      checkInputShape(inputShape);
      return net.init(generator, [1, ...inputShape], options);
    },
    outputShape(inputShape) {
      checkInputShape(inputShape);
      return inputShape;
    },
    apply(params, x, options) {
      const K = checkFloat(name, 'x', x).shape.at(-1);
      if (K === undefined) throw new ShapeError(`${name}: x must end in the axis [K] of a state, got []`);
      return scope(() => {
        const rows = x.shape.slice(0, -1).reduce((count, extent) => count * extent, 1);
        const z = div(sub(reshape(x, [rows, 1, K]), mean), std);
        return add(x, mul(reshape(net.apply(params, z, options), x.shape), std));
      });
    },
  });
}
