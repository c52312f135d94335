// y := alpha x + y, and x := alpha x.
import { lanes, madd } from '../simd/lanes';

/** Contiguous operands. */
export function axpyContiguous<T>(n: i32, alpha: T, x: usize, y: usize): void {
  const a = v128.splat<T>(alpha);
  const w = lanes<T>();
  let i = 0;
  for (; i + 2 * w <= n; i += 2 * w) {
    v128.store(y, madd<T>(a, v128.load(x), v128.load(y)));
    v128.store(y, madd<T>(a, v128.load(x, 16), v128.load(y, 16)), 16);
    x += 32;
    y += 32;
  }
  for (; i < n; i++) {
    store<T>(y, alpha * load<T>(x) + load<T>(y));
    x += sizeof<T>();
    y += sizeof<T>();
  }
}

/** y := alpha x + y with strides in elements; alpha = 0 leaves y as it is, as in BLAS. */
export function axpy<T>(n: i32, alpha: T, x: usize, incx: i32, y: usize, incy: i32): void {
  if (alpha == <T>0) return;
  if (incx == 1 && incy == 1) return axpyContiguous<T>(n, alpha, x, y);
  for (let i = 0; i < n; i++) {
    store<T>(y, alpha * load<T>(x) + load<T>(y));
    x += <usize>incx * sizeof<T>();
    y += <usize>incy * sizeof<T>();
  }
}

/** x := alpha x; NaN and Inf in x propagate also for alpha = 0. */
export function scal<T>(n: i32, alpha: T, x: usize, incx: i32): void {
  let i = 0;
  if (incx == 1) {
    const a = v128.splat<T>(alpha);
    for (; i + lanes<T>() <= n; i += lanes<T>()) {
      v128.store(x, v128.mul<T>(a, v128.load(x)));
      x += 16;
    }
  }
  for (; i < n; i++) {
    store<T>(x, alpha * load<T>(x));
    x += <usize>incx * sizeof<T>();
  }
}
