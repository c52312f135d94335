// Z := H_{n-1} … H_1 Z, a group of reflectors at a time: H_{r+k-1} … H_r = I - Vᵀ T V, rows of V contiguous (the compact WY
// form of householder/block.ts for reflectors that end, instead of begin, with a one).
import { gemm, gemmWorkspace } from '../gemm/gemm';
import { roundToLine } from '../simd/lanes';

/** Reflectors in a group. */
const GROUP: i32 = 32;

/** Elements of workspace: T, its Gram matrix, T V and (T V) Z. */
export function backtransformElements(n: i32): i32 {
  return 2 * GROUP * GROUP + 2 * GROUP * n;
}

/** Bytes of workspace for the products. */
export function backtransformWorkspace<T>(n: i32): usize {
  const k = min(GROUP, n);
  return max(max(gemmWorkspace<T>(k, n, n), gemmWorkspace<T>(n, n, k)), roundToLine(gemmWorkspace<T>(k, k, n)));
}

/** The lower triangular T (k x k) from the Gram matrix V Vᵀ and tau; the last reflector is the outermost. */
function triangle<T>(k: i32, gram: usize, tau: usize, t: usize): void {
  const size = sizeof<T>(), row = <usize>k * size;
  memory.fill(t, 0, <usize>k * row);
  for (let j = k - 1; j >= 0; j--) {
    const tj = load<T>(tau + <usize>j * size);
    store<T>(t + <usize>j * row + <usize>j * size, tj);
    for (let i = j + 1; i < k; i++) {
      let sum: T = 0;
      for (let l = j + 1; l <= i; l++) {
        sum += load<T>(t + <usize>i * row + <usize>l * size) * load<T>(gram + <usize>l * row + <usize>j * size);
      }
      store<T>(t + <usize>i * row + <usize>j * size, -tj * sum);
    }
  }
}

/** Z (n x n) := Q Z with Q from `tridiagonalise`. `w` holds backtransformElements, `work` backtransformWorkspace. */
export function backtransform<T>(
  n: i32, a: usize, lda: i32, tau: usize, z: usize, ldz: i32, w: usize, work: usize,
): void {
  const size = sizeof<T>();
  for (let first = 1; first < n; first += GROUP) {
    const k = min(GROUP, n - first), m = first + k - 1;
    const v = a + <usize>first * <usize>lda * size;
    const t = w, gram = t + <usize>(k * k) * size, tv = gram + <usize>(k * k) * size, tvz = tv + <usize>(k * m) * size;
    gemm<T>(k, k, m, <T>1, v, lda, 1, v, 1, lda, <T>0, gram, k, 1, work);
    triangle<T>(k, gram, tau + <usize>first * size, t);
    gemm<T>(k, m, k, <T>1, t, k, 1, v, lda, 1, <T>0, tv, m, 1, work);
    gemm<T>(k, n, m, <T>1, tv, m, 1, z, ldz, 1, <T>0, tvz, n, 1, work);
    gemm<T>(m, n, k, <T>-1, v, 1, lda, tvz, n, 1, <T>1, z, ldz, 1, work);
  }
}
