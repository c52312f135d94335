// out := the part of each matrix on and below (or above) its k-th diagonal, zeros elsewhere.
import { copyRow } from './blocks';

/** `batch` matrices of m x n elements, one after the other, elements of `size` bytes; row i keeps columns <= i + k, or >= i + k. */
export function triangle(upper: i32, batch: i32, m: i32, n: i32, k: i32, size: usize, out: usize, x: usize): void {
  const row = <usize>n * size;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < m; i++) {
      // Columns before `cut` are below the diagonal; i + k may not fit into 32 bits.
      const cut = <i32>max<i64>(0, min<i64>(n, <i64>i + <i64>k + (upper ? 0 : 1)));
      const left = <usize>cut * size;
      if (upper) {
        memory.fill(out, 0, left);
        copyRow(row - left, out + left, x + left);
      } else {
        copyRow(left, out, x);
        memory.fill(out + left, 0, row - left);
      }
      out += row;
      x += row;
    }
  }
}
