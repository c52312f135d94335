// Steps of optimisers as they leave the module: in place, dense arrays of n elements; an absent array is address 0.
import { adam } from './adam';
import { clamp, lerp } from './average';
import { descend, momentum } from './momentum';
import { rmsprop } from './rmsprop';

export function adam_f64(
  n: i32, coupled: bool, p: usize, g: usize, m: usize, v: usize, top: usize,
  first: f64, keep: f64, second: f64, step: f64, epsilon: f64, decay: f64,
): void {
  adam<f64>(n, coupled, p, g, m, v, top, first, keep, second, step, epsilon, decay);
}
export function momentum_f64(
  n: i32, p: usize, g: usize, b: usize, rate: f64, decay: f64, keep: f64, gain: f64, look: f64,
): void {
  momentum<f64>(n, p, g, b, rate, decay, keep, gain, look);
}
export function descend_f64(n: i32, p: usize, g: usize, rate: f64, decay: f64): void {
  descend<f64>(n, p, g, rate, decay);
}
export function rmsprop_f64(
  n: i32, p: usize, g: usize, s: usize, a: usize, b: usize,
  rate: f64, decay: f64, keep: f64, gain: f64, epsilon: f64, push: f64,
): void {
  rmsprop<f64>(n, p, g, s, a, b, rate, decay, keep, gain, epsilon, push);
}
export function lerp_f64(n: i32, weight: f64, x: usize, y: usize): void {
  lerp<f64>(n, weight, x, y);
}
export function clamp_f64(n: i32, limit: f64, x: usize): void {
  clamp<f64>(n, limit, x);
}

export function adam_f32(
  n: i32, coupled: bool, p: usize, g: usize, m: usize, v: usize, top: usize,
  first: f32, keep: f32, second: f32, step: f32, epsilon: f32, decay: f32,
): void {
  adam<f32>(n, coupled, p, g, m, v, top, first, keep, second, step, epsilon, decay);
}
export function momentum_f32(
  n: i32, p: usize, g: usize, b: usize, rate: f32, decay: f32, keep: f32, gain: f32, look: f32,
): void {
  momentum<f32>(n, p, g, b, rate, decay, keep, gain, look);
}
export function descend_f32(n: i32, p: usize, g: usize, rate: f32, decay: f32): void {
  descend<f32>(n, p, g, rate, decay);
}
export function rmsprop_f32(
  n: i32, p: usize, g: usize, s: usize, a: usize, b: usize,
  rate: f32, decay: f32, keep: f32, gain: f32, epsilon: f32, push: f32,
): void {
  rmsprop<f32>(n, p, g, s, a, b, rate, decay, keep, gain, epsilon, push);
}
export function lerp_f32(n: i32, weight: f32, x: usize, y: usize): void {
  lerp<f32>(n, weight, x, y);
}
export function clamp_f32(n: i32, limit: f32, x: usize): void {
  clamp<f32>(n, limit, x);
}
