// C := H_0 H_1 … H_{k-1} C for reflectors kept in a factorization, in blocks through the compact WY form (LAPACK's ormqr, ormbr);
// and A = Q R for matrices so tall that a QR factorization pays before the bidiagonalisation (LAPACK's geqrf).
import { larfb, larft } from '../householder/block';
import { larfg } from '../householder/reflector';
import { gemv } from '../level2/gemv';
import { ger } from '../level2/ger';

/** Reflectors per block. */
const BLOCK: i32 = 32;

/** Elements of workspace for m rows and at most n columns of C, beside that of gemm. */
export function reflectorElements(m: i32, n: i32): i32 {
  return BLOCK * m + BLOCK * BLOCK + 2 * BLOCK * n + 16;
}

/** Reflectors i … i + kb - 1 as the rows of a dense kb x (m - i) matrix with their ones and zeros. */
function unpack<T>(m: i32, i: i32, kb: i32, v: usize, rsv: i32, csv: i32, out: usize): void {
  const size = sizeof<T>(), length = m - i;
  for (let j = 0; j < kb; j++) {
    const row = out + <usize>(j * length) * size;
    memory.fill(row, 0, <usize>j * size);
    store<T>(row + <usize>j * size, 1);
    let from = v + <usize>((i + j + 1) * rsv + (i + j) * csv) * size;
    for (let r = j + 1; r < length; r++) {
      store<T>(row + <usize>r * size, load<T>(from));
      from += <usize>rsv * size;
    }
  }
}

/** C (m x n) := H_0 … H_{k-1} C. Reflector j has its 1 in row j, and row r > j at v[r rsv + j csv]. Strides in elements. */
export function applyReflectors<T>(
  m: i32, n: i32, k: i32, v: usize, rsv: i32, csv: i32, tau: usize, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  const size = sizeof<T>();
  const t = work + <usize>(BLOCK * m) * size, w = t + <usize>(BLOCK * BLOCK) * size;
  const gemmWork = (work + <usize>reflectorElements(m, n) * size + 63) & ~63;
  for (let i = k <= 0 ? -1 : ((k - 1) / BLOCK) * BLOCK; i >= 0; i -= BLOCK) {
    const kb = min(BLOCK, k - i), length = m - i;
    unpack<T>(m, i, kb, v, rsv, csv, work);
    larft<T>(length, kb, work, 1, length, tau + <usize>i * size, t, kb);
    larfb<T>(false, length, n, kb, work, 1, length, t, kb, c + <usize>(i * rsc) * size, rsc, csc, w, gemmWork);
  }
}

/** A = Q R in place, A m x n row-major: R in the upper triangle, reflectors below, tau (n). Workspace: reflectorElements(m, n). */
export function factorTall<T>(m: i32, n: i32, a: usize, lda: i32, tau: usize, work: usize): void {
  const size = sizeof<T>();
  const t = work + <usize>(BLOCK * m) * size, w = t + <usize>(BLOCK * BLOCK) * size;
  const gemmWork = (work + <usize>reflectorElements(m, n) * size + 63) & ~63;
  for (let i = 0; i < n; i += BLOCK) {
    const kb = min(BLOCK, n - i), length = m - i;
    const panel = a + <usize>(i * lda + i) * size;
    for (let j = 0; j < kb; j++) {
      const pivot = panel + <usize>(j * lda + j) * size, rest = kb - j - 1;
      const tj = larfg<T>(length - j, pivot, pivot + <usize>lda * size, lda);
      store<T>(tau + <usize>(i + j) * size, tj);
      if (rest <= 0 || tj == <T>0) continue;
      // The panel's other columns: C := C - tau v (vᵀ C), v with its 1 in place.
      const beta = load<T>(pivot), right = pivot + size;
      store<T>(pivot, 1);
      gemv<T>(rest, length - j, <T>1, right, 1, lda, pivot, lda, <T>0, w, 1, gemmWork);
      ger<T>(length - j, rest, -tj, pivot, lda, w, 1, right, lda, 1);
      store<T>(pivot, beta);
    }
    const columns = n - i - kb;
    if (columns <= 0) continue;
    unpack<T>(m, i, kb, a, lda, 1, work);
    larft<T>(length, kb, work, 1, length, tau + <usize>i * size, t, kb);
    larfb<T>(true, length, columns, kb, work, 1, length, t, kb, panel + <usize>kb * size, lda, 1, w, gemmWork);
  }
}
