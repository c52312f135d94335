// gemm as it leaves the module: one name per element type, with its workspace query.
import { gemm, gemmPackedElements, gemmWorkspace } from './gemm';

export function gemm_f64(
  m: i32, n: i32, k: i32, alpha: f64, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: f64, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  gemm<f64>(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work);
}
export function gemm_f32(
  m: i32, n: i32, k: i32, alpha: f32, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: f32, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  gemm<f32>(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work);
}

/** Always the packed path: what a thread calls on its part of C, so that the bits do not depend on the parts. */
export function gemm_packed_f64(
  m: i32, n: i32, k: i32, alpha: f64, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: f64, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  gemmPackedElements<f64>(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work);
}
export function gemm_packed_f32(
  m: i32, n: i32, k: i32, alpha: f32, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: f32, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  gemmPackedElements<f32>(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work);
}

/** `batch` products of one shape; bsa, bsb, bsc are the strides between them (0 repeats an operand). */
export function gemm_batched_f64(
  batch: i32, m: i32, n: i32, k: i32, alpha: f64, a: usize, bsa: i32, rsa: i32, csa: i32,
  b: usize, bsb: i32, rsb: i32, csb: i32, beta: f64, c: usize, bsc: i32, rsc: i32, csc: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    gemm<f64>(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work);
    a += <usize>bsa * 8;
    b += <usize>bsb * 8;
    c += <usize>bsc * 8;
  }
}
export function gemm_batched_f32(
  batch: i32, m: i32, n: i32, k: i32, alpha: f32, a: usize, bsa: i32, rsa: i32, csa: i32,
  b: usize, bsb: i32, rsb: i32, csb: i32, beta: f32, c: usize, bsc: i32, rsc: i32, csc: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    gemm<f32>(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work);
    a += <usize>bsa * 4;
    b += <usize>bsb * 4;
    c += <usize>bsc * 4;
  }
}

/** Bytes of workspace for one product, and for any batch of it. */
export function gemm_f64_work(m: i32, n: i32, k: i32): usize {
  return gemmWorkspace<f64>(m, n, k);
}
export function gemm_f32_work(m: i32, n: i32, k: i32): usize {
  return gemmWorkspace<f32>(m, n, k);
}
