// Convolution of GpuTensors.

import { ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { show, sizeOf } from '../core/shape.js';
import { geometryOf, type Padding } from '../ops/conv/geometry.js';
import { GpuTensor } from './gpu-tensor.js';
import { checkGpuTensor, elementsOf, filled, launched, withTemporaries } from './operands.js';
import type { PortableKernel } from './portable.js';
import { device } from './session.js';

/** None ('valid'), zeros that keep the size ('same') or a number of zeros, or the values at the other end ('periodic'). */
export type ConvolvePadding = Padding;

/** Options of `convolve`; a list has one value per axis. */
export interface ConvolveOptions {
  /** Default 1. */
  stride?: number | readonly [number, number];
  /** Default 1. */
  dilation?: number | readonly [number, number];
  /** Default 'valid'. */
  padding?: ConvolvePadding | readonly [ConvolvePadding, ConvolvePadding];
  /** [out], added to every plane. */
  bias?: GpuTensor;
}

const OPTIONS: OptionNames<ConvolveOptions> = { stride: true, dilation: true, padding: true, bias: true };
const NAME = 'gpu.convolve';

const KERNEL: PortableKernel = {
  key: 'convolve',
  source: 'convolvePlanes',
  parameters: [
    ...(['tensor', 'tensor', 'tensor', 'table', 'table'] as const),
    ...new Array<'integer'>(14).fill('integer'),
  ],
  functions: [],
};

/**
 * Convolution (cross-correlation) of images on the GPU: x [n, in, h, w] and weight [out, in, kh, kw] give [n, out, …], as `nn.conv` of two
 * axes on the CPU, with its padding, stride and dilation; sums run over channels, then rows, then columns of the kernel. Queues the
 * work and returns at once; `download` waits for it and throws its errors.
 * @throws ShapeError, ArgumentError, DeviceError before `gpu.init()` or if the GPU cannot hold the result.
 * @example
 * using y = gpu.convolve(images, weight, { padding: 'same', bias });
 */
export function convolve(x: GpuTensor, weight: GpuTensor, options: ConvolveOptions = {}): GpuTensor {
  checkGpuTensor(NAME, 'x', x);
  checkGpuTensor(NAME, 'weight', weight);
  checkOptions(NAME, options, OPTIONS);
  const { bias } = options;
  if (bias !== undefined) checkGpuTensor(NAME, 'bias', bias);
  const [images, channels, ...extents] = x.shape;
  const [outs, depth, ...kernel] = weight.shape;
  if (extents.length !== 2) throw new ShapeError(`${NAME}: x must be [n, in, h, w], got ${show(x.shape)}`);
  if (kernel.length !== 2 || depth !== channels || sizeOf(kernel) === 0)
    throw new ShapeError(
      `${NAME}: weight must be [out, ${channels}, kh, kw] with kh and kw at least 1, got ${show(weight.shape)}`,
    );
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== outs))
    throw new ShapeError(`${NAME}: bias must be [${outs}], got ${show(bias.shape)}`);
  const g = geometryOf(NAME, extents, kernel, options);
  // Rows and columns are f32 in the kernel.
  const far = g.extents.findIndex((extent, i) => extent + 2 * g.before[i] > 2 ** 24);
  if (far >= 0)
    throw new ShapeError(
      `${NAME}: extents with their padding must be at most 2^24, got ${g.extents[far]} + 2 · ${g.before[far]}`,
    );
  const backend = device(NAME);
  const shape = [images, outs, ...g.output];
  for (const operand of [x, weight, bias]) operand?.on(NAME, backend);
  if (sizeOf(shape) === 0) return new GpuTensor(shape, backend, undefined);
  const planes = images * outs;
  const table = (of: (z: number) => number) => ({
    values: Float32Array.from({ length: planes }, (_, z) => of(z)),
    width: planes,
  });
  return withTemporaries((keep) => {
    const nothing = () => keep(filled(backend, [], 0));
    const [image, filters, added] = [x, weight, bias].map((operand) =>
      elementsOf(NAME, operand === undefined || operand.size === 0 ? nothing() : operand, backend),
    );
    return launched(backend, NAME, shape, KERNEL, [
      ...[image, filters, added, table((z) => Math.floor(z / outs)), table((z) => z % outs)],
      ...[Number(bias !== undefined), channels, ...g.extents, ...g.kernel],
      ...[...g.stride, ...g.dilation, ...g.before, ...g.periodic.map(Number)],
    ]);
  });
}
