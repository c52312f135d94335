// out[o][indices[i]][·] += x[o][i][·] from zero, i in order: the transpose of take. The order of the sums is that of the indices.
import { addRow } from './blocks';
import { indexAt } from './take';

/** Scalars: one element per index. */
function scatterElements<T>(extent: i32, count: i32, indices: usize, out: usize, x: usize): void {
  for (let i = 0; i < count; i++) {
    const to = out + indexAt(indices, i, extent) * sizeof<T>();
    store<T>(to, <T>(load<T>(to) + load<T>(x + <usize>i * sizeof<T>())));
  }
}

/** Slices of n elements; the indices have been checked. */
export function scatterAdd<T>(
  outer: i32, extent: i32, n: i32, count: i32, indices: usize, out: usize, x: usize,
): void {
  const bytes = <usize>n * sizeof<T>();
  memory.fill(out, 0, <usize>outer * <usize>extent * bytes);
  for (let o = 0; o < outer; o++) {
    if (n == 1) scatterElements<T>(extent, count, indices, out, x);
    else {
      for (let i = 0; i < count; i++) addRow<T>(n, out + indexAt(indices, i, extent) * bytes, x + <usize>i * bytes);
    }
    out += <usize>extent * bytes;
    x += <usize>count * bytes;
  }
}
