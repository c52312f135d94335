// Matrices whose eigenvalues or singular values are known: a diagonal between reflectors of random vectors.
import { numbers } from './check.js';

/** A := H A (m x n, row-major) for the reflector of a random vector; with `columns` A := A H. */
function reflect(m: number, n: number, a: Float64Array, seed: number, columns: boolean): void {
  const [length, along, others, across] = columns ? [n, 1, m, n] : [m, n, n, 1];
  const v = numbers(length, seed);
  const scale = 2 / v.reduce((s, x) => s + x * x, 0);
  const sums = new Float64Array(others);
  for (let i = 0; i < length; i++)
    for (let j = 0; j < others; j++) sums[j] += v[i] * a[i * along + j * across];
  for (let i = 0; i < length; i++)
    for (let j = 0; j < others; j++) a[i * along + j * across] -= scale * v[i] * sums[j];
}

/** A full m x n matrix with these singular values (those of equal sign and value are fine). */
export function withSingularValues(m: number, n: number, value: (i: number) => number): Float64Array {
  const a = new Float64Array(m * n);
  for (let i = 0; i < Math.min(m, n); i++) a[i * (n + 1)] = value(i);
  for (const seed of [3, 4]) reflect(m, n, a, seed, false);
  for (const seed of [5, 6]) reflect(m, n, a, seed, true);
  return a;
}

/** A full symmetric matrix with these eigenvalues. */
export function withSpectrum(n: number, value: (i: number) => number): number[] {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) a[i * (n + 1)] = value(i);
  for (const seed of [3, 4]) {
    reflect(n, n, a, seed, false);
    reflect(n, n, a, seed, true);
  }
  return Array.from(a, (x, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i >= j ? x : a[j * n + i];
  });
}
