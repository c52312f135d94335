// P A Pᵀ = L D Lᵀ for symmetric A, blocked: panels as Bunch and Kaufman choose them, the rest brought up to date by gemm.
import { gemm, gemmWorkspace } from '../gemm/gemm';
import { roundToLine } from '../simd/lanes';
import { at, panel } from './panel';

/** Columns of a panel. */
const NB: i32 = 48;
/** Rows that one product brings up to date: what it computes above the diagonal is wasted. */
const ROWS: i32 = 48;

/** A[i][j] -= Σ_{t < count} L[i][t] W[j][t] for j <= i, i >= next; rows of a block are written up to its diagonal block's end. */
function update<T>(n: i32, next: i32, count: i32, a: usize, lda: i32, l: usize, w: usize, work: usize): void {
  for (let i = next; i < n; i += ROWS) {
    const rows = min(ROWS, n - i);
    gemm<T>(
      rows, i + rows - next, count, <T>-1, at<T>(l, NB, i, 0), NB, 1, at<T>(w, NB, next, 0), 1, NB,
      <T>1, at<T>(a, lda, i, next), lda, 1, work,
    );
  }
}

/**
 * Over A (n x n, lower triangle read; what lies above is spoilt): L, unit lower, and the diagonal of D. e (n): the subdiagonal
 * of D, e[k] != 0 where rows k and k + 1 are one pivot. perm (n, i32): row i of the factored matrix is row perm[i] of A.
 * Returns 0, or 1 + the index of the first pivot that is exactly zero; the factorization is complete even then.
 */
export function sytrf<T>(n: i32, a: usize, lda: i32, e: usize, perm: usize, work: usize): i32 {
  const line = roundToLine(<usize>n * sizeof<T>());
  const u = work, v = u + line, l = v + line, w = l + line * NB, rest = w + line * NB;
  for (let i = 0; i < n; i++) store<i32>(perm + <usize>i * 4, i);
  for (let k = 0; k < n; ) {
    const done = panel<T>(n, k, NB, a, lda, e, perm, l, w, u, v, rest);
    update<T>(n, k + done, done, a, lda, l, w, rest);
    k += done;
  }
  for (let k = 0; k < n; k++) {
    const isPair = load<T>(e + <usize>k * sizeof<T>()) != <T>0;
    if (!isPair && load<T>(at<T>(a, lda, k, k)) == <T>0) return k + 1;
    if (isPair) k++;
  }
  return 0;
}

/** Bytes of workspace for sytrf. */
export function sytrfWorkspace<T>(n: i32): usize {
  return roundToLine(<usize>n * sizeof<T>()) * (2 * NB + 2) + max<usize>(64, gemmWorkspace<T>(ROWS, n, NB));
}
