// Interpolation of equidistant samples along one axis, by a whole factor: linear, or cubic by Keys's convolution.

import { tensor } from '../../core/create.js';
import { sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { add, mul } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { take } from '../../ops/take.js';

/**
 * From this extent per tap on, gathering neighbours is faster than a matrix product (measured, forward and backward).
 */
const LONG = 32;

/** The sources of the outputs along an axis: `taps` positions and weights each. */
export interface Taps {
  positions: Int32Array[];
  weights: Float64Array[];
}

/** How an axis is refined. */
export interface Refinement {
  /** Samples along the axis. */
  extent: number;
  factor: number;
  kind: 'linear' | 'cubic';
  /** Keys's parameter, for 'cubic'. */
  a: number;
  /** 'halfPixel': output o lies at (o + ½) / factor - ½; 'aligned': at o / factor. */
  grid: 'halfPixel' | 'aligned';
  /**
   * Beyond an edge there is the edge again; or the other end; or, 'once', one sample of the other end and nothing
   * after it: what is missing has no weight, and the other weights of the output are divided by their sum.
   */
  beyond: 'edge' | 'periodic' | 'once';
}

/** Keys: Cubic Convolution Interpolation for Digital Image Processing, IEEE Trans. ASSP 29, 1981, equation (4). */
function keys(distance: number, a: number): number {
  const s = Math.abs(distance);
  if (s <= 1) return ((a + 2) * s - (a + 3)) * s * s + 1;
  return s < 2 ? a * (((s - 5) * s + 8) * s - 4) : 0;
}

/** The sources of all extent · factor outputs. */
export function tapsOf({ extent, factor, kind, a, grid, beyond }: Refinement): Taps {
  const reach = kind === 'linear' ? 1 : 2;
  const [taps, count] = [2 * reach, extent * factor];
  const inside = (i: number) =>
    beyond === 'edge' ? Math.min(extent - 1, Math.max(0, i)) : ((i % extent) + extent) % extent;
  const positions = Array.from({ length: taps }, () => new Int32Array(count));
  const weights = positions.map(() => new Float64Array(count));
  const own = new Float64Array(taps);
  // Positions in units of 1 / (2 factor): whole numbers, so that equal phases have equal weights.
  const unit = 2 * factor;
  for (let o = 0; o < count; o++) {
    const at = grid === 'aligned' ? 2 * o : 2 * o + 1 - factor;
    const base = Math.floor(at / unit);
    let total = 0;
    for (let k = 0; k < taps; k++) {
      const i = base + k + 1 - reach;
      const distance = (at - i * unit) / unit;
      const isThere = beyond !== 'once' || (i >= -1 && i <= extent);
      if (!isThere) own[k] = 0;
      else own[k] = kind === 'linear' ? 1 - Math.abs(distance) : keys(distance, a);
      total += own[k];
      positions[k][o] = inside(i);
    }
    for (let k = 0; k < taps; k++) weights[k][o] = beyond === 'once' ? own[k] / total : own[k];
  }
  return { positions, weights };
}

/** Along one axis: a matrix product, or gathering neighbours if the matrix would be large. */
export function interpolate(x: Tensor, axis: number, { positions, weights }: Taps): Tensor {
  const dtype = x.dtype as 'f64' | 'f32';
  const extent = x.shape[axis];
  const count = positions[0].length;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const shape = x.shape.map((n, i) => (i === axis ? count : n));
  if (extent >= LONG * positions.length) {
    const parts = positions.map((list, k) =>
      mul(
        take(x, tensor(list), axis),
        tensor(weights[k], { shape: [count, ...x.shape.slice(axis + 1).fill(1)], dtype }),
      ),
    );
    return parts.reduce((total, part) => add(total, part));
  }
  const matrix = new Float64Array(count * extent);
  positions.forEach((list, k) => {
    for (let o = 0; o < count; o++) matrix[o * extent + list[o]] += weights[k][o];
  });
  const a = tensor(matrix, { shape: [count, extent], dtype });
  // No axes follow the last one: one product for all lines.
  return inner === 1
    ? reshape(matmul(reshape(x, [outer, extent]), a, { transposeB: true }), shape)
    : reshape(matmul(a, reshape(x, [outer, extent, inner])), shape);
}
