// Frequencies of the entries of transforms, and their order.
import { checkCount, checkFinite } from '../core/check.js';
import { checkDType, tensor } from '../core/create.js';
import type { DType } from '../core/dtype.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { scope } from '../core/scope.js';
import { checkAxes } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { roll } from '../ops/flip.js';
import { checkTensor } from '../ops/op.js';
import { type Complex, checkComplex } from './complex.js';

/** Options of `fftfreq` and `rfftfreq`. */
export interface FrequencyOptions {
  /** The distance of samples; default 1. */
  d?: number;
  /** 'f64' (default) or 'f32'. */
  dtype?: DType;
}

const FREQUENCY_OPTIONS: OptionNames<FrequencyOptions> = { d: true, dtype: true };

function frequencies(
  name: string,
  n: number,
  options: FrequencyOptions,
  indices: (n: number) => number[],
): Tensor {
  checkCount(name, 'n', n, 1);
  checkOptions(name, options, FREQUENCY_OPTIONS);
  const { d = 1 } = options;
  const dtype = checkDType(name, options.dtype, 'f64');
  if (dtype === 'i32') throw new DTypeError(`${name}: dtype must be 'f64' or 'f32', got 'i32'`);
  checkFinite(name, 'd', d);
  if (d === 0) throw new ArgumentError(`${name}: d, the distance of samples, must not be 0`);
  return tensor(
    indices(n).map((k) => k / (n * d)),
    { dtype },
  );
}

/**
 * The frequencies of the entries of `fft`, in cycles per unit of d: [0, 1, …, -2, -1] / (n d). numpy.fft.fftfreq.
 * @param n numbers that are transformed.
 * @param options `d`: the distance of samples; `dtype`.
 * @throws ArgumentError, DTypeError.
 * @example
 * fft.fftfreq(4); // [0, 0.25, -0.5, -0.25]
 */
export function fftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  return frequencies('fftfreq', n, options, (count) =>
    Array.from({ length: count }, (_, k) => (k < count / 2 ? k : k - count)),
  );
}

/**
 * The frequencies of the entries of `rfft`: [0, 1, …, floor(n/2)] / (n d). numpy.fft.rfftfreq.
 * @param n real numbers that are transformed.
 * @param options `d`: the distance of samples; `dtype`.
 * @throws ArgumentError, DTypeError.
 * @example
 * fft.rfftfreq(4); // [0, 0.25, 0.5]
 */
export function rfftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  return frequencies('rfftfreq', n, options, (count) =>
    Array.from({ length: Math.floor(count / 2) + 1 }, (_, k) => k),
  );
}

/** Options of `fftshift` and `ifftshift`. */
export interface ShiftOptions {
  /** Default all. */
  axes?: number | readonly number[];
}

const SHIFT_OPTIONS: OptionNames<ShiftOptions> = { axes: true };

function shifted<T extends Tensor | Complex>(
  name: string,
  x: T,
  options: ShiftOptions,
  by: (extent: number) => number,
): T {
  checkOptions(name, options, SHIFT_OPTIONS);
  const isReal = x instanceof Tensor;
  const parts = isReal ? [checkTensor(name, 'x', x)] : Object.values(checkComplex(name, 'x', x));
  const axes = checkAxes(name, options.axes, parts[0].ndim);
  const shift = (part: Tensor): Tensor =>
    roll(
      part,
      axes.map((axis) => by(part.shape[axis])),
      axes,
    );
  const [re, im] = scope(() => parts.map(shift));
  return (isReal ? re : { re, im }) as T;
}

/**
 * Entries in the order of their frequencies: 0 in the middle, at floor(n/2). numpy.fft.fftshift.
 * @param x a tensor, or { re, im }.
 * @param options `axes`: default all.
 * @throws ArgumentError for an axis out of range or named twice.
 * @example
 * fft.fftshift(fft.fftfreq(4)); // [-0.5, -0.25, 0, 0.25]
 */
export function fftshift<T extends Tensor | Complex>(x: T, options: ShiftOptions = {}): T {
  return shifted('fftshift', x, options, (n) => Math.floor(n / 2));
}

/**
 * The inverse of `fftshift`. numpy.fft.ifftshift.
 * @param x a tensor, or { re, im }.
 * @param options `axes`: default all.
 * @throws ArgumentError for an axis out of range or named twice.
 * @example
 * fft.ifftshift(tensor([-1, 0, 1])); // [0, 1, -1]
 */
export function ifftshift<T extends Tensor | Complex>(x: T, options: ShiftOptions = {}): T {
  return shifted('ifftshift', x, options, (n) => -Math.floor(n / 2));
}
