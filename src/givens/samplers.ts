// Random orthogonal matrices: products of few rotations, and the uniform distribution.
import { checkCount, checkFlag } from '../core/check.js';
import { tensor } from '../core/create.js';
import { disposable } from '../core/disposable.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkGenerator, type Generator } from '../core/random/generator.js';
import type { Tensor } from '../core/tensor.js';
import { qr } from '../linalg/dense/qr.js';
import { slogdet } from '../linalg/dense/slogdet.js';
import { toDense } from './apply.js';

/** A product of K rotations, and the matrix that it is. */
export interface Planted {
  /** i32 [K]; i < j. */
  readonly i: Tensor;
  /** i32 [K]. */
  readonly j: Tensor;
  /** [K], in (0, 2π). */
  readonly angles: Tensor;
  /** G_1 … G_K, [d, d]. */
  readonly matrix: Tensor;
  /** Frees the tensors. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * A sample of the K-planted distribution (Frerix and Bruna, section 7.1): pairs uniform with replacement, angles uniform on (0, 2π).
 * @param generator what `random(seed)` gives; advances.
 * @param d [rows], at least 2 where K > 0.
 * @param K [rotations]; from about d log₂ d on the matrix is dense.
 * @returns i, j, angles [K] and the matrix [d, d], f64.
 * @throws ArgumentError.
 * @example
 * givens.planted(random(1), 64, 384).matrix;
 */
export function planted(generator: Generator, d: number, K: number): Planted {
  checkGenerator('planted', 'generator', generator);
  checkCount('planted', 'K', K);
  checkCount('planted', 'd', d, K > 0 ? 2 : 0);
  const made: Tensor[] = [];
  const own = (x: Tensor): Tensor => {
    made.push(x);
    return x;
  };
  try {
    const first = own(generator.integers([K], 0, Math.max(d, 1)));
    const step = own(generator.integers([K], 1, Math.max(d, 2)));
    const angles = own(generator.uniform([K], { low: 0, high: 2 * Math.PI }));
    const turns = angles.data();
    // The interval is open.
    for (let t = 0; t < K; t++) if (turns[t] === 0) turns[t] = Math.PI;
    const [i, j] = [new Int32Array(K), new Int32Array(K)];
    for (let t = 0; t < K; t++) {
      const p = first.data()[t];
      const q = (p + step.data()[t]) % d;
      i[t] = Math.min(p, q);
      j[t] = Math.max(p, q);
    }
    const parts = { i: own(tensor(i)), j: own(tensor(j)), angles };
    const matrix = own(toDense(parts, { d }));
    for (const x of [first, step]) x.dispose();
    return disposable({
      ...parts,
      matrix,
      dispose() {
        for (const x of [parts.i, parts.j, angles, matrix]) x.dispose();
      },
    });
  } catch (error) {
    for (const x of made) if (!x.isDisposed) x.dispose();
    throw error;
  }
}

/** Options of `haar`. */
export interface HaarOptions {
  /** Uniform on SO(d): determinant 1. Default false: uniform on O(d). */
  special?: boolean;
}

const HAAR_OPTIONS: OptionNames<HaarOptions> = { special: true };

/**
 * A sample of the uniform (Haar) distribution on O(d), or on SO(d): Q of the QR factorization of a normal matrix in which the
 * diagonal of R is not negative, as it is by `linalg.qr`. Source: Mezzadri, How to generate random matrices from the classical compact groups (Notices of the AMS 54, 2007).
 * @param generator what `random(seed)` gives; advances.
 * @param d [rows].
 * @returns [d, d], f64.
 * @throws ArgumentError.
 * @example
 * givens.haar(random(1), 4, { special: true });
 */
export function haar(generator: Generator, d: number, options: HaarOptions = {}): Tensor {
  checkGenerator('haar', 'generator', generator);
  checkCount('haar', 'd', d);
  checkOptions('haar', options, HAAR_OPTIONS);
  const { special = false } = options;
  checkFlag('haar', 'special', special);
  const q = orthogonal(generator, d);
  try {
    // The other determinant: the reflection that takes the first column to its negative is uniform, too.
    if (special && isReflection(q)) {
      const list = q.data();
      for (let row = 0; row < d; row++) list[row * d] = -list[row * d];
    }
    return q;
  } catch (error) {
    q.dispose();
    throw error;
  }
}

function orthogonal(generator: Generator, d: number): Tensor {
  const normal = generator.normal([d, d]);
  try {
    const { q, r } = qr(normal);
    r.dispose();
    return q;
  } finally {
    normal.dispose();
  }
}

function isReflection(q: Tensor): boolean {
  const { sign, logabsdet } = slogdet(q);
  const value = sign.item();
  for (const x of [sign, logabsdet]) x.dispose();
  return value < 0;
}
