// Level-2 and level-3 kernels on symmetric and triangular matrices as they leave the module. Strides in elements; of a symmetric
// matrix the lower triangle is read (exchange its strides for the upper one); `lower` and `unit` are 0 or 1.
import { symv, syr, syr2, trmv } from '../level2/symmetric';
import { trsv } from '../level2/trsv';
import { gemmWorkspace } from '../gemm/gemm';
import { symm, SYMM_SCRATCH } from './symm';
import { syrk } from './syrk';
import { trmm } from './trmm';
import { trsm } from './trsm';

export function trsm_f64(
  lower: i32, unit: i32, m: i32, n: i32, t: usize, rst: i32, cst: i32, b: usize, rsb: i32, csb: i32, work: usize,
): void {
  trsm<f64>(lower != 0, unit != 0, m, n, t, rst, cst, b, rsb, csb, work);
}

export function trmm_f64(
  lower: i32, unit: i32, m: i32, n: i32, t: usize, rst: i32, cst: i32, b: usize, rsb: i32, csb: i32, work: usize,
): void {
  trmm<f64>(lower != 0, unit != 0, m, n, t, rst, cst, b, rsb, csb, work);
}

export function syrk_f64(
  n: i32, k: i32, alpha: f64, a: usize, rsa: i32, csa: i32, beta: f64, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  syrk<f64>(n, k, alpha, a, rsa, csa, beta, c, rsc, csc, work);
}

/** `work`: symm_f64_work(n, m) bytes. */
export function symm_f64(
  n: i32, m: i32, alpha: f64, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: f64, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  symm<f64>(n, m, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work);
}
export function symm_f64_work(n: i32, m: i32): usize {
  return SYMM_SCRATCH + gemmWorkspace<f64>(n, m, n);
}
export function symv_f64(
  n: i32, alpha: f64, a: usize, rsa: i32, csa: i32, x: usize, incx: i32, beta: f64, y: usize, incy: i32,
): void {
  symv<f64>(n, alpha, a, rsa, csa, x, incx, beta, y, incy);
}
export function syr_f64(n: i32, alpha: f64, x: usize, incx: i32, a: usize, rsa: i32, csa: i32): void {
  syr<f64>(n, alpha, x, incx, a, rsa, csa);
}
export function syr2_f64(
  n: i32, alpha: f64, x: usize, incx: i32, y: usize, incy: i32, a: usize, rsa: i32, csa: i32,
): void {
  syr2<f64>(n, alpha, x, incx, y, incy, a, rsa, csa);
}
export function trmv_f64(lower: i32, unit: i32, n: i32, t: usize, rst: i32, cst: i32, x: usize, incx: i32): void {
  trmv<f64>(lower != 0, unit != 0, n, t, rst, cst, x, incx);
}
export function trsv_f64(lower: i32, unit: i32, n: i32, t: usize, rst: i32, cst: i32, x: usize, incx: i32): void {
  trsv<f64>(lower != 0, unit != 0, n, t, rst, cst, x, incx);
}

export function trsm_f32(
  lower: i32, unit: i32, m: i32, n: i32, t: usize, rst: i32, cst: i32, b: usize, rsb: i32, csb: i32, work: usize,
): void {
  trsm<f32>(lower != 0, unit != 0, m, n, t, rst, cst, b, rsb, csb, work);
}

export function trmm_f32(
  lower: i32, unit: i32, m: i32, n: i32, t: usize, rst: i32, cst: i32, b: usize, rsb: i32, csb: i32, work: usize,
): void {
  trmm<f32>(lower != 0, unit != 0, m, n, t, rst, cst, b, rsb, csb, work);
}

export function syrk_f32(
  n: i32, k: i32, alpha: f32, a: usize, rsa: i32, csa: i32, beta: f32, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  syrk<f32>(n, k, alpha, a, rsa, csa, beta, c, rsc, csc, work);
}

/** `work`: symm_f32_work(n, m) bytes. */
export function symm_f32(
  n: i32, m: i32, alpha: f32, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: f32, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  symm<f32>(n, m, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work);
}
export function symm_f32_work(n: i32, m: i32): usize {
  return SYMM_SCRATCH + gemmWorkspace<f32>(n, m, n);
}
export function symv_f32(
  n: i32, alpha: f32, a: usize, rsa: i32, csa: i32, x: usize, incx: i32, beta: f32, y: usize, incy: i32,
): void {
  symv<f32>(n, alpha, a, rsa, csa, x, incx, beta, y, incy);
}
export function syr_f32(n: i32, alpha: f32, x: usize, incx: i32, a: usize, rsa: i32, csa: i32): void {
  syr<f32>(n, alpha, x, incx, a, rsa, csa);
}
export function syr2_f32(
  n: i32, alpha: f32, x: usize, incx: i32, y: usize, incy: i32, a: usize, rsa: i32, csa: i32,
): void {
  syr2<f32>(n, alpha, x, incx, y, incy, a, rsa, csa);
}
export function trmv_f32(lower: i32, unit: i32, n: i32, t: usize, rst: i32, cst: i32, x: usize, incx: i32): void {
  trmv<f32>(lower != 0, unit != 0, n, t, rst, cst, x, incx);
}
export function trsv_f32(lower: i32, unit: i32, n: i32, t: usize, rst: i32, cst: i32, x: usize, incx: i32): void {
  trsv<f32>(lower != 0, unit != 0, n, t, rst, cst, x, incx);
}
