// Random numbers as they leave the module: n numbers of a key (k0, k1) and the counters from `first`, below 2^53, up.
import { normal, uniform } from './draw';

export function threefry_uniform_f64(
  n: i32, out: usize, k0: i32, k1: i32, first: f64, low: f64, span: f64, scale: f64, least: f64, most: f64,
): void {
  uniform<f64>(n, out, k0, k1, first, low, span, scale, least, most);
}
export function threefry_uniform_f32(
  n: i32, out: usize, k0: i32, k1: i32, first: f64, low: f64, span: f64, scale: f64, least: f32, most: f32,
): void {
  uniform<f32>(n, out, k0, k1, first, low, span, scale, least, most);
}
export function threefry_normal_f64(n: i32, out: usize, k0: i32, k1: i32, first: f64, mean: f64, std: f64): void {
  normal<f64>(n, out, k0, k1, first, mean, std);
}
export function threefry_normal_f32(n: i32, out: usize, k0: i32, k1: i32, first: f64, mean: f64, std: f64): void {
  normal<f32>(n, out, k0, k1, first, mean, std);
}
