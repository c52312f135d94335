// Typed names of what solvers do with whole vectors in one passage.
import { axpbyDot, axpyDot, copyDot, curvature, minus, plusScaled } from './fused';
import { largest } from './norms';

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
/** The largest |x_i|, contiguous; NaN if any entry is NaN, 0 for none. */
export function largest_f64(n: i32, x: usize): f64 {
  return largest<f64>(n, x);
}
export function largest_f32(n: i32, x: usize): f32 {
  return largest<f32>(n, x);
}
