// A large product may be split among threads. Threads are the host's: the kernels import one function, which does the product
// in parts of C by gemm_packed and says 1, or leaves it to the caller and says 0. Either way each element is summed in the same
// order, so the bits do not tell.

/** Below this many multiply-adds, waking threads costs more than they save. */
const WORTH_THREADS: f64 = 4194304;

// `bytes` is the size of an element; the rest as in gemm.
// @ts-ignore: decorator
@external("env", "gemm_parallel")
declare function gemm_parallel(
  bytes: i32, m: i32, n: i32, k: i32, alpha: f64, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: f64, c: usize, rsc: i32, csc: i32, work: usize,
): i32;

/** Whether the host has done the product. */
// @ts-ignore: decorator
@inline
export function isDoneByThreads<T>(
  m: i32, n: i32, k: i32, alpha: T, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: T, c: usize, rsc: i32, csc: i32, work: usize,
): bool {
  if (<f64>m * <f64>n * <f64>k < WORTH_THREADS) return false;
  return gemm_parallel(sizeof<T>(), m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work) != 0;
}
