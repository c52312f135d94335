// C := alpha A Aᵀ + beta C on the lower triangle of C (n x n), A n x k, any strides (in elements): recursive, so that most of
// it is products of large blocks, which threads share; a block on the diagonal packs once and skips the tiles above.
import { gemm } from '../gemm/gemm';
import { gemmLower } from '../gemm/lower';

/** Rows of a block on the diagonal. */
const BASE: i32 = 256;

/** `work` holds gemm's workspace for n x n x k. */
export function syrk<T>(
  n: i32, k: i32, alpha: T, a: usize, rsa: i32, csa: i32, beta: T, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  if (n <= 0) return;
  if (n <= BASE) return gemmLower<T>(n, k, alpha, a, rsa, csa, a, csa, rsa, beta, c, rsc, csc, work);
  const size = sizeof<T>();
  const h = ((n / 2 + 15) / 16) * 16, r = n - h;
  const a2 = a + <usize>(h * rsa) * size;
  syrk<T>(h, k, alpha, a, rsa, csa, beta, c, rsc, csc, work);
  gemm<T>(r, h, k, alpha, a2, rsa, csa, a, csa, rsa, beta, c + <usize>(h * rsc) * size, rsc, csc, work);
  syrk<T>(r, k, alpha, a2, rsa, csa, beta, c + <usize>(h * (rsc + csc)) * size, rsc, csc, work);
}
