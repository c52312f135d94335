// The level-2 kernels as they leave the module.
import { gemv } from './gemv';
import { ger } from './ger';

export function gemv_f64(
  m: i32, n: i32, alpha: f64, a: usize, rsa: i32, csa: i32, x: usize, incx: i32, beta: f64, y: usize, incy: i32,
  work: usize,
): void {
  gemv<f64>(m, n, alpha, a, rsa, csa, x, incx, beta, y, incy, work);
}
export function gemv_f32(
  m: i32, n: i32, alpha: f32, a: usize, rsa: i32, csa: i32, x: usize, incx: i32, beta: f32, y: usize, incy: i32,
  work: usize,
): void {
  gemv<f32>(m, n, alpha, a, rsa, csa, x, incx, beta, y, incy, work);
}
/** Bytes of workspace for gemv, whatever its size. */
export function gemv_work(): usize {
  return 64;
}
export function ger_f64(
  m: i32, n: i32, alpha: f64, x: usize, incx: i32, y: usize, incy: i32, a: usize, rsa: i32, csa: i32,
): void {
  ger<f64>(m, n, alpha, x, incx, y, incy, a, rsa, csa);
}
export function ger_f32(
  m: i32, n: i32, alpha: f32, x: usize, incx: i32, y: usize, incy: i32, a: usize, rsa: i32, csa: i32,
): void {
  ger<f32>(m, n, alpha, x, incx, y, incy, a, rsa, csa);
}
