// batchNorm: y = w (x - mean) / sqrt(variance + ε) + b, channel by channel.

import { ones, zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { add, mul, sub } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { rsqrt } from '../../ops/roots.js';
import { standardize } from '../../ops/standardize.js';
import { stopGradient } from '../../ops/stop.js';
import { checkedLayer } from './checked-layer.js';
import type { ApplyOptions, Layer } from './layer.js';

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Added to the variance; default 1e-5. */
  epsilon?: number;
  /** How far running statistics move towards those of a batch, from 0 to 1; default 0.1. */
  momentum?: number;
}

const BATCH_NORM_OPTIONS: OptionNames<BatchNormOptions> = { epsilon: true, momentum: true };

/** Parameters of `batchNorm`, [channels] each. `forward` updates the running statistics, not an optimizer. */
export interface BatchNormParams {
  weight: Tensor;
  bias: Tensor;
  runningMean: Tensor;
  runningVariance: Tensor;
}

/** The layer, which always has `forward`. */
export type BatchNorm = Layer<BatchNormParams> & Required<Pick<Layer<BatchNormParams>, 'forward'>>;

/** Names of the running statistics: parameters that no gradient trains. */
export const RUNNING: readonly string[] = ['runningMean', 'runningVariance'];

function checkInputs(params: BatchNormParams, x: Tensor): void {
  if (x.ndim < 2) throw new ShapeError(`batchNorm: x must be [n, channels, …], got ${show(x.shape)}`);
  for (const name of ['weight', 'bias', 'runningMean', 'runningVariance'] as const) {
    const { shape, dtype } = params[name];
    if (shape.length !== 1 || shape[0] !== x.shape[1])
      throw new ShapeError(
        `batchNorm: ${name} must be [${x.shape[1]}] for x of shape ${show(x.shape)}, got ${show(shape)}`,
      );
    if (dtype !== x.dtype)
      throw new DTypeError(`batchNorm: ${name} must be of x's dtype, ${x.dtype}, got ${dtype}`);
  }
}

/**
 * Batch normalisation of [n, channels, …] over all axes except the channels (Ioffe, Szegedy: Batch Normalization, ICML
 * 2015), with PyTorch's conventions. In training, each channel is normalised by the mean and the (biased) variance of
 * the batch; otherwise by the running statistics. `forward` returns { y, params } with running statistics moved by
 * `momentum` towards the batch's mean and unbiased variance, and no gradient passes through them. `apply` does not
 * update them. Means and variances are computed in f64 inside: equal inputs give the bias exactly, and f32 does not
 * overflow. Parameters { weight: ones, bias: zeros, runningMean: zeros, runningVariance: ones }. A batch with one
 * value per channel gives the bias, and leaves the running statistics as they are.
 * @throws ArgumentError for options out of range, ShapeError and DTypeError for an x that does not match the
 * parameters.
 * @example
 * const model = nn.sequential([nn.conv(8, [3, 3]), nn.batchNorm(), nn.activation('relu')]);
 * const { y, params: moved } = model.forward(params, x, { training: true });
 */
export function batchNorm(options: BatchNormOptions = {}): BatchNorm {
  checkOptions('batchNorm', options, BATCH_NORM_OPTIONS);
  const { epsilon = 1e-5, momentum = 0.1 } = options;
  if (!(typeof epsilon === 'number' && epsilon >= 0 && epsilon < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`batchNorm: epsilon must be a number from 0 up, got ${describe(epsilon)}`);
  if (!(typeof momentum === 'number' && momentum >= 0 && momentum <= 1))
    throw new ArgumentError(`batchNorm: momentum must be from 0 to 1, got ${describe(momentum)}`);

  const forward = (params: BatchNormParams, x: Tensor, { training = false }: ApplyOptions = {}) => {
    checkInputs(params, x);
    const { weight, bias, runningMean, runningVariance } = params;
    const across = (v: Tensor) => reshape(v, [v.size, ...new Array<number>(x.ndim - 2).fill(1)]);
    return scope(() => {
      if (!training) {
        const scale = mul(weight, rsqrt(add(runningVariance, epsilon)));
        return { y: add(mul(sub(x, across(runningMean)), across(scale)), across(bias)), params };
      }
      const [z, centre, spread] = standardize(x, epsilon);
      const y = add(mul(z, across(weight)), across(bias));
      const count = x.shape[1] === 0 ? 0 : x.size / x.shape[1];
      if (count < 2) return { y, params };
      const moved = (old: Tensor, batch: Tensor, factor: number) =>
        stopGradient(add(mul(1 - momentum, old), mul(momentum * factor, batch)));
      const statistics = {
        runningMean: moved(runningMean, centre, 1),
        runningVariance: moved(runningVariance, spread, count / (count - 1)),
      };
      return { y, params: { ...params, ...statistics } };
    });
  };
  return checkedLayer(
    'batchNorm',
    {
      name: 'batchNorm',
      outputShape: (shape) => shape,
      init(_, inputShape, { dtype = 'f32' } = {}) {
        if (inputShape.length < 1)
          throw new ShapeError(`batchNorm: inputShape must be [channels, …], got ${show(inputShape)}`);
        const shape = [inputShape[0]];
        return {
          weight: ones(shape, { dtype }),
          bias: zeros(shape, { dtype }),
          runningMean: zeros(shape, { dtype }),
          runningVariance: ones(shape, { dtype }),
        };
      },
      apply: (params, x, applied) => scope(() => forward(params, x, applied).y),
      forward,
    },
    { weight: 'required', bias: 'required', runningMean: 'required', runningVariance: 'required' },
  );
}
