// Transforms along one axis.
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
import { alongOne } from './arguments.js';
import { type Complex, checkComplex } from './complex.js';

/** Options of transforms along one axis. */
export interface TransformOptions {
  /** Numbers that are transformed: the first ones, or all and zeros behind them. Default: as many as there are; of `irfft` 2 (entries - 1). */
  n?: number;
  /** Default -1, the last one. */
  axis?: number;
  /** 'backward' (default): 1/n in the inverse; 'ortho': 1/√n in both; 'forward': 1/n in the transform. */
  norm?: Norm;
}

const TRANSFORM_OPTIONS: OptionNames<TransformOptions> = { n: true, axis: true, norm: true };

function settingsOf(name: string, options: TransformOptions): { n?: number; axis: number; norm: Norm } {
  checkOptions(name, options, TRANSFORM_OPTIONS);
  const { n, axis = -1, norm = 'backward' } = options;
  checkNorm(name, norm);
  return { n, axis, norm };
}

function transformed(
  name: string,
  z: Complex | Tensor,
  options: TransformOptions,
  inverse: boolean,
): Complex {
  const { n, axis, norm } = settingsOf(name, options);
  if (z instanceof Tensor) {
    const along = alongOne(name, checkFloat(name, 'z', z).shape, axis, n);
    return scope(() => realToComplexAlong(z, along.axis, along.n, norm, inverse));
  }
  const numbers = checkComplex(name, 'z', z);
  const along = alongOne(name, numbers.re.shape, axis, n);
  return fitting(numbers.re, along.axis, along.n, () =>
    complexAlong(numbers, along.axis, along.n, norm, inverse),
  );
}

/** Runs a transform of n entries of x along an axis: of all that there are it is one operation, which leaves nothing to be freed. */
function fitting<T extends Complex | Tensor>(x: Tensor, axis: number, n: number, run: () => T): T {
  return x.shape[axis] === n ? run() : (scope<Complex | Tensor>(run) as T);
}

/**
 * The discrete Fourier transform y_k = Σ_j x_j exp(-2πi jk/n) along an axis, for every n; O(n log n), also for primes. numpy.fft.fft.
 * Linear: the tangent is the transform of the tangent; the cotangent of a Complex is { re: dL/dre, im: dL/dim }.
 * @param z { re, im } of one shape and dtype, f64 or f32; or a real tensor.
 * @param options `n`, `axis`, `norm`.
 * @returns { re, im }, with n entries along the axis. Relative error about log₂(n) times the unit roundoff.
 * @throws ShapeError for parts of two shapes, and for no numbers; DTypeError for i32; ArgumentError for an axis out of range, an n that is no whole
 * number of at least 1, another norm.
 * @example
 * fft.fft(tensor([1, 0, 0, 0])); // { re: [1, 1, 1, 1], im: [0, 0, 0, 0] }
 */
export function fft(z: Complex | Tensor, options: TransformOptions = {}): Complex {
  return transformed('fft', z, options, false);
}

/**
 * The inverse of `fft`: x_j = 1/n Σ_k y_k exp(2πi jk/n). numpy.fft.ifft.
 * @param z { re, im } of one shape and dtype, f64 or f32; or a real tensor.
 * @param options `n`, `axis`, `norm`.
 * @returns { re, im }, with n entries along the axis.
 * @throws as `fft`.
 * @example
 * fft.ifft({ re: tensor([1, 1]), im: tensor([0, 0]) }); // { re: [1, 0], im: [0, 0] }
 */
export function ifft(z: Complex | Tensor, options: TransformOptions = {}): Complex {
  return transformed('ifft', z, options, true);
}

/**
 * The first half of the transform of real numbers; the other half is its conjugate, backwards. Half the work of `fft`. numpy.fft.rfft.
 * @param x real, f64 or f32.
 * @param options `n`, `axis`, `norm`.
 * @returns { re, im }, with floor(n/2) + 1 entries along the axis.
 * @throws as `fft`.
 * @example
 * fft.rfft(tensor([1, 0, 0, 0])).re; // [1, 1, 1]
 */
export function rfft(x: Tensor, options: TransformOptions = {}): Complex {
  const { n, axis, norm } = settingsOf('rfft', options);
  const along = alongOne('rfft', checkFloat('rfft', 'x', x).shape, axis, n);
  return fitting(x, along.axis, along.n, () => realAlong(x, along.axis, along.n, norm));
}

/**
 * The inverse of `rfft`. Of the first entry, and for even n of entry n/2, the imaginary parts do not count. numpy.fft.irfft.
 * @param z { re, im }, of which floor(n/2) + 1 entries are used.
 * @param options `n`: default 2 (entries - 1), which is even: give an odd one; `axis`, `norm`.
 * @returns n real numbers along the axis.
 * @throws as `fft`.
 * @example
 * fft.irfft(fft.rfft(tensor([1, 2, 3])), { n: 3 }); // [1, 2, 3]
 */
export function irfft(z: Complex, options: TransformOptions = {}): Tensor {
  const { n, axis, norm } = settingsOf('irfft', options);
  const numbers = checkComplex('irfft', 'z', z);
  const along = alongOne('irfft', numbers.re.shape, axis, n, (entries) => 2 * (entries - 1));
  const entries = Math.floor(along.n / 2) + 1;
  return fitting(numbers.re, along.axis, entries, () => realInverseAlong(numbers, along.axis, along.n, norm));
}
