// The level-1 kernels as they leave the module. Strides in elements; a pointer names the first element used.
import { axpy, scal } from './axpy';
import { dot } from './dot';
import { axpbyDot, axpyDot, copyDot, curvature, minus, plusScaled } from './fused';
import { asum, iamax, largest, nrm2 } from './norms';
import { rotate, rotateWorkspace } from './rotate';

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
/** y := alpha x + y, contiguous; the result is zᵀ y. */
export function axpy_dot_f64(n: i32, alpha: f64, x: usize, y: usize, z: usize): f64 {
  return axpyDot<f64>(n, alpha, x, y, z);
}
export function axpy_dot_f32(n: i32, alpha: f32, x: usize, y: usize, z: usize): f32 {
  return axpyDot<f32>(n, alpha, x, y, z);
}
/** out := alpha x + beta y, contiguous; the result is zᵀ out. */
export function axpby_dot_f64(n: i32, alpha: f64, x: usize, beta: f64, y: usize, out: usize, z: usize): f64 {
  return axpbyDot<f64>(n, alpha, x, beta, y, out, z);
}
export function axpby_dot_f32(n: i32, alpha: f32, x: usize, beta: f32, y: usize, out: usize, z: usize): f32 {
  return axpbyDot<f32>(n, alpha, x, beta, y, out, z);
}
/** y := x, contiguous; the result is zᵀ x. */
export function copy_dot_f64(n: i32, x: usize, y: usize, z: usize): f64 {
  return copyDot<f64>(n, x, y, z);
}
export function copy_dot_f32(n: i32, x: usize, y: usize, z: usize): f32 {
  return copyDot<f32>(n, x, y, z);
}
/** s := x - x0, y := g - g0; sᵀy and yᵀy to out. */
export function curvature_f64(
  n: i32, x: usize, x0: usize, g: usize, g0: usize, s: usize, y: usize, out: usize,
): void {
  curvature<f64>(n, x, x0, g, g0, s, y, out);
}
export function curvature_f32(
  n: i32, x: usize, x0: usize, g: usize, g0: usize, s: usize, y: usize, out: usize,
): void {
  curvature<f32>(n, x, x0, g, g0, s, y, out);
}
/** z := x - y, contiguous. */
export function minus_f64(n: i32, x: usize, y: usize, z: usize): void {
  minus<f64>(n, x, y, z);
}
export function minus_f32(n: i32, x: usize, y: usize, z: usize): void {
  minus<f32>(n, x, y, z);
}
/** z := x + alpha y, contiguous. */
export function plus_scaled_f64(n: i32, alpha: f64, x: usize, y: usize, z: usize): void {
  plusScaled<f64>(n, alpha, x, y, z);
}
export function plus_scaled_f32(n: i32, alpha: f32, x: usize, y: usize, z: usize): void {
  plusScaled<f32>(n, alpha, x, y, z);
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
/** The largest |x_i|, contiguous; NaN if any entry is NaN, 0 for none. */
export function largest_f64(n: i32, x: usize): f64 {
  return largest<f64>(n, x);
}
export function largest_f32(n: i32, x: usize): f32 {
  return largest<f32>(n, x);
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
  return rotateWorkspace(n);
}
