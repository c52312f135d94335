// The 5-point Laplacian of a periodic square is diagonal in the discrete Fourier basis: what its exact solution needs.
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import type { Float } from '../../linalg/stack.js';
import { add, div, mul } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { expandDims, reshape } from '../../ops/layout.js';
import { square } from '../../ops/roots.js';
import { where } from '../../ops/select.js';
import { cos, sin } from '../../ops/trigonometric.js';
import { anglesOf } from './angles.js';

/** What the exact solution needs. */
export interface Poisson {
  /** 1 over the eigenvalues, 0 for the mean: [n, n] with a basis; else [n, n/2 + 1] and divided by n², for transforms. */
  readonly inverses: Tensor;
  /** Eigenvectors as orthonormal columns [n, n]. */
  readonly basis: Tensor | undefined;
}

/**
 * Lengths up to which four products with the eigenvectors are faster than transforms, measured on one thread in f64 and f32: at 24 x 24 transforms are as fast, at 64 x 64 they
 * take a quarter of the time (17 us in f32). Lengths with a prime factor beyond 7 are convolutions of longer ones: there, products are faster by 2 to 4 times up to 127.
 */
const DENSE = 20;
const DENSE_PRIME = 128;

/** Whether products with the eigenvectors are faster. */
export function isDense(n: number): boolean {
  let rest = n;
  for (const p of [2, 3, 5, 7]) while (rest % p === 0) rest /= p;
  return n <= (rest === 1 ? DENSE : DENSE_PRIME);
}

const range = (n: number): number[] => Array.from({ length: n }, (_, k) => k);

/** For n x n cells of width h. To be disposed by whoever asked. */
export function poisson(n: number, h: number, dtype: Float, dense = isDense(n)): Poisson {
  if (!dense) {
    const half = range(Math.floor(n / 2) + 1);
    return {
      inverses: scope(() => astype(inversesOf(range(n), half, n, h, n * n), dtype)),
      basis: undefined,
    };
  }
  // The wavenumber of each column: 0, then pairs of cosine and sine; of even n, the last is alone.
  const waves = range(n).map((column) => Math.ceil(column / 2));
  const inverses = scope(() => astype(inversesOf(waves, waves, n, h, 1), dtype));
  try {
    return { inverses, basis: scope(() => astype(basisOf(waves, n), dtype)) };
  } catch (error) {
    inverses.dispose();
    throw error;
  }
}

/** 1 / (divisor (λ_a + λ_b)), λ_k = -4 sin²(πk/n)/h². */
function inversesOf(
  a: readonly number[],
  b: readonly number[],
  n: number,
  h: number,
  divisor: number,
): Tensor {
  const squares = (waves: readonly number[]) => square(sin(anglesOf(waves, 2 * n)));
  const sums = add(expandDims(squares(a), 1), squares(b));
  const flags = a.flatMap((p) => b.map((q) => Number(p > 0 || q > 0)));
  const varies = tensor(flags, { shape: [a.length, b.length], dtype: 'i32' });
  return where(varies, div((-h * h) / (4 * divisor), where(varies, sums, 1)), 0);
}

/** Row i, column c: a cosine or a sine of wave c at 2πi/n; those of the first and, of even n, the last column are alone. */
function basisOf(waves: readonly number[], n: number): Tensor {
  const angles = range(n).flatMap((i) => waves.map((k) => k * i));
  const isSine = tensor(
    range(n).map((c) => Number(c > 0 && c % 2 === 0)),
    { dtype: 'i32' },
  );
  const isAlone = (c: number) => c === 0 || (n % 2 === 0 && c === n - 1);
  const scales = tensor(range(n).map((c) => Math.sqrt((isAlone(c) ? 1 : 2) / n)));
  const turns = reshape(anglesOf(angles, n), [n, n]);
  return mul(where(isSine, sin(turns), cos(turns)), scales);
}
