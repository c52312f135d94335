// Decides when a convolution is faster with minimal filtering (assembly/winograd), which takes fewer multiplications.
import { sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { conv } from '../../generated/conv.js';
import type { Workspace } from '../workspace.js';
import { convInParts, type Partition } from './conv-threads.js';
import { type Geometry, words } from './windows.js';

/** Outputs of a row that are computed together. */
const TILE = 4;
/** With fewer tiles in a plane of outputs, panels of eight are not full. */
const TILES = 8;
/** Products of this depth cost as much as the transforms of inputs and outputs. */
const TRANSFORMS = 10;
/** A smaller gain is not worth the additional rounding. */
const GAIN = 1.1;

/** Blocks of a row of the kernel, and the points at which each is evaluated, as in the WASM kernels. */
function blocksOf(width: number): { blocks: number; points: number } {
  const [three, five] = [Math.ceil(width / 3), Math.ceil(width / 5)];
  return 8 * five < 6 * three ? { blocks: five, points: 8 } : { blocks: three, points: 6 };
}

/**
 * The geometry in which the adjoint in x is a convolution of y, with the weights transposed and reversed; stride and
 * dilation 1.
 */
function adjointOf(g: Geometry): Geometry {
  return {
    ...g,
    extents: g.output,
    output: g.extents,
    before: g.before.map((before, i) => g.kernel[i] - 1 - before),
  };
}

/**
 * Whether minimal filtering is faster for this many channels. Tiles that extend beyond the rows reduce the gain, and so
 * do the transforms, which matter less the deeper the products are. The numbers are measured, see docs/kernels.md. The
 * number of images does not count, so that a batch has the same bits as its images.
 */
export function isWorthFiltering({ kernel, output }: Geometry, channels: number): boolean {
  const [width, outputs] = [kernel[kernel.length - 1], output[output.length - 1]];
  const { blocks, points } = blocksOf(width);
  const tiles = Math.ceil(outputs / TILE);
  const saved = (width * outputs) / (points * blocks * tiles);
  const depth = channels * blocks * sizeOf(kernel.slice(0, -1));
  const plane = tiles * (output.length > 1 ? output[output.length - 2] : 1);
  return plane >= TILES && saved * depth >= GAIN * (depth + TRANSFORMS);
}

/**
 * The geometry for minimal filtering, or undefined if the convolution (with `adjoint`: its adjoint in x) is computed
 * directly.
 */
export function filteringGeometry(
  geometry: Geometry,
  channels: number,
  adjoint: boolean,
): Geometry | undefined {
  const { algorithm, stride, dilation, periodic, extents, output } = geometry;
  if (algorithm === 'direct' || [...stride, ...dilation].some((v) => v !== 1)) return undefined;
  // A periodic axis is its own adjoint only where every input is an output.
  if (adjoint && periodic.some((wraps, i) => wraps && extents[i] !== output[i])) return undefined;
  const g = adjoint ? adjointOf(geometry) : geometry;
  return isWorthFiltering(g, channels) ? g : undefined;
}

/** The convolution `to` of `from` (with `adjoint`: the adjoint); `g` is the result of `filteringGeometry`. */
export function preparedFiltering(
  adjoint: boolean,
  [from, w, to]: readonly [from: Tensor, w: Tensor, to: Tensor],
  g: Geometry,
  space: Workspace,
): () => void {
  const dtype = from.dtype as 'f64' | 'f32';
  const size = dtype === 'f64' ? 8 : 4;
  const [images, channels, outs] = [from.shape[0], from.shape[1], to.shape[1]];
  const three = (list: readonly number[]) => [...new Array<number>(3 - list.length).fill(1), ...list];
  const [kd, kh, kw] = three(g.kernel);
  const [, oh, ow] = three(g.output);
  const workOf = (some: number, part: number) =>
    conv.exports[`winograd_${dtype}_work`](some, channels, part, kd, kh, kw, oh, ow);
  const reserved = workOf(images, outs);
  const [work, at] = [space.scratch(reserved), words(g, space)];
  const weight = size * channels * sizeOf(g.kernel);
  const cut: Partition = {
    kernel: `winograd_${dtype}`,
    bytes: [size * channels * sizeOf(g.extents), weight, size * sizeOf(g.output)],
    images: 1,
    // In the adjoint, the weights of an output channel are in as many pieces as there are channels.
    outs: !adjoint,
    multiplyAdds: images * outs * channels * sizeOf(g.kernel) * sizeOf(g.output),
    work: workOf,
    reserved,
  };
  return () =>
    convInParts(cut, [adjoint, images, channels, outs, outs, at, from.address, w.address, to.address, work]);
}
