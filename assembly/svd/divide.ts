// B = U S Vᵀ of an upper bidiagonal B by divide and conquer (Gu and Eisenstat, 1995; LAPACK's bdsdc): halves down to small
// leaves, which are done by QR iteration, and a merge per joining row on the way up.
import { bidiagonalQr } from './iteration';
import { sortIndices } from './deflate';
import { merge, mergeWorkspace } from './merge';
import { radius, rotateRows } from './rotation';

/** Rows of a leaf at most. */
export const LEAF: i32 = 25;

/** Bytes of workspace for n x n, gemm's included. */
export function divideWorkspace<T>(n: i32): usize {
  return n <= LEAF ? 64 : mergeWorkspace<T>(n);
}

/** Rotates the last column of an n x (n + 1) bidiagonal matrix away, from the bottom up. */
function chaseLastColumn<T>(n: i32, d: usize, e: usize, vt: usize, ldv: i32): void {
  const size = sizeof<T>(), last = vt + <usize>(n * ldv) * size;
  let fill = load<T>(e + <usize>(n - 1) * size);
  store<T>(e + <usize>(n - 1) * size, 0);
  for (let j = n - 1; j >= 0 && fill != <T>0; j--) {
    const pd = d + <usize>j * size, dj = load<T>(pd), r = radius<T>(dj, fill);
    store<T>(pd, r);
    if (r == <T>0) break;
    const c = dj / r, s = fill / r;
    rotateRows<T>(n + 1, vt + <usize>(j * ldv) * size, last, c, s);
    if (j > 0) {
      const pe = e + <usize>(j - 1) * size, above = load<T>(pe);
      store<T>(pe, c * above);
      fill = -s * above;
    }
  }
}

/**
 * An n x (n + sqre) block: d (n), e (n - 1 + sqre) are replaced; the blocks of ut and vt must be zero and receive the vectors as
 * rows, in the order of d; order (n) names them by ascending value. norm: the largest entry of
 * the whole matrix. Returns bidiagonalQr's info.
 */
export function divide<T>(
  n: i32, sqre: i32, norm: T, d: usize, e: usize, order: usize, ut: usize, ldu: i32, vt: usize, ldv: i32, work: usize,
): i32 {
  const size = sizeof<T>(), nextU = <usize>(ldu + 1) * size, nextV = <usize>(ldv + 1) * size;
  if (n <= LEAF) {
    for (let i = 0; i < n; i++) store<T>(ut + <usize>i * nextU, 1);
    for (let i = 0; i < n + sqre; i++) store<T>(vt + <usize>i * nextV, 1);
    if (sqre && n > 0) chaseLastColumn<T>(n, d, e, vt, ldv);
    const info = bidiagonalQr<T>(n, d, e, ut, ldu, n, vt, ldv, n + sqre);
    sortIndices<T>(n, d, order);
    return info;
  }
  const nl = n / 2, nr = n - nl - 1, right = <usize>(nl + 1);
  const alpha = load<T>(d + <usize>nl * size), beta = load<T>(e + <usize>nl * size);
  let info = divide<T>(nl, 1, norm, d, e, order, ut, ldu, vt, ldv, work);
  if (info) return info;
  info = divide<T>(
    nr, sqre, norm, d + right * size, e + right * size, order + right * 4, ut + right * nextU, ldu,
    vt + right * nextV, ldv, work,
  );
  if (info) return info;
  merge<T>(nl, nr, sqre, alpha, beta, norm, d, order, ut, ldu, vt, ldv, work);
  return 0;
}
