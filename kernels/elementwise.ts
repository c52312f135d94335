// Y[z][i][j] = f(A[z][i][j]) or f(A[z][i][j], B[z][i][j]), f being the `operation` that is put in.
//
// Here and in the kernels beside it that are called neither Buffers nor Texels, one text serves both APIs: a tensor is read number by
// number, x[matrix][row][column], and the result written four columns a thread. Lanes behind the last column are padding, and may
// become anything. The rules for what gpu.js reads correctly stand in matmul-buffers.ts.

import { operation } from './operation.js';
import type { Four, KernelThis } from './thread.js';

/** One operand, of the extent of the result. */
export function mapElements(this: KernelThis, x: number[][][]): Four {
  return [
    operation(x[this.thread.z][this.thread.y][4 * this.thread.x]),
    operation(x[this.thread.z][this.thread.y][4 * this.thread.x + 1]),
    operation(x[this.thread.z][this.thread.y][4 * this.thread.x + 2]),
    operation(x[this.thread.z][this.thread.y][4 * this.thread.x + 3]),
  ];
}

/**
 * Two operands, which NumPy's broadcasting repeats: `aBatch[z]` and `bBatch[z]` name the matrices that belong to matrix z of the
 * result; the steps along rows and columns are 1, or 0 where an operand has but one.
 */
export function zipElements(
  this: KernelThis,
  a: number[][][],
  b: number[][][],
  aBatch: number[],
  bBatch: number[],
  aRow: number,
  aColumn: number,
  bRow: number,
  bColumn: number,
): Four {
  const u = aBatch[this.thread.z];
  const v = bBatch[this.thread.z];
  return [
    operation(
      a[u][aRow * this.thread.y][aColumn * 4 * this.thread.x],
      b[v][bRow * this.thread.y][bColumn * 4 * this.thread.x],
    ),
    operation(
      a[u][aRow * this.thread.y][aColumn * (4 * this.thread.x + 1)],
      b[v][bRow * this.thread.y][bColumn * (4 * this.thread.x + 1)],
    ),
    operation(
      a[u][aRow * this.thread.y][aColumn * (4 * this.thread.x + 2)],
      b[v][bRow * this.thread.y][bColumn * (4 * this.thread.x + 2)],
    ),
    operation(
      a[u][aRow * this.thread.y][aColumn * (4 * this.thread.x + 3)],
      b[v][bRow * this.thread.y][bColumn * (4 * this.thread.x + 3)],
    ),
  ];
}
