// Cubic upsampling by its definition, one output at a time.
import type { CubicVariant } from '#src/assimilation/index.js';

/** Numbers in row-major order, with the sum of sizes that rounding is relative to. */
export interface Field {
  shape: number[];
  data: number[];
  sizes: number[];
}

/** Keys's kernel for a = -½, as it is printed. */
const keys = (s: number) => {
  const t = Math.abs(s);
  if (t <= 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1;
  return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0;
};

/** From sample i to output o, which lies at (o + shift) / factor - shift. */
const distance = (o: number, factor: number, i: number, shift: number) =>
  (o + shift - (i + shift) * factor) / factor;

/** Weights of the n samples for output o. */
function weightsOf(n: number, factor: number, variant: CubicVariant, o: number): number[] {
  const weights = new Array<number>(n).fill(0);
  if (variant === 'published') {
    // The padded samples are n + 2; what lies outside of them is not there.
    const all = Array.from({ length: n + 2 }, (_, i) => keys(distance(o + factor, factor, i, 0.5)));
    const total = all.reduce((s, w) => s + w);
    all.forEach((w, i) => {
      weights[(i - 1 + n) % n] += w / total;
    });
    return weights;
  }
  const shift = variant === 'aligned' ? 0 : 0.5;
  for (let i = Math.floor(o / factor) - 4; i <= Math.floor(o / factor) + 4; i++)
    weights[((i % n) + 4 * n) % n] += keys(distance(o, factor, i, shift));
  return weights;
}

/** Along one axis of a tensor, by the weights; with the sum of sizes that rounding is relative to: weights are differences of numbers up to 4. */
export function refined(x: Field, axis: number, factor: number, variant: CubicVariant): Field {
  const n = x.shape[axis];
  const inner = x.shape.slice(axis + 1).reduce((s, k) => s * k, 1);
  const outer = x.shape.slice(0, axis).reduce((s, k) => s * k, 1);
  const shape = x.shape.map((k, i) => (i === axis ? k * factor : k));
  const [data, sizes] = [[] as number[], [] as number[]];
  const weights = Array.from({ length: n * factor }, (_, o) => weightsOf(n, factor, variant, o));
  for (let p = 0; p < outer; p++)
    for (let o = 0; o < n * factor; o++)
      for (let q = 0; q < inner; q++) {
        const at = (i: number) => (p * n + i) * inner + q;
        data.push(weights[o].reduce((s, w, i) => s + w * x.data[at(i)], 0));
        sizes.push(weights[o].reduce((s, w, i) => s + (w === 0 ? 0 : 2 * x.sizes[at(i)]), 0));
      }
  return { shape, data, sizes };
}
