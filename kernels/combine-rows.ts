// Y[z][i][j] = sum over q < 4 of weights[q][i] X[z][indices[q][i]][j]: rows that are sums of a few rows, as two waves of disjoint plane
// rotations make them. A negative index stands for no row, whose values then do not count even where they are infinite.
//
// The rules for what gpu.js reads correctly stand in matmul-buffers.ts. Indices of rows are f32, and exact up to 2^24.

import type { Four, KernelThis } from './thread.js';

/** Row y, columns 4x … 4x+3, over flat storage buffers (WebGPU). */
export function combineRowsBuffers(
  this: KernelThis,
  x: number[][][],
  indices: number[][],
  weights: number[][],
): Four {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  for (let q = 0; q < 4; q++) {
    const row = indices[q][this.thread.y];
    if (row > -0.5) {
      const w = weights[q][this.thread.y];
      c0 += w * x[this.thread.z][row][4 * this.thread.x];
      c1 += w * x[this.thread.z][row][4 * this.thread.x + 1];
      c2 += w * x[this.thread.z][row][4 * this.thread.x + 2];
      c3 += w * x[this.thread.z][row][4 * this.thread.x + 3];
    }
  }
  return [c0, c1, c2, c3];
}

/** The same over textures of four columns a texel (WebGL2). */
export function combineRowsTexels(
  this: KernelThis,
  x: Four[][][],
  indices: number[][],
  weights: number[][],
): Four {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  for (let q = 0; q < 4; q++) {
    const row = indices[q][this.thread.y];
    if (row > -0.5) {
      const w = weights[q][this.thread.y];
      const r = x[this.thread.z][row][this.thread.x];
      c0 += w * r[0];
      c1 += w * r[1];
      c2 += w * r[2];
      c3 += w * r[3];
    }
  }
  return [c0, c1, c2, c3];
}
