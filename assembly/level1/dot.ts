// dot = Σ x_i y_i, summed pairwise: blocks of 256 elements in vector accumulators, blocks as a binary tree.
// The rounding error grows with log n instead of n.
import { lanes, madd, sumLanes } from '../simd/lanes';

const BLOCK: i32 = 256;

/** One block of at most BLOCK contiguous elements. */
function block<T>(n: i32, x: usize, y: usize): T {
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  const w = lanes<T>();
  let i = 0;
  for (; i + 4 * w <= n; i += 4 * w) {
    s0 = madd<T>(v128.load(x), v128.load(y), s0);
    s1 = madd<T>(v128.load(x, 16), v128.load(y, 16), s1);
    s2 = madd<T>(v128.load(x, 32), v128.load(y, 32), s2);
    s3 = madd<T>(v128.load(x, 48), v128.load(y, 48), s3);
    x += 64;
    y += 64;
  }
  let sum = sumLanes<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)));
  for (; i < n; i++) {
    sum += load<T>(x) * load<T>(y);
    x += sizeof<T>();
    y += sizeof<T>();
  }
  return sum;
}

/** Contiguous operands. */
export function dotContiguous<T>(n: i32, x: usize, y: usize): T {
  if (n <= BLOCK) return block<T>(n, x, y);
  const half = ((n + 1) / 2 + BLOCK - 1) & ~(BLOCK - 1);
  const offset = <usize>half * sizeof<T>();
  return dotContiguous<T>(half, x, y) + dotContiguous<T>(n - half, x + offset, y + offset);
}

/** Operands with strides in bytes. */
export function dotStrided<T>(n: i32, x: usize, incx: usize, y: usize, incy: usize): T {
  if (n > BLOCK) {
    const half = n / 2;
    return (
      dotStrided<T>(half, x, incx, y, incy) +
      dotStrided<T>(n - half, x + <usize>half * incx, incx, y + <usize>half * incy, incy)
    );
  }
  let sum: T = 0;
  for (let i = 0; i < n; i++) {
    sum += load<T>(x) * load<T>(y);
    x += incx;
    y += incy;
  }
  return sum;
}

/** Σ x_i y_i with strides in elements. */
export function dot<T>(n: i32, x: usize, incx: i32, y: usize, incy: i32): T {
  if (incx == 1 && incy == 1) return dotContiguous<T>(n, x, y);
  return dotStrided<T>(n, x, <usize>incx * sizeof<T>(), y, <usize>incy * sizeof<T>());
}
