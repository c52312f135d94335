// Spaces of equal values in a spectrum, for rows that say what is known of derivatives there.
import type { TypedArray } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';

/** One matrix of the stack, as the rules below see it. */
export interface Spectrum {
  /** Values that ascend or descend; [from, from + n). */
  readonly values: TypedArray;
  readonly from: number;
  readonly n: number;
  /** Up to this, gaps count as zero. */
  readonly level: number;
  /** Relative size below which a sum of products counts as rounding. */
  readonly noise: number;
}

/** Spaces of equal values: calls f with the first index and the one after the last. Single values count as well. */
export function eachSpace(
  { values, from, n, level }: Spectrum,
  f: (first: number, end: number) => void,
): void {
  for (let first = 0, end = 1; first < n; first = end++) {
    while (end < n && Math.abs(values[from + end] - values[from + end - 1]) <= level) end++;
    f(first, end);
  }
}

/** The largest magnitude in [from, from + count); NaN counts as Infinity. */
export function largest(x: TypedArray, from: number, count: number): number {
  let most = 0;
  for (let i = from; i < from + count; i++) {
    const size = Math.abs(x[i]);
    if (!(size <= most)) most = Number.isNaN(size) ? Number.POSITIVE_INFINITY : size;
  }
  return most;
}

/** The spectra of a stack. */
export function spectra(values: Tensor, visit: (spectrum: Spectrum, matrix: number) => void): void {
  const n = values.shape[values.ndim - 1];
  const eps = Math.max(10, n) * (values.dtype === 'f64' ? 2 ** -52 : 2 ** -23);
  const data = values.data();
  for (let matrix = 0; n > 0 && matrix * n < data.length; matrix++) {
    const from = matrix * n;
    const level = eps * largest(data, from, n);
    visit({ values: data, from, n, level, noise: 256 * eps }, matrix);
  }
}

/** Writes NaN for every pair of the space into a matrix. */
export function spoil(out: TypedArray, start: number, n: number, first: number, end: number): void {
  for (let i = first; i < end; i++) out.fill(Number.NaN, start + i * n + first, start + i * n + end);
}
