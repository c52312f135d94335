// Random velocities without divergence and with most of their energy around one wavenumber.
import { checkCount, checkOneOf, checkPositive } from '../../core/check.js';
import { tensor } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkGenerator, type Generator } from '../../core/random/generator.js';
import { scope } from '../../core/scope.js';
import { checkShape } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { irfft2, rfft2 } from '../../fft/several-axes.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { stack } from '../../ops/concat.js';
import { exp, log } from '../../ops/exponential.js';
import { max } from '../../ops/extrema.js';
import { roll } from '../../ops/flip.js';
import { reshape } from '../../ops/layout.js';
import { sqrt, square } from '../../ops/roots.js';
import { FLOATS } from '../system.js';
import { MOST } from './parameters.js';
import { component } from './volumes-composed.js';

/** Options of `filteredVelocityField`. */
export interface VelocityFieldOptions {
  /** Cells along each side, at least 2; default 64. */
  n?: number;
  /** Largest speed of each member; default 7. */
  maxVelocity?: number;
  /** Wavenumber around which the energy lies, from 1 to n/2; default 4, or n/2 if that is less. */
  peakWavenumber?: number;
  /** Leading axes; default none. */
  batch?: readonly number[];
  /** Default 'f64'. */
  dtype?: 'f64' | 'f32';
}

const NAMES: OptionNames<VelocityFieldOptions> = {
  ...{ n: true, maxVelocity: true, peakWavenumber: true, batch: true, dtype: true },
};

/** Variance of the logarithm of the wavenumber, of the density that noise is multiplied by. */
const VARIANCE = 0.25;

/**
 * Random velocities on the faces of a periodic square [0, 2π)²: free of divergence (backward differences), of mean 0, with a largest speed √(u_ij² + v_ij²) of
 * `maxVelocity` in each member, and with energy around `peakWavenumber`: noise times a log-normal density of the wavenumber, as in jax-cfd, made from a stream function, so
 * that no projection is needed.
 * @param generator `random(seed)`; numbers are drawn in f64, so that both dtypes give the same field.
 * @returns [...batch, 2, n, n]: u_ij at ((i + 1) h, (j + ½) h) and v_ij at ((i + ½) h, (j + 1) h), h = 2π/n.
 * @throws ArgumentError for an n below 2, a speed that is not positive and finite, a wavenumber out of range, unknown names; ShapeError for a batch that is no shape.
 * @example
 * dynamics.filteredVelocityField(random(1), { n: 64, batch: [10] }); // [10, 2, 64, 64]
 */
export function filteredVelocityField(generator: Generator, options: VelocityFieldOptions = {}): Tensor {
  const name = 'filteredVelocityField';
  checkGenerator(name, 'generator', generator);
  checkOptions(name, options, NAMES);
  const { n = 64, maxVelocity = 7, dtype = 'f64' } = options;
  checkCount(name, 'n', n, 2, MOST);
  const { peakWavenumber = Math.min(4, n / 2) } = options;
  checkPositive(name, 'maxVelocity', maxVelocity);
  if (typeof peakWavenumber !== 'number' || !(peakWavenumber >= 1 && peakWavenumber <= n / 2)) {
    throw new ArgumentError(
      `${name}: peakWavenumber must be a number from 1 to n/2 = ${n / 2}, got ${describe(peakWavenumber)}`,
    );
  }
  checkOneOf(name, 'dtype', dtype, FLOATS);
  const batch = checkShape(name, options.batch ?? []);
  return scope(() => {
    const noise = rfft2(generator.normal([...batch, n, n]));
    const filter = filterOf(n, peakWavenumber);
    const stream = irfft2({ re: mul(noise.re, filter), im: mul(noise.im, filter) }, { s: [n, n] });
    const velocity = curlOf(stream);
    const speeds = sqrt(add(square(component(velocity, 0)), square(component(velocity, 1))));
    const largest = reshape(max(speeds, { axis: [-2, -1] }), [...batch, 1, 1, 1]);
    return astype(mul(velocity, div(maxVelocity, largest)), dtype);
  });
}

/** (∂ψ/∂y, -∂ψ/∂x) times h on faces, of a stream function at corners. */
function curlOf(stream: Tensor): Tensor {
  return stack([sub(stream, roll(stream, 1, -1)), sub(roll(stream, 1, -2), stream)], stream.ndim - 2);
}

/** What a stream function of noise is multiplied by: the log-normal density over k², as velocities have one k more and rings of wavenumbers are k wide. 0 for the mean. */
function filterOf(n: number, peak: number): Tensor {
  const half = Math.floor(n / 2) + 1;
  const squares = Array.from({ length: n * half }, (_, at) => {
    const [i, j] = [Math.floor(at / half), at % half];
    const k = Math.min(i, n - i);
    return k * k + j * j;
  });
  const k2 = reshape(tensor(squares.map((s) => Math.max(s, 1))), [n, half]);
  const isWave = reshape(tensor(squares.map((s) => Math.sign(s))), [n, half]);
  const logarithm = mul(0.5, log(k2));
  // The density has its largest value at the peak: exp(-(ln k - ln peak - variance)² / (2 variance)) / k.
  const distance = sub(logarithm, add(log(tensor(peak)), VARIANCE));
  const density = exp(sub(mul(square(distance), -1 / (2 * VARIANCE)), logarithm));
  return mul(isWave, div(density, k2));
}
