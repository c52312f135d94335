// Convolution of GpuTensors.

import { describe } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { MAXIMUM_EXTENT, show, sizeOf } from '../core/shape.js';
import { GpuTensor } from './gpu-tensor.js';
import { checkGpuTensor, elementsOf, filled, launched, withTemporaries } from './operands.js';
import type { PortableKernel } from './portable.js';
import { device } from './session.js';

/** None ('valid'), zeros that keep the size ('same') or a number of zeros, or the values at the other end ('periodic'). */
export type ConvolvePadding = 'valid' | 'same' | 'periodic' | number;

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

/** The windows along one axis. */
interface Axis {
  readonly extent: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Positions between the start of the first window and the first input. */
  readonly before: number;
  readonly output: number;
  readonly isPeriodic: boolean;
}

/** One value per axis. */
function perAxis<T>(argument: string, value: T | readonly T[] | undefined, fallback: T): T[] {
  if (!Array.isArray(value)) return new Array<T>(2).fill(value === undefined ? fallback : (value as T));
  if (value.length !== 2)
    throw new ArgumentError(`${NAME}: ${argument} must have 2 entries, one per axis, got ${value.length}`);
  return [...value];
}

/** The windows of `nn.conv` along the axis i. */
function axisOf(
  i: number,
  extent: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: ConvolvePadding,
): Axis {
  for (const [argument, value] of Object.entries({ stride, dilation }))
    if (!Number.isInteger(value) || value < 1 || value > MAXIMUM_EXTENT)
      throw new ArgumentError(`${NAME}: ${argument} must be positive integers, got ${describe(value)}`);
  const reach = (kernel - 1) * dilation;
  if (reach > MAXIMUM_EXTENT)
    throw new ArgumentError(`${NAME}: dilation must keep a kernel within 2^31 - 1, got ${dilation}`);
  const axis = { extent, kernel, stride, dilation, isPeriodic: padding === 'periodic' };
  if (padding === 'same' || padding === 'periodic') {
    const output = Math.ceil(extent / stride);
    const before = Math.max(0, Math.floor(((output - 1) * stride + reach + 1 - extent) / 2));
    return { ...axis, before, output };
  }
  const before = padding === 'valid' ? 0 : padding;
  if (!Number.isInteger(before) || before < 0 || before > MAXIMUM_EXTENT)
    throw new ArgumentError(
      `${NAME}: padding must be 'valid', 'same', 'periodic' or a count, got ${describe(padding)}`,
    );
  const output = Math.floor((extent + 2 * before - reach - 1) / stride) + 1;
  if (output < 1)
    throw new ShapeError(`${NAME}: a kernel of ${kernel} does not fit into extent ${extent} of axis ${i}`);
  return { ...axis, before, output };
}

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
  const strides = perAxis('stride', options.stride, 1);
  const dilations = perAxis('dilation', options.dilation, 1);
  const paddings = perAxis<ConvolvePadding>('padding', options.padding, 'valid');
  const axes = [0, 1].map((i) => axisOf(i, extents[i], kernel[i], strides[i], dilations[i], paddings[i]));
  // Rows and columns are f32 in the kernel.
  const far = axes.find(({ extent, before }) => extent + 2 * before > 2 ** 24);
  if (far)
    throw new ShapeError(
      `${NAME}: extents with their padding must be at most 2^24, got ${far.extent} + 2 · ${far.before}`,
    );
  const backend = device(NAME);
  const shape = [images, outs, ...axes.map(({ output }) => output)];
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
    const of = (name: 'extent' | 'kernel' | 'stride' | 'dilation' | 'before') =>
      axes.map((axis) => axis[name]);
    return launched(backend, NAME, shape, KERNEL, [
      ...[image, filters, added, table((z) => Math.floor(z / outs)), table((z) => z % outs)],
      ...[Number(bias !== undefined), channels, ...of('extent'), ...of('kernel')],
      ...[...of('stride'), ...of('dilation'), ...of('before')],
      ...axes.map(({ isPeriodic }) => Number(isPeriodic)),
    ]);
  });
}
