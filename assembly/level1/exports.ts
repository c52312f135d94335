// The level-1 kernels as they leave the module. Strides in elements; a pointer names the first element used.
import { axpy, scal } from './axpy';
import { dot } from './dot';
import { asum, iamax, nrm2 } from './norms';
import { rotate, rotateWorkspace } from './rotate';
import { unwrapped } from '../simd/lanes';

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

/** `batch` matrices X, n x m each, bsx elements apart; see rotate.ts for the rest. */
export function rotate_f64(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, angles: usize, backward: bool,
  x: usize, bsx: i32, rsx: i32, csx: i32, y: usize, bsy: i32, rsy: i32, csy: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    rotate<f64>(n, m, count, pairs, angles, backward, x, rsx, csx, y, rsy, csy, work);
    x += <usize>bsx * 8;
    y += <usize>bsy * 8;
  }
}
export function rotate_f32(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, angles: usize, backward: bool,
  x: usize, bsx: i32, rsx: i32, csx: i32, y: usize, bsy: i32, rsy: i32, csy: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    rotate<f32>(n, m, count, pairs, angles, backward, x, rsx, csx, y, rsy, csy, work);
    x += <usize>bsx * 4;
    y += <usize>bsy * 4;
  }
}
/** Bytes of workspace for rotate on matrices with n rows. */
export function rotate_work(n: i32): usize {
  return unwrapped(rotateWorkspace(n), 64 * <f64>n);
}