// Random images x = B Λ^½ z with covariance B Λ Bᵀ: B cosines over channels, rows and columns, Λ a power law, cov z =
// I.

import { checkAtLeast, checkCount } from '../../core/check.js';
import { tensor, zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkGenerator, type Generator } from '../../core/random/generator.js';
import { squared } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import { checkShape, type Shape, show, sizeOf } from '../../core/shape.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { qr } from '../../linalg/dense/qr.js';
import { add, div, mul, neg } from '../../ops/arithmetic.js';
import { log } from '../../ops/exponential.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { pow } from '../../ops/power.js';
import { take } from '../../ops/take.js';
import { cosPi } from '../../solve/powers.js';
import type { LabelledImages } from './cifar10.js';

/** Options of `syntheticImages`. */
export interface SyntheticImagesOptions {
  /** Number of images. */
  count: number;
  /** Number of classes; default 10. */
  classes?: number;
  /** [channels, height, width]; default [3, 32, 32]. */
  shape?: readonly number[];
  /** Condition number of the covariance: its largest eigenvalue over its smallest; default 1e7. */
  condition?: number;
  /** The covariance's largest eigenvalue; default 149, with which X Xᵀ of 45000 images has 6.7e6. */
  scale?: number;
  /** The fraction of the variance along the class directions that lies between classes, in [0, 1); default 0.5. */
  separation?: number;
  /** Element type of the images; default f32. */
  dtype?: 'f64' | 'f32';
}

const SYNTHETIC_IMAGES_OPTIONS: OptionNames<SyntheticImagesOptions> = {
  count: true,
  classes: true,
  shape: true,
  condition: true,
  scale: true,
  separation: true,
  dtype: true,
};

/** Images that are made at a time. */
const CHUNK = 256;

/**
 * Random images [count, channels, height, width] of mean zero with classes [count] (i32) that a network can learn.
 * Their covariance has the spectrum of natural images: cosines as eigenvectors, and eigenvalues scale · ((1 + u² + v²)
 * (1 + 3c)²)^-γ at the frequencies u, v over the image and c over the channels; γ follows from the condition number.
 * Classes differ in their means, which are the vertices of a regular simplex among the smooth directions. The noise
 * along these directions is reduced accordingly, so that the covariance of all images is exact. Training and validation
 * images must come from one call: another call has other means.
 * Source: the power law of natural images, Field, Relations between the statistics of natural images and the response
 * properties of cortical cells (1987); condition and size as of CIFAR-10 in Frerix, Möllenhoff, Möller and Cremers,
 * Proximal backpropagation (2018), section 4.1.
 * @throws ArgumentError for invalid options, ShapeError for a shape that is not [channels, height, width].
 * @example
 * const { images, labels } = nn.syntheticImages(random(1), { count: 5000 });
 */
export function syntheticImages(generator: Generator, options: SyntheticImagesOptions): LabelledImages {
  const name = 'syntheticImages';
  checkOptions(name, options, SYNTHETIC_IMAGES_OPTIONS);
  const { count, classes = 10, condition = 1e7, scale = 149, separation = 0.5, dtype = 'f32' } = options;
  checkGenerator(name, 'generator', generator);
  const shape = checkShape(name, options.shape ?? [3, 32, 32]);
  const size = sizeOf(shape);
  if (shape.length !== 3 || size === 0)
    throw new ShapeError(`${name}: shape must be [channels, height, width], got ${show(shape)}`);
  checkCount(name, 'count', count);
  checkCount(name, 'classes', classes, 1);
  if (!(classes <= size))
    throw new ArgumentError(`${name}: classes must be at most ${size} for ${show(shape)}, got ${classes}`);
  checkAtLeast(name, 'condition', condition, 1);
  checkAtLeast(name, 'scale', scale, 0);
  if (typeof separation !== 'number' || !(separation >= 0 && separation < 1))
    throw new ArgumentError(`${name}: separation must lie in [0, 1), got ${describe(separation)}`);
  if (dtype !== 'f32' && dtype !== 'f64')
    throw new ArgumentError(`${name}: dtype must be 'f32' or 'f64', got ${describe(dtype)}`);

  return scope(() => {
    const images = allocate(checkShape(name, [count, ...shape]), dtype, name);
    const labels = classes > 1 ? generator.integers([count], 0, classes) : zeros([count], { dtype: 'i32' });
    const lambda = spectrum(shape, condition, scale);
    const deviations = tensor(lambda.map(Math.sqrt), { dtype });
    const axes = shape.map((n) => tensor(cosines(n), { shape: [n, n], dtype }));
    const directions = smooth(generator, lambda, classes, dtype);
    const means = tensor(
      simplex(classes).map((t) => t * Math.sqrt(separation)),
      {
        shape: [classes, classes - 1],
        dtype,
      },
    );
    for (let from = 0; from < count; from += CHUNK) {
      scope(() => {
        const n = Math.min(CHUNK, count - from);
        const noise = generator.normal([n, size], { dtype });
        const own = tensor(labels.data().slice(from, from + n));
        // Along the directions U, z becomes √s t + √(1 - s) z: z + (√s t + (√(1 - s) - 1) z U) Uᵀ.
        const inside = mul(matmul(noise, directions), Math.sqrt(1 - separation) - 1);
        const z = add(noise, matmul(add(take(means, own, 0), inside), directions, { transposeB: true }));
        const x = composed(mul(z, deviations), axes, shape);
        images.data().set(x.data(), from * size);
      });
    }
    return { images, labels };
  });
}

/** The eigenvalues, in the order [channels, height, width]. */
function spectrum([channels, height, width]: Shape, condition: number, scale: number): number[] {
  const base = (c: number, u: number, v: number) => (1 + u * u + v * v) * squared(1 + 3 * c);
  const bases: number[] = [];
  for (let c = 0; c < channels; c++)
    for (let u = 0; u < height; u++) for (let v = 0; v < width; v++) bases.push(base(c, u, v));
  const largest = bases[bases.length - 1];
  if (largest === 1) return [scale];
  // Computed by kernels: engines differ in the last bits of Math.log and of powers.
  return scope(() => {
    const gamma = div(log(condition), log(largest));
    return [...mul(pow(tensor(bases), neg(gamma)), scale).data()];
  });
}

/** The orthonormal cosines (DCT-II) over n points, one per row; over three channels: grey and two opponent colours. */
function cosines(n: number): number[] {
  return Array.from({ length: n * n }, (_, at) => {
    const [k, i] = [Math.floor(at / n), at % n];
    return Math.sqrt((k === 0 ? 1 : 2) / n) * cosPi(((k * (2 * i + 1)) % (4 * n)) / (2 * n));
  });
}

/**
 * Orthonormal directions [size, classes - 1], random among those of the largest eigenvalues except the very largest.
 */
function smooth(generator: Generator, lambda: number[], classes: number, dtype: 'f32' | 'f64'): Tensor {
  const [size, k] = [lambda.length, classes - 1];
  const order = lambda.map((_, i) => i).sort((i, j) => lambda[j] - lambda[i] || i - j);
  const modes = order.slice(1, 1 + Math.max(k, Math.floor(size / 16)));
  const directions = zeros([size, k], { dtype });
  if (k === 0) return directions;
  const { q } = qr(generator.normal([modes.length, k]));
  const [from, to] = [q.data(), directions.data()];
  for (const [i, mode] of modes.entries()) to.set(from.subarray(i * k, (i + 1) * k), mode * k);
  return directions;
}

/** The vertices of a regular simplex, [n, n - 1]: their mean is 0, the mean of t tᵀ is I (Helmert's matrix). */
function simplex(n: number): number[] {
  return Array.from({ length: n * (n - 1) }, (_, at) => {
    const [i, j] = [Math.floor(at / (n - 1)), (at % (n - 1)) + 1];
    const unit = Math.sqrt(n / (j * (j + 1)));
    return i < j ? unit : i === j ? -j * unit : 0;
  });
}

/** The images [n, …shape] of coefficients [n, size]. */
function composed(z: Tensor, [channel, row, column]: readonly Tensor[], [c, h, w]: Shape): Tensor {
  const n = z.shape[0];
  const columns = matmul(reshape(z, [n * c * h, w]), column);
  const rows = matmul(row, reshape(columns, [n * c, h, w]), { transposeA: true });
  return matmul(channel, reshape(rows, [n, c, h * w]), { transposeA: true });
}
