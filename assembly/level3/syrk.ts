// C := alpha A Aᵀ + beta C on the lower triangle of C (n x n), A n x k, any strides (in elements). Blocks on the diagonal are
// computed whole in the workspace, so that nothing above the diagonal is touched.
import { gemm } from '../gemm/gemm';

/** Rows of a block on the diagonal. */
const BASE: i32 = 64;

/** Bytes in front of gemm's workspace. */
export const SYRK_SCRATCH: usize = <usize>(BASE * BASE) * 8;

/** `work` holds SYRK_SCRATCH bytes and then gemm's workspace for n x n x k. */
export function syrk<T>(
  n: i32, k: i32, alpha: T, a: usize, rsa: i32, csa: i32, beta: T, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  if (n <= 0) return;
  const size = sizeof<T>();
  const gemmWork = work + SYRK_SCRATCH;
  if (n <= BASE) {
    gemm<T>(n, n, k, alpha, a, rsa, csa, a, csa, rsa, <T>0, work, n, 1, gemmWork);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const p = c + <usize>(i * rsc + j * csc) * size;
        const product = load<T>(work + <usize>(i * n + j) * size);
        store<T>(p, beta == <T>0 ? product : product + beta * load<T>(p));
      }
    }
    return;
  }
  const h = ((n / 2 + BASE - 1) / BASE) * BASE, r = n - h;
  const a2 = a + <usize>(h * rsa) * size;
  syrk<T>(h, k, alpha, a, rsa, csa, beta, c, rsc, csc, work);
  gemm<T>(r, h, k, alpha, a2, rsa, csa, a, csa, rsa, beta, c + <usize>(h * rsc) * size, rsc, csc, gemmWork);
  syrk<T>(r, k, alpha, a2, rsa, csa, beta, c + <usize>(h * (rsc + csc)) * size, rsc, csc, work);
}
