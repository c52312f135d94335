// Symmetric matrices of which only the lower triangle is stored (for the upper one, exchange the strides):
// y := alpha A x + beta y, A := alpha x xᵀ + A, A := alpha (x yᵀ + y xᵀ) + A. And x := T x for a triangle.
import { axpy } from '../level1/axpy';
import { dot } from '../level1/dot';

/** Each row of the triangle serves twice: as a row (a dot product) and as a column (an axpy). Strides in elements. */
export function symv<T>(
  n: i32, alpha: T, a: usize, rsa: i32, csa: i32, x: usize, incx: i32, beta: T, y: usize, incy: i32,
): void {
  const size = sizeof<T>();
  for (let i = 0; i < n; i++) {
    const p = y + <usize>(i * incy) * size;
    store<T>(p, beta == <T>0 ? <T>0 : beta * load<T>(p));
  }
  if (alpha == <T>0) return;
  for (let i = 0; i < n; i++) {
    const row = a + <usize>(i * rsa) * size;
    const xi = alpha * load<T>(x + <usize>(i * incx) * size);
    const p = y + <usize>(i * incy) * size;
    const product = dot<T>(i, row, csa, x, incx);
    // axpy skips a zero factor, which must not hide a NaN or Inf of the matrix.
    if (xi != <T>0) axpy<T>(i, xi, row, csa, y, incy);
    else for (let j = 0; j < i; j++) {
      const q = y + <usize>(j * incy) * size;
      store<T>(q, load<T>(q) + xi * load<T>(row + <usize>(j * csa) * size));
    }
    store<T>(p, load<T>(p) + alpha * product + xi * load<T>(row + <usize>(i * csa) * size));
  }
}

/** The lower triangle of A := alpha x xᵀ + A. */
export function syr<T>(n: i32, alpha: T, x: usize, incx: i32, a: usize, rsa: i32, csa: i32): void {
  for (let i = 0; i < n; i++) {
    const xi = alpha * load<T>(x + <usize>(i * incx) * sizeof<T>());
    axpy<T>(i + 1, xi, x, incx, a + <usize>(i * rsa) * sizeof<T>(), csa);
  }
}

/** The lower triangle of A := alpha (x yᵀ + y xᵀ) + A. */
export function syr2<T>(
  n: i32, alpha: T, x: usize, incx: i32, y: usize, incy: i32, a: usize, rsa: i32, csa: i32,
): void {
  const size = sizeof<T>();
  for (let i = 0; i < n; i++) {
    const row = a + <usize>(i * rsa) * size;
    axpy<T>(i + 1, alpha * load<T>(x + <usize>(i * incx) * size), y, incy, row, csa);
    axpy<T>(i + 1, alpha * load<T>(y + <usize>(i * incy) * size), x, incx, row, csa);
  }
}

/** x := T x, T triangular with any strides, from the end that overwrites nothing still needed. */
export function trmv<T>(lower: bool, unit: bool, n: i32, t: usize, rst: i32, cst: i32, x: usize, incx: i32): void {
  const size = sizeof<T>();
  for (let s = 0; s < n; s++) {
    const i = lower ? n - 1 - s : s;
    const from = lower ? 0 : i + 1, count = lower ? i : n - 1 - i;
    const p = x + <usize>(i * incx) * size;
    const row = t + <usize>(i * rst + from * cst) * size;
    const rest = dot<T>(count, row, cst, x + <usize>(from * incx) * size, incx);
    const d: T = unit ? <T>1 : load<T>(t + <usize>(i * (rst + cst)) * size);
    store<T>(p, d * load<T>(p) + rest);
  }
}
