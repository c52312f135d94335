// Kernels over the middle axis of an outer x n x inner array as they leave the module; n is at least 1.
import { cumsum } from './cumulative';
import { norm } from './norm';
import { indexOfExtremum, MAX, MIN, PROD, reduce } from './reduce';
import { LOG_SOFTMAX, LOG_SUM_EXP, SOFTMAX, softmax, softmaxWorkspace } from './softmax';
import { centre, mean, meanWorkspace, momentsWorkspace, standardize, variance } from './statistics';
import { sumWorkspace } from './sum';

export function prod_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  reduce<f64>(PROD, outer, n, inner, out, x);
}
export function prod_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  reduce<f32>(PROD, outer, n, inner, out, x);
}
export function prod_i32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  reduce<i32>(PROD, outer, n, inner, out, x);
}
export function max_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  reduce<f64>(MAX, outer, n, inner, out, x);
}
export function max_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  reduce<f32>(MAX, outer, n, inner, out, x);
}
export function max_i32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  reduce<i32>(MAX, outer, n, inner, out, x);
}
export function min_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  reduce<f64>(MIN, outer, n, inner, out, x);
}
export function min_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  reduce<f32>(MIN, outer, n, inner, out, x);
}
export function min_i32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  reduce<i32>(MIN, outer, n, inner, out, x);
}

export function argmax_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  indexOfExtremum<f64>(MAX, outer, n, inner, out, x);
}
export function argmax_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  indexOfExtremum<f32>(MAX, outer, n, inner, out, x);
}
export function argmax_i32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  indexOfExtremum<i32>(MAX, outer, n, inner, out, x);
}
export function argmin_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  indexOfExtremum<f64>(MIN, outer, n, inner, out, x);
}
export function argmin_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  indexOfExtremum<f32>(MIN, outer, n, inner, out, x);
}
export function argmin_i32(outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  indexOfExtremum<i32>(MIN, outer, n, inner, out, x);
}

export function logsumexp_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  softmax<f64>(LOG_SUM_EXP, outer, n, inner, out, x, work);
}
export function logsumexp_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  softmax<f32>(LOG_SUM_EXP, outer, n, inner, out, x, work);
}
export function softmax_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  softmax<f64>(SOFTMAX, outer, n, inner, out, x, work);
}
export function softmax_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  softmax<f32>(SOFTMAX, outer, n, inner, out, x, work);
}
export function logSoftmax_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  softmax<f64>(LOG_SOFTMAX, outer, n, inner, out, x, work);
}
export function logSoftmax_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  softmax<f32>(LOG_SOFTMAX, outer, n, inner, out, x, work);
}
/** Bytes of workspace for these over n elements. */
export function softmax_work(n: i32): usize {
  return softmaxWorkspace(n);
}

export function norm_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  norm<f64>(outer, n, inner, out, x, work);
}
export function norm_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  norm<f32>(outer, n, inner, out, x, work);
}
/** Bytes of workspace for a norm over n elements. */
export function norm_work(n: i32): usize {
  return sumWorkspace(n) + 512;
}

/** From the last element to the first if `reverse` is not 0. */
export function cumsum_f64(outer: i32, n: i32, inner: i32, reverse: i32, out: usize, x: usize): void {
  cumsum<f64>(outer, n, inner, reverse, out, x);
}
/** From the last element to the first if `reverse` is not 0. */
export function cumsum_f32(outer: i32, n: i32, inner: i32, reverse: i32, out: usize, x: usize): void {
  cumsum<f32>(outer, n, inner, reverse, out, x);
}
/** From the last element to the first if `reverse` is not 0. */
export function cumsum_i32(outer: i32, n: i32, inner: i32, reverse: i32, out: usize, x: usize): void {
  cumsum<i32>(outer, n, inner, reverse, out, x);
}

export function mean_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  mean<f64>(outer, n, inner, out, x, work);
}
export function variance_f64(outer: i32, n: i32, inner: i32, divisor: f64, out: usize, x: usize, work: usize): void {
  variance<f64>(outer, n, inner, divisor, out, x, work);
}
export function centre_f64(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  centre<f64>(outer, n, inner, out, x, work);
}
/** x [n, channels, inner]: (x - mean) factor, and mean, variance and factor = (variance + epsilon)^-1/2 of every channel. */
export function standardize_f64(
  n: i32, channels: i32, inner: i32, epsilon: f64,
  out: usize, mean: usize, variance: usize, factor: usize, x: usize, work: usize,
): void {
  standardize<f64>(n, channels, inner, epsilon, out, mean, variance, factor, x, work);
}

export function mean_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  mean<f32>(outer, n, inner, out, x, work);
}
export function variance_f32(outer: i32, n: i32, inner: i32, divisor: f64, out: usize, x: usize, work: usize): void {
  variance<f32>(outer, n, inner, divisor, out, x, work);
}
export function centre_f32(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  centre<f32>(outer, n, inner, out, x, work);
}
/** x [n, channels, inner]: (x - mean) factor, and mean, variance and factor = (variance + epsilon)^-1/2 of every channel. */
export function standardize_f32(
  n: i32, channels: i32, inner: i32, epsilon: f64,
  out: usize, mean: usize, variance: usize, factor: usize, x: usize, work: usize,
): void {
  standardize<f32>(n, channels, inner, epsilon, out, mean, variance, factor, x, work);
}
/** Bytes of workspace for a mean over n elements. */
export function mean_work(n: i32): usize {
  return meanWorkspace(n);
}
/** Bytes of workspace for variances, centred and standardized elements. */
export function moments_work(): usize {
  return momentsWorkspace();
}
