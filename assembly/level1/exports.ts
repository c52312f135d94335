// The level-1 kernels as they leave the module. Strides in elements; a pointer names the first element used.
import { axpy, scal } from './axpy';
import { dot } from './dot';
import { asum, iamax, nrm2 } from './norms';

export function dot_f64(n: i32, x: usize, incx: i32, y: usize, incy: i32): f64 {
  return dot<f64>(n, x, incx, y, incy);
}
export function dot_f32(n: i32, x: usize, incx: i32, y: usize, incy: i32): f32 {
  return dot<f32>(n, x, incx, y, incy);
}
export function axpy_f64(n: i32, alpha: f64, x: usize, incx: i32, y: usize, incy: i32): void {
  axpy<f64>(n, alpha, x, incx, y, incy);
}
export function axpy_f32(n: i32, alpha: f32, x: usize, incx: i32, y: usize, incy: i32): void {
  axpy<f32>(n, alpha, x, incx, y, incy);
}
export function scal_f64(n: i32, alpha: f64, x: usize, incx: i32): void {
  scal<f64>(n, alpha, x, incx);
}
export function scal_f32(n: i32, alpha: f32, x: usize, incx: i32): void {
  scal<f32>(n, alpha, x, incx);
}
export function nrm2_f64(n: i32, x: usize, incx: i32): f64 {
  return nrm2<f64>(n, x, incx);
}
export function nrm2_f32(n: i32, x: usize, incx: i32): f32 {
  return nrm2<f32>(n, x, incx);
}
export function asum_f64(n: i32, x: usize, incx: i32): f64 {
  return asum<f64>(n, x, incx);
}
export function asum_f32(n: i32, x: usize, incx: i32): f32 {
  return asum<f32>(n, x, incx);
}
export function iamax_f64(n: i32, x: usize, incx: i32): i32 {
  return iamax<f64>(n, x, incx);
}
export function iamax_f32(n: i32, x: usize, incx: i32): i32 {
  return iamax<f32>(n, x, incx);
}
