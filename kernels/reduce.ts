// Reductions of rows by an `operation` of two numbers, in a fixed order: from the first number of a part to its last.
// What these kernels are given stands in elementwise.ts.

import { operation } from './operation.js';
import type { Four, KernelThis } from './thread.js';

/** Of each row its parts 4x … 4x+3: `length` columns each, the last one what is left of `columns`. */
export function reduceParts(this: KernelThis, x: number[][][], columns: number, length: number): Four {
  let c0 = x[this.thread.z][this.thread.y][4 * this.thread.x * length];
  let c1 = x[this.thread.z][this.thread.y][(4 * this.thread.x + 1) * length];
  let c2 = x[this.thread.z][this.thread.y][(4 * this.thread.x + 2) * length];
  let c3 = x[this.thread.z][this.thread.y][(4 * this.thread.x + 3) * length];
  for (let q = 1; q < length; q++) {
    if (4 * this.thread.x * length + q < columns)
      c0 = operation(c0, x[this.thread.z][this.thread.y][4 * this.thread.x * length + q]);
    if ((4 * this.thread.x + 1) * length + q < columns)
      c1 = operation(c1, x[this.thread.z][this.thread.y][(4 * this.thread.x + 1) * length + q]);
    if ((4 * this.thread.x + 2) * length + q < columns)
      c2 = operation(c2, x[this.thread.z][this.thread.y][(4 * this.thread.x + 2) * length + q]);
    if ((4 * this.thread.x + 3) * length + q < columns)
      c3 = operation(c3, x[this.thread.z][this.thread.y][(4 * this.thread.x + 3) * length + q]);
  }
  return [c0, c1, c2, c3];
}

/** Whole rows, which are counted through all matrices: row r of x is number r of the result, in rows of `width`, `height` to a matrix. */
export function reduceRows(
  this: KernelThis,
  x: number[][][],
  columns: number,
  height: number,
  width: number,
): Four {
  let c0 = x[0][(this.thread.z * height + this.thread.y) * width + 4 * this.thread.x][0];
  let c1 = x[0][(this.thread.z * height + this.thread.y) * width + 4 * this.thread.x + 1][0];
  let c2 = x[0][(this.thread.z * height + this.thread.y) * width + 4 * this.thread.x + 2][0];
  let c3 = x[0][(this.thread.z * height + this.thread.y) * width + 4 * this.thread.x + 3][0];
  for (let q = 1; q < columns; q++) {
    c0 = operation(c0, x[0][(this.thread.z * height + this.thread.y) * width + 4 * this.thread.x][q]);
    if (width > 1) {
      c1 = operation(c1, x[0][(this.thread.z * height + this.thread.y) * width + 4 * this.thread.x + 1][q]);
      c2 = operation(c2, x[0][(this.thread.z * height + this.thread.y) * width + 4 * this.thread.x + 2][q]);
      c3 = operation(c3, x[0][(this.thread.z * height + this.thread.y) * width + 4 * this.thread.x + 3][q]);
    }
  }
  return [c0, c1, c2, c3];
}
