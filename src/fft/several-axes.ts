// Transforms along two or more axes: one after the other.
import { checkOptions, type OptionNames } from '../core/options.js';
import { scope } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import {
  checkNorm,
  complexAlong,
  type Norm,
  realAlong,
  realInverseAlong,
  realToComplexAlong,
} from './along.js';
import { type Along, alongSeveral } from './arguments.js';
import { type Complex, checkComplex } from './complex.js';

/** Options of transforms along several axes. */
export interface SeveralOptions {
  /** Numbers that are transformed along each axis. Default: as many as there are; of inverse real transforms 2 (entries - 1) along the last. */
  s?: readonly number[];
  /** The axes; real transforms halve the last of them. Default: the last two, or of the transforms in n dimensions all (with `s` the last ones). */
  axes?: readonly number[];
  /** 'backward' (default): 1/n in the inverse; 'ortho': 1/√n in both; 'forward': 1/n in the transform; n is the product of all. */
  norm?: Norm;
}

const SEVERAL_OPTIONS: OptionNames<SeveralOptions> = { s: true, axes: true, norm: true };

/** The axes of the transforms in two dimensions. */
const TWO: readonly number[] = [-2, -1];

interface Settings {
  readonly s: unknown;
  readonly axes: unknown;
  readonly norm: Norm;
}

function settingsOf(name: string, options: SeveralOptions, standard?: readonly number[]): Settings {
  checkOptions(name, options, SEVERAL_OPTIONS);
  const { s, axes = standard, norm = 'backward' } = options;
  checkNorm(name, norm);
  return { s, axes, norm };
}

/** The other axes, the last first, so that what lies side by side is transformed before it is far apart. */
function others(z: Complex, along: readonly Along[], norm: Norm, inverse: boolean): Complex {
  return along.slice(0, -1).reduceRight((y, { axis, n }) => complexAlong(y, axis, n, norm, inverse), z);
}

function transformed(
  name: string,
  z: Complex | Tensor,
  { s, axes, norm }: Settings,
  inverse: boolean,
): Complex {
  if (z instanceof Tensor) {
    const along = alongSeveral(name, checkFloat(name, 'z', z).shape, axes, s);
    const { axis, n } = along[along.length - 1];
    return scope(() => others(realToComplexAlong(z, axis, n, norm, inverse), along, norm, inverse));
  }
  const numbers = checkComplex(name, 'z', z);
  const along = alongSeveral(name, numbers.re.shape, axes, s);
  const { axis, n } = along[along.length - 1];
  return scope(() => others(complexAlong(numbers, axis, n, norm, inverse), along, norm, inverse));
}

function realTransformed(name: string, x: Tensor, { s, axes, norm }: Settings): Complex {
  const along = alongSeveral(name, checkFloat(name, 'x', x).shape, axes, s);
  const { axis, n } = along[along.length - 1];
  return scope(() => others(realAlong(x, axis, n, norm), along, norm, false));
}

function realInverse(name: string, z: Complex, { s, axes, norm }: Settings): Tensor {
  const numbers = checkComplex(name, 'z', z);
  const along = alongSeveral(name, numbers.re.shape, axes, s, (entries) => 2 * (entries - 1));
  const { axis, n } = along[along.length - 1];
  return scope(() => realInverseAlong(others(numbers, along, norm, true), axis, n, norm));
}

/**
 * The transform along two axes. numpy.fft.fft2.
 * @param z { re, im } of shape [..., r, c], or a real tensor; f64 or f32.
 * @param options `s`: [rows, columns]; `axes`: default [-2, -1]; `norm`.
 * @throws as `fft.fft`; ArgumentError for an axis that is named twice, and an s of another length.
 * @example
 * fft.fft2(tensor([[1, 0], [0, 0]])).re; // [[1, 1], [1, 1]]
 */
export function fft2(z: Complex | Tensor, options: SeveralOptions = {}): Complex {
  return transformed('fft2', z, settingsOf('fft2', options, TWO), false);
}

/**
 * The inverse of `fft2`. numpy.fft.ifft2.
 * @param z { re, im } of shape [..., r, c], or a real tensor; f64 or f32.
 * @param options `s`, `axes`, `norm`.
 * @throws as `fft2`.
 * @example
 * fft.ifft2(fft.fft2(tensor([[1, 2], [3, 4]]))).re; // [[1, 2], [3, 4]]
 */
export function ifft2(z: Complex | Tensor, options: SeveralOptions = {}): Complex {
  return transformed('ifft2', z, settingsOf('ifft2', options, TWO), true);
}

/**
 * The transform of real numbers along two axes, of which the last is halved. numpy.fft.rfft2.
 * @param x real [..., r, c], f64 or f32.
 * @param options `s`, `axes`, `norm`.
 * @returns { re, im } of shape [..., r, floor(c/2) + 1].
 * @throws as `fft2`.
 * @example
 * fft.rfft2(tensor([[1, 0, 0], [0, 0, 0]])).re; // [[1, 1], [1, 1]]
 */
export function rfft2(x: Tensor, options: SeveralOptions = {}): Complex {
  return realTransformed('rfft2', x, settingsOf('rfft2', options, TWO));
}

/**
 * The inverse of `rfft2`. numpy.fft.irfft2.
 * @param z { re, im } of shape [..., r, m].
 * @param options `s`: [rows, columns], default [r, 2 (m - 1)]; `axes`, `norm`.
 * @throws as `fft2`.
 * @example
 * fft.irfft2(fft.rfft2(tensor([[1, 2, 3], [4, 5, 6]])), { s: [2, 3] }); // [[1, 2, 3], [4, 5, 6]]
 */
export function irfft2(z: Complex, options: SeveralOptions = {}): Tensor {
  return realInverse('irfft2', z, settingsOf('irfft2', options, TWO));
}

/**
 * The transform along several axes. numpy.fft.fftn.
 * @param z { re, im }, or a real tensor; f64 or f32.
 * @param options `s`, `axes`: default all, or with `s` the last ones; `norm`.
 * @throws as `fft2`.
 * @example
 * fft.fftn(tensor([[1, 0], [0, 0]]), { axes: [0] }).re; // [[1, 0], [1, 0]]
 */
export function fftn(z: Complex | Tensor, options: SeveralOptions = {}): Complex {
  return transformed('fftn', z, settingsOf('fftn', options), false);
}

/**
 * The inverse of `fftn`. numpy.fft.ifftn.
 * @param z { re, im }, or a real tensor; f64 or f32.
 * @param options `s`, `axes`, `norm`.
 * @throws as `fft2`.
 * @example
 * fft.ifftn(fft.fftn(tensor([1, 2, 3]))).re; // [1, 2, 3]
 */
export function ifftn(z: Complex | Tensor, options: SeveralOptions = {}): Complex {
  return transformed('ifftn', z, settingsOf('ifftn', options), true);
}

/**
 * The transform of real numbers along several axes, of which the last one named is halved. numpy.fft.rfftn.
 * @param x real, f64 or f32.
 * @param options `s`, `axes`, `norm`.
 * @throws as `fft2`.
 * @example
 * fft.rfftn(tensor([[1, 0], [0, 0]])).re; // [[1, 1], [1, 1]]
 */
export function rfftn(x: Tensor, options: SeveralOptions = {}): Complex {
  return realTransformed('rfftn', x, settingsOf('rfftn', options));
}

/**
 * The inverse of `rfftn`. numpy.fft.irfftn.
 * @param z { re, im }.
 * @param options `s`: default 2 (entries - 1) along the last axis; `axes`, `norm`.
 * @throws as `fft2`.
 * @example
 * fft.irfftn(fft.rfftn(tensor([[1, 2], [3, 4]]))); // [[1, 2], [3, 4]]
 */
export function irfftn(z: Complex, options: SeveralOptions = {}): Tensor {
  return realInverse('irfftn', z, settingsOf('irfftn', options));
}
