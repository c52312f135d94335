// The networks of learned inverses in loops: convolution, batch normalisation with SiLU, upsampling, and all of it in order.
import type { CubicVariant, InverseParams } from '#src/assimilation/index.js';
import type { nn, Tensor } from '#src/index.js';
import { type Field, refined } from './cubic.js';

export const product = (shape: readonly number[]) => shape.reduce((s, n) => s * n, 1);
/** All numbers of a tensor. */
export const list = (x: Tensor) => [...x.toTypedArray()];

/** All indices of a shape, in row-major order. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((head) => Array.from({ length: n }, (_, i) => [...head, i])),
    [[]],
  );
}
export const positionOf = (index: readonly number[], shape: readonly number[]) =>
  index.reduce((at, i, axis) => at * shape[axis] + i, 0);

/** x [n, in, T, …space]: zeros around the time, the other end around space. */
function convolved(x: Field, { weight, bias }: nn.ConvParams): Field {
  const [n, channels, ...extents] = x.shape;
  const [out, , ...kernel] = weight.shape;
  const [w, b] = [list(weight), list(bias as Tensor)];
  const shape = [n, out, ...extents];
  const taps = indices(kernel);
  const data = indices(shape).map(([i, o, ...at]) => {
    let total = b[o];
    taps.forEach((tap, k) => {
      const from = at.map((p, axis) => p + tap[axis] - Math.floor((kernel[axis] - 1) / 2));
      if (from[0] < 0 || from[0] >= extents[0]) return;
      const inside = from.map((p, axis) => ((p % extents[axis]) + 4 * extents[axis]) % extents[axis]);
      for (let c = 0; c < channels; c++)
        total += w[(o * channels + c) * taps.length + k] * x.data[positionOf([i, c, ...inside], x.shape)];
    });
    return total;
  });
  return { shape, data, sizes: data };
}

type Statistics = 'batch' | 'sample' | 'running';

/** Batch normalisation, SiLU, and the statistics after it. */
function normalised(x: Field, norm: nn.BatchNormParams, of: Statistics) {
  const [n, channels] = x.shape;
  const inner = product(x.shape.slice(2));
  const [weight, bias, mean, variance] = [norm.weight, norm.bias, norm.runningMean, norm.runningVariance].map(list); // biome-ignore format: short
  const data = [...x.data];
  for (let c = 0; c < channels; c++) {
    const groups = of === 'batch' ? [[...Array(n).keys()]] : [...Array(n).keys()].map((i) => [i]);
    for (const group of groups) {
      const at = group.flatMap((i) =>
        Array.from({ length: inner }, (_, j) => (i * channels + c) * inner + j),
      );
      const m = at.reduce((s, p) => s + x.data[p], 0) / at.length;
      const v = at.reduce((s, p) => s + (x.data[p] - m) ** 2, 0) / at.length;
      const [centre, spread] = of === 'running' ? [mean[c], variance[c]] : [m, v];
      if (of === 'batch') {
        mean[c] = 0.9 * mean[c] + 0.1 * m;
        variance[c] = 0.9 * variance[c] + (0.1 * v * at.length) / (at.length - 1);
      }
      for (const p of at) {
        const z = (weight[c] * (x.data[p] - centre)) / Math.sqrt(spread + 1e-5) + bias[c];
        data[p] = z / (1 + Math.exp(-z));
      }
    }
  }
  return { y: { ...x, data }, mean, variance };
}

/** The network of a table: Field [n, in, T, …space]. */
export function network(
  params: InverseParams,
  x: Field,
  steps: number,
  statistics: Statistics,
  variant: CubicVariant,
) {
  let y = x;
  const refine = () => {
    for (let axis = 3; axis < x.shape.length; axis++) y = refined({ ...y, sizes: y.data }, axis, 2, variant);
  };
  const moved = params.blocks.map(({ conv, norm }, i) => {
    if (i >= 1 && i <= steps) refine();
    const result = normalised(convolved(y, conv), norm, statistics);
    y = result.y;
    return result;
  });
  if (params.blocks.length === steps) refine();
  return { y: convolved(y, params.output), moved };
}
