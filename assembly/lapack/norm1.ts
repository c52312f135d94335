// ||A||_1 = max_j Σ_i |a_ij|, row by row; NaN shows.
import { asum, iamax } from '../level1/norms';
import { lanes } from '../simd/lanes';

/** sums_j += |x_j| for n contiguous elements. */
function addMagnitudes<T>(n: i32, x: usize, sums: usize): void {
  let j = 0;
  for (; j + lanes<T>() <= n; j += lanes<T>()) {
    v128.store(sums, v128.add<T>(v128.load(sums), v128.abs<T>(v128.load(x))));
    x += 16;
    sums += 16;
  }
  for (; j < n; j++) {
    store<T>(sums, load<T>(sums) + abs<T>(load<T>(x)));
    x += sizeof<T>();
    sums += sizeof<T>();
  }
}

/** The norm of A (n x n, dense, row-major), or of the symmetric matrix whose lower triangle is that of A. `sums`: n elements. */
export function norm1<T>(n: i32, a: usize, symmetric: bool, sums: usize): T {
  const size = sizeof<T>();
  if (n == 0) return 0;
  memory.fill(sums, 0, <usize>n * size);
  for (let i = 0; i < n; i++) {
    const row = a + <usize>i * <usize>n * size, own = sums + <usize>i * size;
    addMagnitudes<T>(symmetric ? i + 1 : n, row, sums);
    if (symmetric) store<T>(own, load<T>(own) + asum<T>(i, row, 1));
  }
  return load<T>(sums + <usize>iamax<T>(n, sums, 1) * size);
}
