// What transforms are, by definition: direct sums in f64 with angles that are reduced in whole numbers, apart from src/fft.
import { drawing } from '../check.js';

/** Real and imaginary parts. */
export type Parts = readonly [re: ArrayLike<number>, im: ArrayLike<number>];

/** exp(-2πi p/n), 0 <= p < n: the angle is brought into [0, π/4] in whole numbers. */
export function unit(p: number, n: number): [re: number, im: number] {
  // Eighths of the circle, and what is left, in units of 2π/(8n).
  const eighth = Math.floor((8 * p) / n);
  const left = 8 * p - eighth * n;
  const within = eighth % 2 === 0 ? left : n - left;
  const angle = (Math.PI * within) / (4 * n);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const swapped = eighth % 4 === 1 || eighth % 4 === 2;
  const [x, y] = swapped ? [s, c] : [c, s];
  return [eighth >= 2 && eighth <= 5 ? -x : x, eighth < 4 ? -y : y];
}

/** The roots for n, kept for the last n. */
const roots = { n: 0, cos: new Float64Array(0), sin: new Float64Array(0) };

function prepare(n: number): void {
  if (roots.n === n) return;
  roots.n = n;
  roots.cos = new Float64Array(n);
  roots.sin = new Float64Array(n);
  for (let p = 0; p < n; p++) [roots.cos[p], roots.sin[p]] = unit(p, n);
}

/** Entries `bins` of Σ_j x_j exp(∓2πi jk/n), sums without loss (Neumaier); sign 1 for the inverse, without a factor. */
export function binsOf([re, im]: Parts, bins: readonly number[], sign: 1 | -1 = -1): [number[], number[]] {
  const n = re.length;
  prepare(n);
  const { cos, sin } = roots;
  const [a, b]: [number[], number[]] = [[], []];
  for (const k of bins) {
    let [p, pLost, q, qLost] = [0, 0, 0, 0];
    for (let j = 0, at = 0; j < n; j++, at = (at + k) % n) {
      const c = cos[at];
      const s = -sign * sin[at];
      const u = re[j] * c - im[j] * s;
      const v = im[j] * c + re[j] * s;
      const pNext = p + u;
      pLost += Math.abs(p) >= Math.abs(u) ? p - pNext + u : u - pNext + p;
      p = pNext;
      const qNext = q + v;
      qLost += Math.abs(q) >= Math.abs(v) ? q - qNext + v : v - qNext + q;
      q = qNext;
    }
    a.push(p + pLost);
    b.push(q + qLost);
  }
  return [a, b];
}

/** All entries. */
export function direct(z: Parts, sign: 1 | -1 = -1): [number[], number[]] {
  return binsOf(z, Array.from(z[0], (_, k) => k), sign); // biome-ignore format: short
}

/** ‖a - b‖ / ‖b‖, over real and imaginary parts. */
export function distance(a: Parts, b: Parts): number {
  let [sum, size] = [0, 0];
  for (const part of [0, 1] as const)
    for (let i = 0; i < b[part].length; i++) {
      sum += (a[part][i] - b[part][i]) ** 2;
      size += b[part][i] ** 2;
    }
  if (a[0].length !== b[0].length || a[1].length !== b[1].length) return Number.NaN;
  return size === 0 ? Math.sqrt(sum) : Math.sqrt(sum / size);
}

/** The error that a transform of n numbers may have, relative in the Euclidean norm, in units of roundoff. */
export const bound = (n: number): number => 2 + Math.log2(n);

/** Numbers on [-1, 1), as the dtype holds them. */
export function drawn(count: number, seed: number, dtype: 'f64' | 'f32' = 'f64'): Float64Array {
  const next = drawing(seed);
  return Float64Array.from({ length: count }, () => (dtype === 'f32' ? Math.fround(next()) : next()));
}
