// Rows of many right sides: y -= alpha x, y := y / alpha, and the exchange of two rows. Contiguous, of n elements.
import { axpyContiguous } from '../level1/axpy';
import { lanes } from '../simd/lanes';

/** y := y - alpha x; NaN and Inf in x arrive also for alpha = 0. */
// @ts-ignore: decorator
@inline
export function subtractRow<T>(n: i32, alpha: T, x: usize, y: usize): void {
  if (n == 1) store<T>(y, load<T>(y) - alpha * load<T>(x));
  else axpyContiguous<T>(n, -alpha, x, y);
}

/** y := y / alpha: a division each, since 1 / alpha may overflow. */
export function divideRow<T>(n: i32, alpha: T, y: usize): void {
  const a = v128.splat<T>(alpha);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    v128.store(y, v128.div<T>(v128.load(y), a));
    y += 16;
  }
  for (; i < n; i++) {
    store<T>(y, load<T>(y) / alpha);
    y += sizeof<T>();
  }
}

/** x and y exchanged. */
export function swapRows<T>(n: i32, x: usize, y: usize): void {
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const v = v128.load(x);
    v128.store(x, v128.load(y));
    v128.store(y, v);
    x += 16;
    y += 16;
  }
  for (; i < n; i++) {
    const v = load<T>(x);
    store<T>(x, load<T>(y));
    store<T>(y, v);
    x += sizeof<T>();
    y += sizeof<T>();
  }
}
