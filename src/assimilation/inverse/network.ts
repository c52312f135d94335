// The fully convolutional networks that map observations to states: convolutions that are periodic in space and padded
// with zeros in time, between them batch normalisation, SiLU and cubic upsampling in space.

import { checkArray, checkCount, checkObject, checkOneOf } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import type { OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { type Shape, show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { type BatchNormParams, batchNorm } from '../../nn/layers/batch-norm.js';
import { checkedLayer } from '../../nn/layers/checked-layer.js';
import { type ConvParams, conv, type Padding } from '../../nn/layers/conv.js';
import type { ApplyOptions, Layer } from '../../nn/layers/layer.js';
import { silu } from '../../ops/activations.js';
import { add, mul } from '../../ops/arithmetic.js';
import { reshape, transpose } from '../../ops/layout.js';
import { standardize } from '../../ops/standardize.js';
import { CUBIC_VARIANTS, type CubicVariant, refine } from '../starts/cubic-upsample.js';

/** Options of both networks. */
export interface InverseOptions {
  /** Points observed along each axis times this give the state's: 1, 2, 4, … */
  factor?: number;
  /** Extent of all kernels along every axis, time included; default 3. */
  kernel?: number;
  /**
   * How grids are refined, as in `cubicUpsample`; default 'aligned', right for `subsample`. 'halfPixel' and 'published'
   * are there to compare with networks that were trained so.
   */
  upsampling?: CubicVariant;
  /**
   * What batch normalisation takes outside of training: 'running' (default), the running statistics; 'sample', each
   * sample's own mean and variance over time and space, as published: the output for a sample is then what training on it
   * alone would give, and running statistics are not used.
   */
  statistics?: 'running' | 'sample';
}

export const INVERSE_OPTIONS: OptionNames<InverseOptions> = {
  factor: true,
  kernel: true,
  upsampling: true,
  statistics: true,
};

/** A convolution with the normalisation behind it. */
export interface InverseBlock {
  conv: ConvParams;
  norm: BatchNormParams;
}

/** Parameters of an inverse: its blocks, and the last convolution. */
export interface InverseParams {
  blocks: InverseBlock[];
  output: ConvParams;
}

/** An inverse observation operator, which always has `forward`. */
export type InverseLayer = Layer<InverseParams> & Required<Pick<Layer<InverseParams>, 'forward'>>;

/** What a network is made of. */
interface Plan extends Required<InverseOptions> {
  name: string;
  /** Components of the field: 1, without an axis of its own, or more, with one after the time. */
  fields: number;
  /** Axes of space. */
  space: number;
  /** Channels of the blocks. */
  channels: readonly number[];
}

const EPSILON = 1e-5;

/** log2 of a checked factor. */
export function doublings(name: string, factor: unknown): number {
  checkCount(name, 'factor', factor, 1, 2 ** 30);
  const steps = 31 - Math.clz32(factor);
  if (1 << steps !== factor)
    throw new ArgumentError(`${name}: factor must be a power of two (1, 2, 4, …), got ${describe(factor)}`);
  return steps;
}

/** Each sample normalised by its own statistics: its channels are set beside those of the others. */
function normaliseEach({ weight, bias }: BatchNormParams, x: Tensor): Tensor {
  const [n, channels, ...extents] = x.shape;
  const [z] = standardize(reshape(x, [1, n * channels, ...extents]), EPSILON);
  const across = (v: Tensor) => reshape(v, [channels, ...extents.map(() => 1)]);
  return add(mul(reshape(z, x.shape), across(weight)), across(bias));
}

/** The layer of a plan. */
export function inverseNetwork(plan: Plan): InverseLayer {
  const { name, fields, space, channels, kernel, upsampling, statistics } = plan;
  const steps = doublings(name, plan.factor);
  checkCount(name, 'kernel', kernel, 1);
  checkOneOf(name, 'upsampling', upsampling, CUBIC_VARIANTS);
  checkOneOf(name, 'statistics', statistics, ['running', 'sample']);
  checkArray(name, 'channels', channels);
  for (const count of channels) checkCount(name, 'channels', count, 1);
  if (channels.length < Math.max(1, steps))
    throw new ArgumentError(
      `${name}: channels must name at least ${Math.max(1, steps)} convolutions for factor ${plan.factor}, got ${describe(channels)}`,
    );
  const kernels = new Array<number>(space + 1).fill(kernel);
  const padding: Padding[] = ['same', ...new Array<Padding>(space).fill('periodic')];
  const convs = [...channels, fields].map((count) => conv(count, kernels, { padding }));
  const norm = batchNorm({ epsilon: EPSILON });
  const hasFields = fields > 1;
  const inputs = hasFields ? `[T, ${fields}, ${'k, '.repeat(space).slice(0, -2)}]` : '[T, k]';
  const axes = Array.from({ length: space }, (_, i) => i + 3);

  /** How many axes of shape belong to a batch; `shape` must end in that of observations. */
  const batchAxes = (argument: string, shape: Shape): number => {
    const batch = shape.length - 1 - space - (hasFields ? 1 : 0);
    if (batch < 0 || (hasFields && shape[batch + 1] !== fields))
      throw new ShapeError(`${name}: ${argument} must be ${inputs}, got ${show(shape)}`);
    return batch;
  };
  const checkInputShape = (shape: Shape) => {
    if (batchAxes('inputShape', shape) !== 0)
      throw new ShapeError(`${name}: inputShape must be ${inputs}, got ${show(shape)}`);
  };
  const checkParams = (params: InverseParams) => {
    checkObject(name, 'params', params);
    checkArray(name, 'params.blocks', params.blocks);
    if (params.blocks.length !== channels.length)
      throw new ShapeError(
        `${name}: params.blocks must be ${channels.length}, one per convolution but the last, got ${params.blocks.length}`,
      );
    params.blocks.forEach((block, i) => {
      checkObject(name, `params.blocks[${i}]`, block);
    });
  };
  /** Time behind the channels, or back before them. */
  const swapped = (x: Tensor) => transpose(x, [0, 2, 1, ...axes]);

  const forward = (params: InverseParams, x: Tensor, options: ApplyOptions = {}) => {
    checkParams(params);
    const count = batchAxes('x', x.shape);
    const [batch, own] = [x.shape.slice(0, count), x.shape.slice(count)];
    const n = sizeOf(batch);
    return scope(() => {
      let y = hasFields ? swapped(reshape(x, [n, ...own])) : reshape(x, [n, 1, ...own]);
      const blocks = params.blocks.map((block, i) => {
        if (i >= 1 && i <= steps) y = refine(y, 2, axes, upsampling);
        const z = convs[i].apply(block.conv, y);
        if (statistics === 'sample' && options.training !== true) {
          y = silu(normaliseEach(block.norm, z));
          return block;
        }
        const normalised = norm.forward(block.norm, z, options);
        y = silu(normalised.y);
        return { ...block, norm: normalised.params };
      });
      if (channels.length === steps) y = refine(y, 2, axes, upsampling);
      y = convs[channels.length].apply(params.output, y);
      const result = hasFields ? swapped(y) : y;
      const spatial = own.slice(-space).map((extent) => extent * plan.factor);
      return {
        y: reshape(result, [...batch, ...own.slice(0, -space), ...spatial]),
        params: { ...params, blocks },
      };
    });
  };

  return checkedLayer<InverseLayer>(name, {
    name,
    init(generator, inputShape, options) {
      checkInputShape(inputShape);
      return scope(() => {
        const inner = new Array<number>(space + 1).fill(1);
        const blocks = channels.map((_, i) => ({
          conv: convs[i].init(generator, [i === 0 ? fields : channels[i - 1], ...inner], options),
          norm: norm.init(generator, [channels[i], ...inner], options),
        }));
        const last = channels[channels.length - 1];
        return { blocks, output: convs[channels.length].init(generator, [last, ...inner], options) };
      });
    },
    outputShape(inputShape) {
      checkInputShape(inputShape);
      return inputShape.map((extent, i) => (i < inputShape.length - space ? extent : extent * plan.factor));
    },
    apply: (params, x, options) => scope(() => forward(params, x, options).y),
    forward,
  });
}
