// C[z][i][j] = sum over p of A[z][i][p] B[z][p][j], over textures of four columns a texel (WebGL2).
//
// The rules for what gpu.js reads correctly stand in matmul-buffers.ts. A texel holds columns 4x … 4x+3 of a
// row; lanes past the last column are padding, and may hold anything: they are never multiplied.

import type { Four, KernelThis } from './thread.js';

/** Row y, columns 4x … 4x+3 of A B; k = 4 quads + rest. */
export function multiplyTexels(
  this: KernelThis,
  a: Four[][][],
  b: Four[][][],
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
    const r = a[u][this.thread.y][p];
    const b0 = b[v][4 * p][this.thread.x];
    const b1 = b[v][4 * p + 1][this.thread.x];
    const b2 = b[v][4 * p + 2][this.thread.x];
    const b3 = b[v][4 * p + 3][this.thread.x];
    c0 += r[0] * b0[0] + r[1] * b1[0] + r[2] * b2[0] + r[3] * b3[0];
    c1 += r[0] * b0[1] + r[1] * b1[1] + r[2] * b2[1] + r[3] * b3[1];
    c2 += r[0] * b0[2] + r[1] * b1[2] + r[2] * b2[2] + r[3] * b3[2];
    c3 += r[0] * b0[3] + r[1] * b1[3] + r[2] * b2[3] + r[3] * b3[3];
  }
  if (rest > 0) {
    const r = a[u][this.thread.y][quads];
    const b0 = b[v][4 * quads][this.thread.x];
    c0 += r[0] * b0[0];
    c1 += r[0] * b0[1];
    c2 += r[0] * b0[2];
    c3 += r[0] * b0[3];
    if (rest > 1) {
      const b1 = b[v][4 * quads + 1][this.thread.x];
      c0 += r[1] * b1[0];
      c1 += r[1] * b1[1];
      c2 += r[1] * b1[2];
      c3 += r[1] * b1[3];
    }
    if (rest > 2) {
      const b2 = b[v][4 * quads + 2][this.thread.x];
      c0 += r[2] * b2[0];
      c1 += r[2] * b2[1];
      c2 += r[2] * b2[2];
      c3 += r[2] * b2[3];
    }
  }
  return [c0, c1, c2, c3];
}

/** Row y, columns 4x … 4x+3 of A Bᵀ: dot products of rows. */
export function multiplyTexelsByTransposed(
  this: KernelThis,
  a: Four[][][],
  b: Four[][][],
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
    const r = a[u][this.thread.y][p];
    const b0 = b[v][4 * this.thread.x][p];
    const b1 = b[v][4 * this.thread.x + 1][p];
    const b2 = b[v][4 * this.thread.x + 2][p];
    const b3 = b[v][4 * this.thread.x + 3][p];
    c0 += r[0] * b0[0] + r[1] * b0[1] + r[2] * b0[2] + r[3] * b0[3];
    c1 += r[0] * b1[0] + r[1] * b1[1] + r[2] * b1[2] + r[3] * b1[3];
    c2 += r[0] * b2[0] + r[1] * b2[1] + r[2] * b2[2] + r[3] * b2[3];
    c3 += r[0] * b3[0] + r[1] * b3[1] + r[2] * b3[2] + r[3] * b3[3];
  }
  if (rest > 0) {
    const r = a[u][this.thread.y][quads];
    const b0 = b[v][4 * this.thread.x][quads];
    const b1 = b[v][4 * this.thread.x + 1][quads];
    const b2 = b[v][4 * this.thread.x + 2][quads];
    const b3 = b[v][4 * this.thread.x + 3][quads];
    c0 += r[0] * b0[0];
    c1 += r[0] * b1[0];
    c2 += r[0] * b2[0];
    c3 += r[0] * b3[0];
    if (rest > 1) {
      c0 += r[1] * b0[1];
      c1 += r[1] * b1[1];
      c2 += r[1] * b2[1];
      c3 += r[1] * b3[1];
    }
    if (rest > 2) {
      c0 += r[2] * b0[2];
      c1 += r[2] * b1[2];
      c2 += r[2] * b2[2];
      c3 += r[2] * b3[2];
    }
  }
  return [c0, c1, c2, c3];
}

/** Row y, columns 4x … 4x+3 of Aᵀ; A's columns are rows here, so one lane of four texels is taken. */
export function transposeTexels(this: KernelThis, a: Four[][][]): Four {
  const column = Math.floor(this.thread.y / 4);
  const lane = this.thread.y - 4 * column;
  const r0 = a[this.thread.z][4 * this.thread.x][column];
  const r1 = a[this.thread.z][4 * this.thread.x + 1][column];
  const r2 = a[this.thread.z][4 * this.thread.x + 2][column];
  const r3 = a[this.thread.z][4 * this.thread.x + 3][column];
  let c0 = r0[0];
  let c1 = r1[0];
  let c2 = r2[0];
  let c3 = r3[0];
  if (lane > 0.5) {
    c0 = r0[1];
    c1 = r1[1];
    c2 = r2[1];
    c3 = r3[1];
  }
  if (lane > 1.5) {
    c0 = r0[2];
    c1 = r1[2];
    c2 = r2[2];
    c3 = r3[2];
  }
  if (lane > 2.5) {
    c0 = r0[3];
    c1 = r1[3];
    c2 = r2[3];
    c3 = r3[3];
  }
  return [c0, c1, c2, c3];
}
