// A = Q B Pᵀ, B upper bidiagonal: Householder reflectors in panels, the rest of A updated by two matrix products per panel
// (Dongarra, Hammarling and Sorensen, 1989; LAPACK's gebrd and labrd). A is m x n with m >= n.
// The panel's vectors are kept as rows (Vᵀ, Xᵀ, Yᵀ), so that every product with a matrix runs along contiguous memory.
import { gemm } from '../gemm/gemm';
import { larfg } from '../householder/reflector';
import { scal } from '../level1/axpy';
import { gemv } from '../level2/gemv';

/** Columns of a panel. */
export const PANEL: i32 = 32;

/** Elements of workspace of the panels, beside that of gemm. */
export function bidiagonalElements(m: i32, n: i32): i32 {
  return PANEL * (2 * m + n + 1) + 16;
}

/** y -= Σ_j x_j row_j over `count` rows of `length` elements. */
// @ts-ignore: decorator
@inline
function subtractRows<T>(
  length: i32, count: i32, rows: usize, ld: i32, x: usize, incx: i32, y: usize, work: usize,
): void {
  if (count > 0 && length > 0) gemv<T>(length, count, <T>-1, rows, 1, ld, x, incx, <T>1, y, 1, work);
}

/** y_j = row_j · x over `count` rows of `length` elements. */
// @ts-ignore: decorator
@inline
function multiplyRows<T>(length: i32, count: i32, rows: usize, ld: i32, x: usize, y: usize, work: usize): void {
  if (count > 0) gemv<T>(count, length, <T>1, rows, ld, 1, x, 1, <T>0, y, 1, work);
}

/** Column i of the panel: v_i from the updated column, then row i of Yᵀ. */
function panelColumn<T>(
  i: i32, m: i32, n: i32, a: usize, lda: i32, d: usize, tauq: usize, vt: usize, xt: usize, yt: usize,
  sums: usize, work: usize,
): void {
  const size = sizeof<T>(), v = vt + <usize>(i * m + i) * size;
  for (let r = 0; r < m - i; r++) store<T>(v + <usize>r * size, load<T>(a + <usize>((i + r) * lda + i) * size));
  subtractRows<T>(m - i, i, vt + <usize>i * size, m, yt + <usize>i * size, n, v, work);
  subtractRows<T>(m - i, i, xt + <usize>i * size, m, a + <usize>i * size, lda, v, work);
  const tau = larfg<T>(m - i, v, v + size, 1);
  store<T>(tauq + <usize>i * size, tau);
  store<T>(d + <usize>i * size, load<T>(v));
  store<T>(v, 1);
  const rest = n - i - 1;
  if (rest <= 0) return;
  const y = yt + <usize>(i * n + i + 1) * size, right = a + <usize>(i + 1) * size;
  gemv<T>(rest, m - i, <T>1, right + <usize>(i * lda) * size, 1, lda, v, 1, <T>0, y, 1, work);
  multiplyRows<T>(m - i, i, vt + <usize>i * size, m, v, sums, work);
  subtractRows<T>(rest, i, yt + <usize>(i + 1) * size, n, sums, 1, y, work);
  multiplyRows<T>(m - i, i, xt + <usize>i * size, m, v, sums, work);
  subtractRows<T>(rest, i, right, lda, sums, 1, y, work);
  scal<T>(rest, tau, y, 1);
}

/** Row i of the panel: u_i from the updated row, in place with its leading 1, then row i of Xᵀ. */
function panelRow<T>(
  i: i32, m: i32, n: i32, a: usize, lda: i32, e: usize, taup: usize, vt: usize, xt: usize, yt: usize,
  sums: usize, work: usize,
): void {
  const size = sizeof<T>(), rest = n - i - 1;
  const right = a + <usize>(i + 1) * size, u = right + <usize>(i * lda) * size;
  subtractRows<T>(rest, i + 1, yt + <usize>(i + 1) * size, n, vt + <usize>i * size, m, u, work);
  subtractRows<T>(rest, i, right, lda, xt + <usize>i * size, m, u, work);
  const tau = larfg<T>(rest, u, u + size, 1);
  store<T>(taup + <usize>i * size, tau);
  store<T>(e + <usize>i * size, load<T>(u));
  store<T>(u, 1);
  const below = m - i - 1;
  if (below <= 0) return;
  const x = xt + <usize>(i * m + i + 1) * size;
  gemv<T>(below, rest, <T>1, right + <usize>((i + 1) * lda) * size, lda, 1, u, 1, <T>0, x, 1, work);
  multiplyRows<T>(rest, i + 1, yt + <usize>(i + 1) * size, n, u, sums, work);
  subtractRows<T>(below, i + 1, vt + <usize>(i + 1) * size, m, sums, 1, x, work);
  multiplyRows<T>(rest, i, right, lda, u, sums, work);
  subtractRows<T>(below, i, xt + <usize>(i + 1) * size, m, sums, 1, x, work);
  scal<T>(below, tau, x, 1);
}

/**
 * d (n), e (n - 1), tauq (n), taup (n - 1). A keeps the reflectors: v_i in column i below the diagonal (v_i[i] = 1 not stored),
 * u_i in row i from column i + 1 on (its leading 1 stored). `work` holds bidiagonalElements elements and gemm's workspace.
 */
export function bidiagonalize<T>(
  m: i32, n: i32, a: usize, lda: i32, d: usize, e: usize, tauq: usize, taup: usize, work: usize,
): void {
  const size = sizeof<T>();
  const tail = work + 64;
  for (let at = 0; at < n; at += PANEL) {
    const rows = m - at, columns = n - at, nb = min(PANEL, columns);
    const vt = tail, xt = vt + <usize>(nb * rows) * size, yt = xt + <usize>(nb * rows) * size;
    const sums = yt + <usize>(nb * columns) * size;
    const gemmWork = (work + 64 + <usize>bidiagonalElements(m, n) * size + 63) & ~63;
    const block = a + <usize>(at * lda + at) * size, offset = <usize>at * size;
    for (let i = 0; i < nb; i++) {
      panelColumn<T>(i, rows, columns, block, lda, d + offset, tauq + offset, vt, xt, yt, sums, work);
      if (i < columns - 1) panelRow<T>(i, rows, columns, block, lda, e + offset, taup + offset, vt, xt, yt, sums, work);
    }
    if (columns > nb) {
      const right = block + <usize>nb * size, corner = right + <usize>(nb * lda) * size, skip = <usize>nb * size;
      gemm<T>(
        rows - nb, columns - nb, nb, <T>-1, vt + skip, 1, rows, yt + skip, columns, 1, <T>1, corner, lda, 1, gemmWork,
      );
      gemm<T>(rows - nb, columns - nb, nb, <T>-1, xt + skip, 1, rows, right, lda, 1, <T>1, corner, lda, 1, gemmWork);
    }
    for (let i = 0; i < nb; i++) {
      for (let r = i + 1; r < rows; r++) {
        store<T>(block + <usize>(r * lda + i) * size, load<T>(vt + <usize>(i * rows + r) * size));
      }
    }
  }
}
