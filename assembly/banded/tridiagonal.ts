// A X = B for tridiagonal A by elimination with partial pivoting (LAPACK's gtsv): P A = L U, U with two superdiagonals.
import { divideRow, subtractRow, swapRows } from './row';

/** Rows between two calls, so that long systems reach the optimizing tier. */
const RUN: i32 = 512;

/** Rows `from` to `to` - 1 < n - 1 of the elimination; the first zero pivot + 1, or 0. The second superdiagonal goes to dl. */
function eliminate<T>(from: i32, to: i32, n: i32, nrhs: i32, dl: usize, d: usize, du: usize, b: usize): i32 {
  const size = sizeof<T>(), row = <usize>nrhs * size;
  for (let i = from; i < to; i++) {
    const at = <usize>i * size;
    const pivot = load<T>(d + at), below = load<T>(dl + at);
    const bi = b + <usize>i * row;
    // A NaN stays where it is.
    if (abs<T>(pivot) >= abs<T>(below) || pivot != pivot) {
      if (pivot == <T>0) return i + 1;
      const factor = below / pivot;
      store<T>(d + at, load<T>(d + at, size) - factor * load<T>(du + at), size);
      if (factor != <T>0) subtractRow<T>(nrhs, factor, bi, bi + row);
      store<T>(dl + at, <T>0);
    } else {
      const factor = pivot / below, next = load<T>(d + at, size);
      store<T>(d + at, below);
      store<T>(d + at, load<T>(du + at) - factor * next, size);
      store<T>(du + at, next);
      if (i < n - 2) {
        const second = load<T>(du + at, size);
        store<T>(dl + at, second);
        store<T>(du + at, -factor * second, size);
      }
      swapRows<T>(nrhs, bi, bi + row);
      subtractRow<T>(nrhs, factor, bi, bi + row);
    }
  }
  return 0;
}

/** Rows `from` down to `to` of the back substitution. */
function substitute<T>(from: i32, to: i32, n: i32, nrhs: i32, dl: usize, d: usize, du: usize, b: usize): void {
  const size = sizeof<T>(), row = <usize>nrhs * size;
  for (let i = from; i >= to; i--) {
    const at = <usize>i * size, bi = b + <usize>i * row;
    if (i < n - 1) subtractRow<T>(nrhs, load<T>(du + at), bi + row, bi);
    if (i < n - 2) subtractRow<T>(nrhs, load<T>(dl + at), bi + 2 * row, bi);
    divideRow<T>(nrhs, load<T>(d + at), bi);
  }
}

/**
 * X over B, n x nrhs row-major; dl and du (n - 1) and d (n) are overwritten. Returns 0, or 1 + the index of a pivot that is
 * exactly zero; then B is spoilt.
 */
export function gtsv<T>(n: i32, nrhs: i32, dl: usize, d: usize, du: usize, b: usize): i32 {
  for (let i = 0; i < n - 1; i += RUN) {
    const info = eliminate<T>(i, min(i + RUN, n - 1), n, nrhs, dl, d, du, b);
    if (info != 0) return info;
  }
  if (n > 0 && load<T>(d + <usize>(n - 1) * sizeof<T>()) == <T>0) return n;
  for (let i = n - 1; i >= 0; i -= RUN) substitute<T>(i, max(i - RUN + 1, 0), n, nrhs, dl, d, du, b);
  return 0;
}
