// Solving with what was factored: A X = B or Aᵀ X = B in place of B (n x nrhs, any strides in elements).
import { trsm } from '../level3/trsm';
import { ormqr } from './qr';

/** Exchanges two rows of B. */
function swap<T>(nrhs: i32, x: usize, y: usize, csb: i32): void {
  for (let j = 0; j < nrhs; j++) {
    const v = load<T>(x);
    store<T>(x, load<T>(y));
    store<T>(y, v);
    x += <usize>csb * sizeof<T>();
    y += <usize>csb * sizeof<T>();
  }
}

/** From P A = L U: A X = B is L U X = P B; Aᵀ X = B is Uᵀ Lᵀ (P X) = B. */
export function getrs<T>(
  transpose: bool, n: i32, nrhs: i32, lu: usize, lda: i32, pivots: usize, b: usize, rsb: i32, csb: i32, work: usize,
): void {
  const row = <usize>rsb * sizeof<T>();
  if (!transpose) {
    for (let i = 0; i < n; i++) {
      const p = load<i32>(pivots + (<usize>i << 2));
      if (p != i) swap<T>(nrhs, b + <usize>i * row, b + <usize>p * row, csb);
    }
    trsm<T>(true, true, n, nrhs, lu, lda, 1, b, rsb, csb, work);
    trsm<T>(false, false, n, nrhs, lu, lda, 1, b, rsb, csb, work);
    return;
  }
  trsm<T>(true, false, n, nrhs, lu, 1, lda, b, rsb, csb, work);
  trsm<T>(false, true, n, nrhs, lu, 1, lda, b, rsb, csb, work);
  for (let i = n - 1; i >= 0; i--) {
    const p = load<i32>(pivots + (<usize>i << 2));
    if (p != i) swap<T>(nrhs, b + <usize>i * row, b + <usize>p * row, csb);
  }
}

/** From A = L Lᵀ. */
export function potrs<T>(n: i32, nrhs: i32, l: usize, lda: i32, b: usize, rsb: i32, csb: i32, work: usize): void {
  trsm<T>(true, false, n, nrhs, l, lda, 1, b, rsb, csb, work);
  trsm<T>(false, false, n, nrhs, l, 1, lda, b, rsb, csb, work);
}

/** From A = Q R: A X = B is R X = Qᵀ B; Aᵀ X = B is Rᵀ (Qᵀ X) = B. */
export function geqrs<T>(
  transpose: bool, n: i32, nrhs: i32, a: usize, lda: i32, tau: usize, b: usize, rsb: i32, csb: i32, work: usize,
): void {
  if (!transpose) {
    ormqr<T>(true, n, nrhs, n, a, lda, tau, b, rsb, csb, work);
    trsm<T>(false, false, n, nrhs, a, lda, 1, b, rsb, csb, work);
  } else {
    trsm<T>(true, false, n, nrhs, a, 1, lda, b, rsb, csb, work);
    ormqr<T>(false, n, nrhs, n, a, lda, tau, b, rsb, csb, work);
  }
}

/** out (m x n) := the lower (or upper) triangle of A with zeros elsewhere, and with ones on the diagonal for `unit`. */
export function triangle<T>(lower: bool, unit: bool, m: i32, n: i32, a: usize, lda: i32, out: usize, ldo: i32): void {
  const size = sizeof<T>();
  for (let i = 0; i < m; i++) {
    const from = a + <usize>(i * lda) * size, to = out + <usize>(i * ldo) * size;
    const split = min(n, lower ? i + 1 : i);
    if (lower) {
      if (to != from) memory.copy(to, from, <usize>split * size);
      memory.fill(to + <usize>split * size, 0, <usize>(n - split) * size);
    } else {
      memory.fill(to, 0, <usize>split * size);
      const skip = <usize>split * size;
      if (to != from) memory.copy(to + skip, from + skip, <usize>(n - split) * size);
    }
    if (unit && i < n) store<T>(to + <usize>i * size, 1);
  }
}
