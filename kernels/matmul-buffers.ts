// C[z][i][j] = sum over p of A[z][i][p] B[z][p][j], over flat storage buffers (WebGPU).
//
// scripts/freeze-kernels.mjs freezes this text into a string, and gpu.js translates it on the user's
// machine. It is therefore written in what gpu.js reads correctly:
// - no names from outside, arrow functions, `break`, `continue`, `while` or `?.`;
// - no index in a local variable: gpu.js makes locals f32, which cannot count past 2^24. `this.thread`,
//   scalar arguments and loop counters that step by `++` are integers, and so are sums and products of them.

import type { Four, KernelThis } from './thread.js';

/**
 * Row y, columns 4x … 4x+3 of product z. Frozen four times: as NN, and with the last two indices of b, of a,
 * and of both swapped, as NT, TN and TT.
 *
 * `aBatch[z]` and `bBatch[z]` name the matrices that belong to product z: NumPy's broadcasting of the batch
 * axes. k = 4 quads + rest. Columns past the end of C fall into the padding of its rows, which nobody reads;
 * what they load lies somewhere in B or is clamped by the device.
 */
export function matmulBuffersNN(
  this: KernelThis,
  a: number[][][],
  b: number[][][],
  aBatch: number[],
  bBatch: number[],
  quads: number,
  rest: number,
): Four {
  const u = aBatch[this.thread.z];
  const v = bBatch[this.thread.z];
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  for (let p = 0; p < quads; p++) {
    const a0 = a[u][this.thread.y][4 * p];
    const a1 = a[u][this.thread.y][4 * p + 1];
    const a2 = a[u][this.thread.y][4 * p + 2];
    const a3 = a[u][this.thread.y][4 * p + 3];
    c0 += a0 * b[v][4 * p][4 * this.thread.x];
    c1 += a0 * b[v][4 * p][4 * this.thread.x + 1];
    c2 += a0 * b[v][4 * p][4 * this.thread.x + 2];
    c3 += a0 * b[v][4 * p][4 * this.thread.x + 3];
    c0 += a1 * b[v][4 * p + 1][4 * this.thread.x];
    c1 += a1 * b[v][4 * p + 1][4 * this.thread.x + 1];
    c2 += a1 * b[v][4 * p + 1][4 * this.thread.x + 2];
    c3 += a1 * b[v][4 * p + 1][4 * this.thread.x + 3];
    c0 += a2 * b[v][4 * p + 2][4 * this.thread.x];
    c1 += a2 * b[v][4 * p + 2][4 * this.thread.x + 1];
    c2 += a2 * b[v][4 * p + 2][4 * this.thread.x + 2];
    c3 += a2 * b[v][4 * p + 2][4 * this.thread.x + 3];
    c0 += a3 * b[v][4 * p + 3][4 * this.thread.x];
    c1 += a3 * b[v][4 * p + 3][4 * this.thread.x + 1];
    c2 += a3 * b[v][4 * p + 3][4 * this.thread.x + 2];
    c3 += a3 * b[v][4 * p + 3][4 * this.thread.x + 3];
  }
  for (let q = 0; q < rest; q++) {
    const last = a[u][this.thread.y][4 * quads + q];
    c0 += last * b[v][4 * quads + q][4 * this.thread.x];
    c1 += last * b[v][4 * quads + q][4 * this.thread.x + 1];
    c2 += last * b[v][4 * quads + q][4 * this.thread.x + 2];
    c3 += last * b[v][4 * quads + q][4 * this.thread.x + 3];
  }
  return [c0, c1, c2, c3];
}
