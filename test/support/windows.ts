// Windows of images, one element at a time: what the kernels of convolution and pooling mean. Extents are [depth, height, width].

/** What kernels take as `geometry`, three of each. */
export interface Windows {
  extents: number[];
  kernel: number[];
  output: number[];
  stride: number[];
  dilation: number[];
  before: number[];
  periodic: boolean[];
}

export const product = (list: readonly number[]): number => list.reduce((p, q) => p * q, 1);

/** The geometry as 21 words. */
export function wordsOf(g: Windows): number[] {
  return [g.extents, g.kernel, g.output, g.stride, g.dilation, g.before, g.periodic.map(Number)].flat();
}

/** Index `flat` of an array of these extents. */
const split = (flat: number, [, h, w]: number[]): number[] => [
  Math.floor(flat / (h * w)),
  Math.floor(flat / w) % h,
  flat % w,
];

/** Where output `p` reads with kernel position `k`, in the plane; -1 for what is zero. */
export function source(g: Windows, p: number, k: number): number {
  const [at, tap] = [split(p, g.output), split(k, g.kernel)];
  const from = at.map((o, a) => {
    const i = o * g.stride[a] + tap[a] * g.dilation[a] - g.before[a];
    return g.periodic[a] ? ((i % g.extents[a]) + g.extents[a]) % g.extents[a] : i;
  });
  if (from.some((i, a) => i < 0 || i >= g.extents[a])) return -1;
  return (from[0] * g.extents[1] + from[1]) * g.extents[2] + from[2];
}

/**
 * Every product y[n, o, p] w[o, c, k] x[n, c, source] of the trilinear form: calls `visit` with the three indices.
 */
export function eachProduct(
  g: Windows,
  [images, channels, outs]: readonly number[],
  visit: (y: number, w: number, x: number) => void,
): void {
  const [plane, taps, positions] = [product(g.extents), product(g.kernel), product(g.output)];
  for (let p = 0; p < positions; p++) {
    for (let k = 0; k < taps; k++) {
      const from = source(g, p, k);
      if (from < 0) continue;
      for (let n = 0; n < images; n++)
        for (let c = 0; c < channels; c++)
          for (let o = 0; o < outs; o++)
            visit(
              (n * outs + o) * positions + p,
              (o * channels + c) * taps + k,
              (n * channels + c) * plane + from,
            );
    }
  }
}
