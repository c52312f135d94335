// Convolution in one, two or three dimensions (cross-correlation, as in every network library).

import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import type { Generator } from '../../core/random/generator.js';
import { scope } from '../../core/scope.js';
import { type Shape, show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { add } from '../../ops/arithmetic.js';
import { convolveOp } from '../../ops/conv/convolve.js';
import { geometryOf, type Padding } from '../../ops/conv/geometry.js';
import { windowGram } from '../../ops/conv/window-gram.js';
import { type Algorithm, im2colOp } from '../../ops/conv/windows.js';
import { reshape, transpose } from '../../ops/layout.js';
import { apply } from '../../ops/op.js';
import { checkedLayer } from './checked-layer.js';
import { joined, parted } from './dense.js';
import { INITIALISE_OPTIONS, type InitialiseOptions, initialiser } from './initialise.js';
import type { Layer } from './layer.js';

export type { Padding };

/** Options of `conv`; a list has one value per axis. */
export interface ConvOptions extends InitialiseOptions {
  /** Default 1. */
  stride?: number | readonly number[];
  /** Default 1. */
  dilation?: number | readonly number[];
  /** Default 'valid'. */
  padding?: Padding | readonly Padding[];
  /**
   * Default 'auto': if stride and dilation are 1 and it is faster, four neighbouring outputs along the last axis are
   * computed together with fewer multiplications (minimal filtering). 'direct': every output separately, as a sum of
   * its products.
   */
  algorithm?: Algorithm;
}

const CONV_OPTIONS: OptionNames<ConvOptions> = /* @__PURE__ */ joinNames(INITIALISE_OPTIONS, {
  stride: true,
  dilation: true,
  padding: true,
  algorithm: true,
});

/** Parameters of `conv`. */
export interface ConvParams {
  /** [out, in, …kernel]. */
  weight: Tensor;
  /** [out]; absent without a bias. */
  bias?: Tensor;
}

/**
 * Convolution (cross-correlation) of [n, in, …extents] with a kernel of one to three axes to [n, out, …]: y = W * x +
 * b. Parameters { weight: [out, in, …kernel], bias: [out] }, initialised uniformly within ±1/sqrt(in · kernel), as in
 * PyTorch, or by `init`.
 *
 * Minimal filtering (`algorithm`, Winograd) keeps the rounding error within a few times that of the direct sum,
 * relative to Σ |w| |x|. Four outputs of a row share intermediate values, even if the window of one does not reach all
 * of them: an infinity or a NaN in x also makes NaN of a few neighbouring outputs (at most six on a side, along the
 * last axis), and entries beyond about a hundredth of the largest number may overflow. The same holds for the gradient
 * in x. With 'direct' nothing spreads.
 * @param kernel the kernel's extents, one to three.
 * @param options `stride`, `dilation`, `padding` and `algorithm` as in `ConvOptions`; `bias`, `init` and `biasInit` as
 * in `dense`.
 * @throws ArgumentError for invalid options, ShapeError for inputs that do not fit.
 * @example
 * const layer = conv(8, [3, 3], { padding: 'same' });
 * const params = layer.init(random(1), [3, 32, 32]);
 */
export function conv(out: number, kernel: readonly number[], options: ConvOptions = {}): Layer<ConvParams> {
  checkOptions('conv', options, CONV_OPTIONS);
  if (!Number.isInteger(out) || out < 1)
    throw new ArgumentError(`conv: out must be a count of channels, got ${describe(out)}`);
  if (!Array.isArray(kernel) || kernel.length < 1 || kernel.length > 3)
    throw new ArgumentError(`conv: kernel must have one to three extents, got ${describe(kernel)}`);
  const draw = initialiser('conv', options);
  return checkedLayer(
    'conv',
    {
      name: 'conv',
      linear: {
        rows(x) {
          const columns = apply(im2colOp, [x], geometryOf('conv', x.shape.slice(2), kernel, options));
          const [n, k, positions] = columns.shape;
          return reshape(transpose(columns, [0, 2, 1]), [n * positions, k]);
        },
        gram: (x, { bias }) =>
          windowGram(x, geometryOf('conv', x.shape.slice(2), kernel, options), bias !== undefined),
        outputRows: (y) => {
          const [n, positions] = [y.shape[0], sizeOf(y.shape.slice(2))];
          return reshape(transpose(reshape(y, [n, out, positions]), [0, 2, 1]), [n * positions, out]);
        },
        matrix: joined,
        params: parted,
        hasBias: ({ bias }) => bias !== undefined,
      },
      outputShape: (inputShape) => [out, ...geometryOf('conv', inputShape.slice(1), kernel, options).output],
      init(generator: Generator, inputShape: Shape, { dtype } = {}) {
        if (inputShape.length !== kernel.length + 1)
          throw new ShapeError(
            `conv: inputShape must be [channels] and ${kernel.length} more extents, got ${show(inputShape)}`,
          );
        const [channels, positions] = [inputShape[0], sizeOf(kernel)];
        const fans = { in: channels * positions, out: out * positions };
        return draw(generator, [out, channels, ...kernel], fans, dtype);
      },
      apply({ weight, bias }, x) {
        if (x.ndim !== kernel.length + 2) {
          throw new ShapeError(
            `conv: x must be [n, channels] and ${kernel.length} more axes, got ${show(x.shape)}`,
          );
        }
        if (show(weight.shape) !== show([out, x.shape[1], ...kernel])) {
          throw new ShapeError(
            `conv: weight must be ${show([out, x.shape[1], ...kernel])} for x of shape ${show(x.shape)}, got ${show(weight.shape)}`,
          );
        }
        const geometry = geometryOf('conv', x.shape.slice(2), kernel, options);
        return scope(() => {
          const product = apply(convolveOp, [x, weight], geometry);
          return bias === undefined ? product : add(product, reshape(bias, [out, ...kernel.map(() => 1)]));
        });
      },
    },
    { weight: 'required', bias: 'optional' },
  );
}
