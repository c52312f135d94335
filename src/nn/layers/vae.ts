// Variational autoencoder: -ELBO = -log p(x | z) + β KL(q(z | x) ‖ N(0, 1)), z = mean + e^(logVariance / 2) noise.

import { checkObject } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { type Shape, sameShape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { sigmoid } from '../../ops/activations.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { exp } from '../../ops/exponential.js';
import { reshape } from '../../ops/layout.js';
import { checkTensor } from '../../ops/op.js';
import { square } from '../../ops/roots.js';
import { slice } from '../../ops/slice.js';
import { sum } from '../../ops/sum.js';
import { optionsAt } from './apply-options.js';
import { checkCall, checkedLayer } from './checked-layer.js';
import { type ApplyOptions, checkLayer, forwardOf, type Layer } from './layer.js';
import { binaryCrossEntropy, gaussianKl } from './losses.js';

/** Options of `vae`. */
export interface VaeOptions<E, D> {
  /** x to [2 · latent]: the mean and the log variance of its code, side by side. */
  encoder: Layer<E>;
  /** A code, [latent], to logits or means of x, in the shape of x or flat. */
  decoder: Layer<D>;
  /** Length of a code. */
  latent: number;
  /**
   * 'bernoulli' (default): x in [0, 1], the decoder returns logits; 'gaussian': it returns means, with this `variance`.
   */
  likelihood?: 'bernoulli' | 'gaussian';
  /** Variance of x around the decoder's means, for 'gaussian'; default 1. */
  variance?: number;
  /** Weight of the divergence; default 1, the evidence lower bound. */
  beta?: number;
}

const VAE_OPTIONS: OptionNames<VaeOptions<unknown, unknown>> = {
  encoder: true,
  decoder: true,
  latent: true,
  likelihood: true,
  variance: true,
  beta: true,
};

/** Parameters of both halves. */
export interface VaeParams<E, D> {
  encoder: E;
  decoder: D;
}

/** A loss and its terms, scalars: means over the batch, sums over the elements of x and of the code. */
export interface Elbo<E, D> {
  /** reconstruction + β kl. */
  loss: Tensor;
  /** -log p(x | z); for 'gaussian' without its constant. */
  reconstruction: Tensor;
  kl: Tensor;
  /** The parameters; in training with updated running statistics. */
  params: VaeParams<E, D>;
}

/** A variational autoencoder; as a layer it returns reconstructions from the means of the codes. */
export interface Vae<E = unknown, D = unknown> extends Layer<VaeParams<E, D>> {
  readonly latent: number;
  readonly encoder: Layer<E>;
  readonly decoder: Layer<D>;
  /** x [n, …] to the distribution of its code, both [n, latent]. */
  encode(params: VaeParams<E, D>, x: Tensor, options?: ApplyOptions): { mean: Tensor; logVariance: Tensor };
  /** Codes [n, latent] to probabilities ('bernoulli') or means ('gaussian') of x. */
  decode(params: VaeParams<E, D>, z: Tensor, options?: ApplyOptions): Tensor;
  /** The negative evidence lower bound for one draw of the codes; `noise` is [n, latent], standard normal. */
  elbo(params: VaeParams<E, D>, x: Tensor, noise: Tensor, options?: ApplyOptions): Elbo<E, D>;
  /** `elbo(…).loss` alone, in training: the function to differentiate. */
  loss(params: VaeParams<E, D>, x: Tensor, noise: Tensor, options?: ApplyOptions): Tensor;
}

/** The arguments of a call: parameters of both halves, x or codes, and options. */
function checkHalves(params: unknown, x: unknown, options: ApplyOptions | undefined): void {
  checkObject('vae', 'params', params);
  checkCall('vae', {}, params, x, options);
}

/**
 * A variational autoencoder (Kingma, Welling: Auto-Encoding Variational Bayes, ICLR 2014) of two networks. The noise of
 * the codes is an argument, so that the loss is a function: draw it anew in each step with `random(seed).normal([n,
 * latent], { dtype: 'f32' })`. `decode(params, noise)` makes new images. `elbo(…).params` has the updated statistics of
 * batch normalisation.
 * @throws ArgumentError for invalid options, ShapeError for networks, inputs or noise that do not fit.
 * @example
 * const model = nn.models.vae({
 *   encoder: nn.sequential([nn.dense(256), nn.activation('relu'), nn.dense(2 * 16)]),
 *   decoder: nn.sequential([nn.dense(256), nn.activation('relu'), nn.dense(784)]),
 *   latent: 16,
 * });
 * const step = compile(valueAndGrad(model.loss)); // (params, x, noise)
 */
export function vae<E, D>(options: VaeOptions<E, D>): Vae<E, D> {
  checkOptions('vae', options, VAE_OPTIONS);
  const { encoder, decoder, latent, likelihood = 'bernoulli', variance = 1, beta = 1 } = options;
  for (const [name, layer] of [
    ['encoder', encoder],
    ['decoder', decoder],
  ] as const)
    checkLayer('vae', name, layer);
  if (!(Number.isInteger(latent) && latent > 0))
    throw new ArgumentError(`vae: latent must be a positive integer, got ${describe(latent)}`);
  if (likelihood !== 'bernoulli' && likelihood !== 'gaussian')
    throw new ArgumentError(`vae: likelihood must be 'bernoulli' or 'gaussian', got ${describe(likelihood)}`);
  if (!(typeof variance === 'number' && variance > 0 && variance < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`vae: variance must be a positive number, got ${describe(variance)}`);
  if (!(typeof beta === 'number' && beta >= 0 && beta < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`vae: beta must be a number from 0 up, got ${describe(beta)}`);

  const parted = (y: Tensor) => {
    if (y.ndim !== 2 || y.shape[1] !== 2 * latent)
      throw new ShapeError(
        `vae: encoder must give [n, ${2 * latent}], twice the latent size, got ${show(y.shape)}`,
      );
    const part = (i: number) => slice(y, [0, i * latent], [y.shape[0], (i + 1) * latent]);
    return { mean: part(0), logVariance: part(1) };
  };
  const encode = (params: VaeParams<E, D>, x: Tensor, applied?: ApplyOptions) => {
    checkHalves(params, x, applied);
    return scope(() => parted(encoder.apply(params.encoder, x, optionsAt(applied, 0))));
  };
  const decode = (params: VaeParams<E, D>, z: Tensor, applied?: ApplyOptions) => {
    checkHalves(params, z, applied);
    return scope(() => {
      const y = decoder.apply(params.decoder, z, optionsAt(applied, 1));
      return likelihood === 'bernoulli' ? sigmoid(y) : y;
    });
  };
  const elbo = (params: VaeParams<E, D>, x: Tensor, noise: Tensor, applied?: ApplyOptions): Elbo<E, D> => {
    checkHalves(params, x, applied);
    checkTensor('vae', 'noise', noise);
    return scope(() => {
      const code = forwardOf(encoder, params.encoder, x, optionsAt(applied, 0));
      const { mean, logVariance } = parted(code.y);
      if (!sameShape(noise.shape, mean.shape))
        throw new ShapeError(`vae: noise must be ${show(mean.shape)}, got ${show(noise.shape)}`);
      const z = add(mean, mul(exp(mul(0.5, logVariance)), noise));
      const drawn = forwardOf(decoder, params.decoder, z, optionsAt(applied, 1));
      if (drawn.y.size !== x.size)
        throw new ShapeError(
          `vae: decoder must give as many elements as x, ${show(x.shape)}, got ${show(drawn.y.shape)}`,
        );
      const y = reshape(drawn.y, x.shape);
      const reconstruction =
        likelihood === 'bernoulli'
          ? binaryCrossEntropy(y, x)
          : div(sum(square(sub(y, x))), 2 * variance * x.shape[0]);
      const kl = gaussianKl(mean, logVariance);
      const loss = add(reconstruction, mul(beta, kl));
      return { loss, reconstruction, kl, params: { encoder: code.params, decoder: drawn.params } };
    });
  };

  return checkedLayer<Vae<E, D>>('vae', {
    name: 'vae',
    ...{ latent, encoder, decoder },
    init(generator, inputShape, given) {
      const codes = encoder.outputShape(inputShape);
      if (!sameShape(codes, [2 * latent]))
        throw new ShapeError(
          `vae: encoder must give [${2 * latent}], twice the latent size, got ${show(codes)} (end it with dense(${2 * latent}))`,
        );
      return scope(() => ({
        encoder: encoder.init(generator, inputShape, given),
        decoder: decoder.init(generator, [latent], given),
      }));
    },
    outputShape: (_: Shape) => decoder.outputShape([latent]),
    apply: (params, x, applied) => scope(() => decode(params, encode(params, x, applied).mean, applied)),
    encode,
    decode,
    elbo,
    loss: (params, x, noise, applied = { training: true }) =>
      scope(() => elbo(params, x, noise, applied).loss),
  });
}
