// The compact WY form of a product of reflectors: H_1 H_2 … H_k = I - V T Vᵀ, V unit lower trapezoidal, T upper triangular
// (Schreiber and Van Loan, 1989; LAPACK's larft and larfb). It turns k rank-one updates into three matrix products.
import { dot } from '../level1/dot';
import { gemm } from '../gemm/gemm';

/**
 * T (k x k, row-major, leading dimension ldt) from V (m x k) and tau. V is dense: its upper triangle holds the zeros and its
 * diagonal the ones that it stands for. Strides of V in elements.
 */
export function larft<T>(m: i32, k: i32, v: usize, rsv: i32, csv: i32, tau: usize, t: usize, ldt: i32): void {
  const size = sizeof<T>();
  for (let j = 0; j < k; j++) {
    const tj = load<T>(tau + <usize>j * size);
    // t[0..j-1][j] = -tau_j T[0..j-1][0..j-1] (V[:, 0..j-1]ᵀ v_j)
    for (let i = 0; i < j; i++) {
      const start = <usize>(j * rsv) * size;
      const product = dot<T>(
        m - j, v + start + <usize>(i * csv) * size, rsv, v + start + <usize>(j * csv) * size, rsv,
      );
      store<T>(t + <usize>(i * ldt + j) * size, -tj * product);
    }
    for (let i = 0; i < j; i++) {
      let sum: T = 0;
      for (let l = i; l < j; l++) sum += load<T>(t + <usize>(i * ldt + l) * size) * load<T>(t + <usize>(l * ldt + j) * size);
      store<T>(t + <usize>(i * ldt + j) * size, sum);
    }
    store<T>(t + <usize>(j * ldt + j) * size, tj);
    for (let i = j + 1; i < k; i++) store<T>(t + <usize>(i * ldt + j) * size, 0);
  }
}

/**
 * C := (I - V T Vᵀ) C, or (I - V Tᵀ Vᵀ) C with `transpose`: H applied to C (m x n) from the left. V is dense m x k.
 * From the right, C H = (Hᵀ Cᵀ)ᵀ: exchange the strides of C and `transpose`. Strides in elements.
 * `w` holds 2 k n elements; `work` is the workspace of gemm.
 */
export function larfb<T>(
  transpose: bool, m: i32, n: i32, k: i32, v: usize, rsv: i32, csv: i32, t: usize, ldt: i32,
  c: usize, rsc: i32, csc: i32, w: usize, work: usize,
): void {
  if (m <= 0 || n <= 0 || k <= 0) return;
  const z = w + <usize>(k * n) * sizeof<T>();
  // W = Vᵀ C, Z = op(T) W, C -= V Z
  gemm<T>(k, n, m, <T>1, v, csv, rsv, c, rsc, csc, <T>0, w, n, 1, work);
  gemm<T>(k, n, k, <T>1, t, transpose ? 1 : ldt, transpose ? ldt : 1, w, n, 1, <T>0, z, n, 1, work);
  gemm<T>(m, n, k, <T>-1, v, rsv, csv, z, n, 1, <T>1, c, rsc, csc, work);
}
