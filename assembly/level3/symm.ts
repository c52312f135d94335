// C := alpha A B + beta C, A n x n symmetric with its lower triangle stored (for the upper one exchange its strides), B n x m:
// recursive, A = [A11 A21ᵀ; A21 A22], most of it gemm; a block on the diagonal is made whole in the workspace.
import { gemm } from '../gemm/gemm';

const BASE: i32 = 64;

/** Bytes in front of gemm's workspace. */
export const SYMM_SCRATCH: usize = <usize>(BASE * BASE) * 8;

/** `work` holds SYMM_SCRATCH bytes and then gemm's workspace for n x m x n. Strides in elements. */
export function symm<T>(
  n: i32, m: i32, alpha: T, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: T, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  if (n <= 0 || m <= 0) return;
  const size = sizeof<T>();
  const gemmWork = work + SYMM_SCRATCH;
  if (n <= BASE) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const value = load<T>(a + <usize>(i * rsa + j * csa) * size);
        store<T>(work + <usize>(i * n + j) * size, value);
        store<T>(work + <usize>(j * n + i) * size, value);
      }
    }
    gemm<T>(n, m, n, alpha, work, n, 1, b, rsb, csb, beta, c, rsc, csc, gemmWork);
    return;
  }
  const h = n / 2, r = n - h;
  const a21 = a + <usize>(h * rsa) * size, a22 = a21 + <usize>(h * csa) * size;
  const b2 = b + <usize>(h * rsb) * size, c2 = c + <usize>(h * rsc) * size;
  symm<T>(h, m, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work);
  gemm<T>(h, m, r, alpha, a21, csa, rsa, b2, rsb, csb, <T>1, c, rsc, csc, gemmWork);
  symm<T>(r, m, alpha, a22, rsa, csa, b2, rsb, csb, beta, c2, rsc, csc, work);
  gemm<T>(r, m, h, alpha, a21, rsa, csa, b, rsb, csb, <T>1, c2, rsc, csc, gemmWork);
}
