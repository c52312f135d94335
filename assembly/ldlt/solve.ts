// X := Pᵀ L⁻ᵀ D⁻¹ L⁻¹ P B for a matrix that sytrf has factored.
import { gemm, gemmWorkspace } from '../gemm/gemm';
import { axpyContiguous } from '../level1/axpy';
import { dotContiguous } from '../level1/dot';
import { roundToLine } from '../simd/lanes';
import { divideRow, subtractRow } from '../banded/row';
import { at } from './panel';

/** Rows of a block: within it rows are subtracted one by one, outside it by products. */
const NB: i32 = 32;

/** x := L⁻¹ x for one right side, row by row. */
function forwardOne<T>(n: i32, a: usize, lda: i32, x: usize): void {
  for (let i = 1; i < n; i++) {
    const p = x + <usize>i * sizeof<T>();
    store<T>(p, load<T>(p) - dotContiguous<T>(i, at<T>(a, lda, i, 0), x));
  }
}

/** x := L⁻ᵀ x for one right side: row i of L is column i of Lᵀ. */
function backwardOne<T>(n: i32, a: usize, lda: i32, x: usize): void {
  for (let i = n - 1; i > 0; i--) {
    axpyContiguous<T>(i, -load<T>(x + <usize>i * sizeof<T>()), at<T>(a, lda, i, 0), x);
  }
}

/** X := L⁻¹ X, n x m row-major. */
function forward<T>(n: i32, m: i32, a: usize, lda: i32, x: usize, work: usize): void {
  for (let k = 0; k < n; k += NB) {
    const end = min(k + NB, n);
    for (let i = k + 1; i < end; i++) {
      for (let j = k; j < i; j++) subtractRow<T>(m, load<T>(at<T>(a, lda, i, j)), at<T>(x, m, j, 0), at<T>(x, m, i, 0));
    }
    if (end < n) {
      gemm<T>(
        n - end, m, end - k, <T>-1, at<T>(a, lda, end, k), lda, 1, at<T>(x, m, k, 0), m, 1,
        <T>1, at<T>(x, m, end, 0), m, 1, work,
      );
    }
  }
}

/** X := L⁻ᵀ X, n x m row-major. */
function backward<T>(n: i32, m: i32, a: usize, lda: i32, x: usize, work: usize): void {
  for (let k = ((n - 1) / NB) * NB; k >= 0; k -= NB) {
    const end = min(k + NB, n);
    if (end < n) {
      gemm<T>(
        end - k, m, n - end, <T>-1, at<T>(a, lda, end, k), 1, lda, at<T>(x, m, end, 0), m, 1,
        <T>1, at<T>(x, m, k, 0), m, 1, work,
      );
    }
    for (let i = end - 1; i > k; i--) {
      for (let j = k; j < i; j++) subtractRow<T>(m, load<T>(at<T>(a, lda, i, j)), at<T>(x, m, i, 0), at<T>(x, m, j, 0));
    }
  }
}

/** X := D⁻¹ X; a pivot of two rows is scaled by its largest entry, which is the one beside the diagonal. */
function diagonal<T>(n: i32, m: i32, a: usize, lda: i32, e: usize, x: usize): void {
  for (let k = 0; k < n; k++) {
    const off = load<T>(e + <usize>k * sizeof<T>());
    const row = at<T>(x, m, k, 0), next = at<T>(x, m, k + 1, 0);
    if (off == <T>0) {
      divideRow<T>(m, load<T>(at<T>(a, lda, k, k)), row);
      continue;
    }
    const r0 = load<T>(at<T>(a, lda, k, k)) / off, r1 = load<T>(at<T>(a, lda, k + 1, k + 1)) / off;
    const t = r0 * r1 - <T>1;
    for (let j = 0; j < m; j++) {
      const at = <usize>j * sizeof<T>();
      const p = load<T>(row + at) / off, q = load<T>(next + at) / off;
      store<T>(row + at, (r1 * p - q) / t);
      store<T>(next + at, (r0 * q - p) / t);
    }
    k++;
  }
}

/** X over B, n x m row-major. Nothing is checked: a zero pivot gives Infinity and NaN. */
export function sytrs<T>(n: i32, m: i32, a: usize, lda: i32, e: usize, perm: usize, b: usize, work: usize): void {
  const bytes = <usize>m * sizeof<T>();
  const x = work, rest = work + roundToLine(<usize>n * bytes);
  for (let i = 0; i < n; i++) {
    memory.copy(x + <usize>i * bytes, b + <usize>load<i32>(perm + <usize>i * 4) * bytes, bytes);
  }
  if (m == 1) forwardOne<T>(n, a, lda, x);
  else forward<T>(n, m, a, lda, x, rest);
  diagonal<T>(n, m, a, lda, e, x);
  if (m == 1) backwardOne<T>(n, a, lda, x);
  else backward<T>(n, m, a, lda, x, rest);
  for (let i = 0; i < n; i++) {
    memory.copy(b + <usize>load<i32>(perm + <usize>i * 4) * bytes, x + <usize>i * bytes, bytes);
  }
}

/** Bytes of workspace for sytrs. */
export function sytrsWorkspace<T>(n: i32, m: i32): usize {
  return roundToLine(<usize>n * <usize>m * sizeof<T>()) + max(gemmWorkspace<T>(n, m, NB), gemmWorkspace<T>(NB, m, n));
}
