// A = Q T Qᵀ with T tridiagonal, Q = H_{n-1} … H_2 H_1 a product of reflectors (LAPACK's sytrd and latrd; Dongarra, Sorensen
// and Hammarling, 1989). Rows are reduced from the last to the first, so that every reflector is a contiguous row:
// H_r = I - tau_r v_r v_rᵀ, v_r = row r of A on exit, with v_r[r-1] = 1 and zeros from r on.
import { gemm, gemmWorkspace } from '../gemm/gemm';
import { larfg } from '../householder/reflector';
import { axpyContiguous, scal } from '../level1/axpy';
import { dotContiguous } from '../level1/dot';
import { gemv } from '../level2/gemv';
import { symv } from './symv';

/** Rows that are reduced before the rest of the matrix is updated. */
export const PANEL: i32 = 24;
/** Order of a triangle that is updated as a square, large enough for packing: what lies above the diagonal is thrown away. */
const TRIANGLE: i32 = 96;

/** Elements of the panel workspace: V, W and V again, so that [V; W] and [W; V] are both contiguous. */
export function panelElements(n: i32): i32 {
  return 3 * PANEL * n;
}

/** Bytes of workspace for `tridiagonalise`, without the panel. */
export function tridiagonalWorkspace<T>(n: i32): usize {
  return max<usize>(gemmWorkspace<T>(n, n, 2 * PANEL), 64 + <usize>PANEL * sizeof<T>());
}

/** Row i minus what the `done` reflectors after it, whose rows follow it in A and whose w lie at `ws`, do to it. */
function updateRow<T>(i: i32, done: i32, a: usize, lda: i32, ws: usize, ldw: i32, work: usize): void {
  const size = sizeof<T>();
  const row = a + <usize>i * <usize>lda * size, next = row + <usize>lda * size;
  gemv<T>(i + 1, done, <T>-1, next, 1, lda, ws + <usize>i * size, ldw, <T>1, row, 1, work);
  gemv<T>(i + 1, done, <T>-1, ws, 1, ldw, next + <usize>i * size, lda, <T>1, row, 1, work);
}

/** w := tau (A v - V Wᵀv - W Vᵀv), then w -= ½ tau (wᵀv) v: A - v wᵀ - w vᵀ is what the reflector makes of A. */
function makeW<T>(
  i: i32, done: i32, a: usize, lda: i32, tau: T, v: usize, w: usize, ldw: i32, work: usize,
): void {
  const size = sizeof<T>();
  const vs = a + <usize>(i + 1) * <usize>lda * size, ws = w + <usize>ldw * size;
  symv<T>(i, a, lda, v, w, work);
  if (done > 0) {
    const t = work + 64;
    gemv<T>(done, i, <T>1, ws, ldw, 1, v, 1, <T>0, t, 1, work);
    gemv<T>(i, done, <T>-1, vs, 1, lda, t, 1, <T>1, w, 1, work);
    gemv<T>(done, i, <T>1, vs, lda, 1, v, 1, <T>0, t, 1, work);
    gemv<T>(i, done, <T>-1, ws, 1, ldw, t, 1, <T>1, w, 1, work);
  }
  scal<T>(i, tau, w, 1);
  axpyContiguous<T>(i, <T>-0.5 * tau * dotContiguous<T>(i, w, v), v, w);
}

/**
 * A := A - VᵀW - WᵀV on rows and columns [low, low + m) of the lower triangle, V and W with `k` rows in the panel: the two
 * triangles by recursion, the square between them as one product.
 */
function updateRest<T>(low: i32, m: i32, k: i32, a: usize, lda: i32, panel: usize, ldp: i32, work: usize): void {
  const size = sizeof<T>();
  const right = panel + <usize>k * <usize>ldp * size;
  const half = m <= TRIANGLE ? m : (m / 2 + TRIANGLE - 1) / TRIANGLE * TRIANGLE;
  const first = m <= TRIANGLE ? low : low + half, rows = m <= TRIANGLE ? m : m - half;
  gemm<T>(
    rows, half, 2 * k, <T>-1, panel + <usize>first * size, 1, ldp, right + <usize>low * size, ldp, 1,
    <T>1, a + <usize>(first * lda + low) * size, lda, 1, work,
  );
  if (m <= TRIANGLE) return;
  updateRest<T>(low, half, k, a, lda, panel, ldp, work);
  updateRest<T>(first, rows, k, a, lda, panel, ldp, work);
}

/**
 * Reduces the lower triangle of A (n x n; the upper one is overwritten): diagonal to d, the n - 1 others to e, reflectors to
 * A and tau (tau_0 is not used). `panel` holds panelElements, `work` tridiagonalWorkspace.
 */
export function tridiagonalise<T>(
  n: i32, a: usize, lda: i32, d: usize, e: usize, tau: usize, panel: usize, work: usize,
): void {
  const size = sizeof<T>();
  for (let m = n; m > 0; m -= PANEL) {
    const k = min(PANEL, m), first = m - k;
    const ws = panel + <usize>k * <usize>n * size;
    for (let i = m - 1; i >= first; i--) {
      const row = a + <usize>i * <usize>lda * size, w = ws + <usize>(i - first) * <usize>n * size;
      const done = m - 1 - i;
      if (done > 0) updateRow<T>(i, done, a, lda, w + <usize>n * size, n, work);
      store<T>(d + <usize>i * size, load<T>(row + <usize>i * size));
      memory.fill(row + <usize>i * size, 0, <usize>(n - i) * size);
      if (i == 0) break;
      const corner = row + <usize>(i - 1) * size;
      const t = larfg<T>(i, corner, row, 1);
      store<T>(tau + <usize>i * size, t);
      store<T>(e + <usize>(i - 1) * size, load<T>(corner));
      store<T>(corner, 1);
      makeW<T>(i, done, a, lda, t, row, w, n, work);
      if (first > 0) {
        const bytes = <usize>first * size;
        memory.copy(panel + <usize>(i - first) * <usize>n * size, row, bytes);
        memory.copy(ws + <usize>(k + i - first) * <usize>n * size, row, bytes);
      }
    }
    if (first > 0) updateRest<T>(0, first, k, a, lda, panel, n, work);
  }
}
