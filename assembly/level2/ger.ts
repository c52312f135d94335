// A := alpha x yᵀ + A, A m x n with a row stride and a column stride.
import { axpy } from '../level1/axpy';

/** Strides in elements. Runs along whichever direction of A is contiguous. */
export function ger<T>(
  m: i32, n: i32, alpha: T, x: usize, incx: i32, y: usize, incy: i32, a: usize, rsa: i32, csa: i32,
): void {
  if (rsa == 1 && csa != 1) return ger<T>(n, m, alpha, y, incy, x, incx, a, csa, rsa);
  if (alpha == <T>0) return;
  for (let i = 0; i < m; i++) {
    const value = alpha * load<T>(x);
    // axpy skips zeros; 0 times Inf or NaN in y must reach A.
    if (value == <T>0) {
      for (let j = 0; j < n; j++) {
        const p = a + <usize>(j * csa) * sizeof<T>();
        store<T>(p, load<T>(p) + value * load<T>(y + <usize>(j * incy) * sizeof<T>()));
      }
    } else axpy<T>(n, value, y, incy, a, csa);
    x += <usize>incx * sizeof<T>();
    a += <usize>rsa * sizeof<T>();
  }
}
