// What leaves the module. Data lies as `outer` blocks of n rows of `inner` elements, of which those from `first` to `last` are transformed: a transform along an
// axis has the axes before it in `outer`, those behind it in `inner`. Nothing is checked here.
import { lanes, roundToLine, unwrapped } from '../simd/lanes';
import { chirpBytes, writeChirp } from './convolution';
import { CONVOLUTION, leastBytes, Plan, planBytes, STAGES, writePlan } from './plan';
import { realBytes, realInverse, realTransform } from './real';
import { root, rootIm, rootRe } from './roots';
import { toColumns, toRows } from './side-by-side';
import { tileBytes, transform, transformBytes } from './transform';

/** Bytes of tiles that stay in the second-level cache beside all that is read and written. */
const CACHE: i32 = 131072;

/** Columns that are transformed together. */
// @ts-ignore: decorator
@inline
function blockOf<T>(n: i32, inner: i32): i32 {
  const most = CACHE / (4 * max(n, 1) * <i32>sizeof<T>());
  return min(inner, max(16, most & ~15));
}

/**
 * Rows of up to so many complex numbers are transformed several at a time, as the columns of a tile: vectors then hold numbers that are treated alike. Longer
 * ones fill their vectors by themselves, without being turned.
 */
// @ts-ignore: decorator
@inline
function shortOf<T>(): i32 {
  return sizeof<T>() == 8 ? 32 : 128;
}

/** Rows that are transformed together. */
// @ts-ignore: decorator
@inline
function sideOf<T>(): i32 {
  return 4 * lanes<T>();
}

// @ts-ignore: decorator
@inline
function isShort<T>(plan: Plan, inner: i32): bool {
  return inner == 1 && plan.kind == STAGES && plan.n <= shortOf<T>();
}

/** Bytes of tiles for rows side by side: complex numbers in, and out; or twice as many real ones. */
// @ts-ignore: decorator
@inline
function sideBytes<T>(plan: Plan): usize {
  return 2 * tileBytes<T>(plan.n + 1, sideOf<T>());
}

// @ts-ignore: decorator
@inline
function complexWork<T>(plan: Plan, inner: i32): usize {
  if (isShort<T>(plan, inner)) return sideBytes<T>(plan) + transformBytes<T>(plan, sideOf<T>());
  return transformBytes<T>(plan, blockOf<T>(plan.n, inner));
}

// @ts-ignore: decorator
@inline
function realWork<T>(plan: Plan, inner: i32): usize {
  if (isShort<T>(plan, inner)) return sideBytes<T>(plan) + realBytes<T>(plan, sideOf<T>());
  return realBytes<T>(plan, blockOf<T>(plan.n, inner));
}

/** Bytes of a plan for n complex numbers; `single` for one that is used where `inner` is 1. */
export function fft_plan_f64_work(n: i32, single: bool): usize {
  return unwrapped(planBytes<f64>(n, single), leastBytes(n));
}
export function fft_plan_f32_work(n: i32, single: bool): usize {
  return unwrapped(planBytes<f32>(n, single), leastBytes(n));
}


/** Writes a plan for n >= 1 complex numbers. `work`: `fft_f64_work` bytes and as much as `fft_chirp_work`. */
export function fft_plan_f64(plan: usize, n: i32, single: bool): void {
  writePlan<f64>(plan, n, single);
}
export function fft_plan_f32(plan: usize, n: i32, single: bool): void {
  writePlan<f32>(plan, n, single);
}

/** Bytes of workspace for `fft_chirp`. */
export function fft_chirp_work(plan: usize): usize {
  const state = changetype<Plan>(plan);
  return state.kind == CONVOLUTION ? chirpBytes(state) + transformBytes<f64>(state.first, 1) : 0;
}

/** Finishes a plan: writes the transform of a convolution's chirp. */
export function fft_chirp(plan: usize, work: usize): void {
  const state = changetype<Plan>(plan);
  if (state.kind == CONVOLUTION) writeChirp(state, work);
}

/** Bytes of workspace of transforms with `inner` elements in a row. */
export function fft_f64_work(plan: usize, inner: i32): usize {
  return complexWork<f64>(changetype<Plan>(plan), inner);
}
export function fft_f32_work(plan: usize, inner: i32): usize {
  return complexWork<f32>(changetype<Plan>(plan), inner);
}

// @ts-ignore: decorator
@inline
function complex<T>(plan: usize, outer: i32, inner: i32, first: i32, last: i32, x: usize, xi: usize, y: usize, yi: usize, scale: f64, work: usize): void {
  const state = changetype<Plan>(plan), n = state.n, block = blockOf<T>(n, inner);
  let o = 0;
  if (isShort<T>(state, inner) && first < last) {
    const side = sideOf<T>(), half = tileBytes<T>(n + 1, side), im = half / 2, to = work + half;
    for (; o + side <= outer; o += side) {
      const at = <usize>o * <usize>n * sizeof<T>();
      toColumns<T>(n, x + at, work);
      toColumns<T>(n, xi + at, work + im);
      transform<T>(state, side, work, im, side, to, im, side, scale, to + half);
      toRows<T>(n, to, y + at);
      toRows<T>(n, to + im, yi + at);
    }
  }
  for (; o < outer; o++) {
    for (let c = first; c < last; c += block) {
      const at = (<usize>o * <usize>n * <usize>inner + <usize>c) * sizeof<T>();
      transform<T>(state, min(block, last - c), x + at, xi - x, inner, y + at, yi - y, inner, scale, work);
    }
  }
}

/**
 * y := scale Σ_j x_j exp(-2πi jk/n); x and y: real parts, xi and yi: imaginary ones. With the parts of both in exchanged places it is the transform with
 * exp(2πi jk/n).
 */
export function fft_f64(plan: usize, outer: i32, inner: i32, first: i32, last: i32, x: usize, xi: usize, y: usize, yi: usize, scale: f64, work: usize): void {
  complex<f64>(plan, outer, inner, first, last, x, xi, y, yi, scale, work);
}
export function fft_f32(plan: usize, outer: i32, inner: i32, first: i32, last: i32, x: usize, xi: usize, y: usize, yi: usize, scale: f64, work: usize): void {
  complex<f32>(plan, outer, inner, first, last, x, xi, y, yi, scale, work);
}

/** The complex numbers of which a transform of n real ones is made. */
export function rfft_length(n: i32): i32 {
  return (n & 1) == 0 ? n / 2 : n;
}

/** Bytes of the roots for n real numbers. */
export function rfft_roots_f64_work(n: i32): usize {
  return roundToLine(16 * (<usize>n / 4 + 1));
}
export function rfft_roots_f32_work(n: i32): usize {
  return roundToLine(8 * (<usize>n / 4 + 1));
}

// @ts-ignore: decorator
@inline
function writeRoots<T>(roots: usize, n: i32): void {
  for (let k = 0; k <= n / 4; k++, roots += 2 * sizeof<T>()) {
    root(k, n);
    store<T>(roots, <T>rootRe);
    store<T>(roots, <T>rootIm, sizeof<T>());
  }
}

/** Writes exp(-2πi k/n) for k <= n/4. */
export function rfft_roots_f64(roots: usize, n: i32): void {
  writeRoots<f64>(roots, n);
}
export function rfft_roots_f32(roots: usize, n: i32): void {
  writeRoots<f32>(roots, n);
}

/** Bytes of workspace of real transforms with this plan, of `rfft_length` numbers. */
export function rfft_f64_work(plan: usize, inner: i32): usize {
  return realWork<f64>(changetype<Plan>(plan), inner);
}
export function rfft_f32_work(plan: usize, inner: i32): usize {
  return realWork<f32>(changetype<Plan>(plan), inner);
}

// @ts-ignore: decorator
@inline
function real<T>(
  plan: usize, roots: usize, n: i32, outer: i32, inner: i32, first: i32, last: i32, x: usize, y: usize, yi: usize, scale: f64, factor: f64, work: usize,
): void {
  const state = changetype<Plan>(plan), block = blockOf<T>(state.n, inner), half = n / 2 + 1;
  let o = 0;
  if (isShort<T>(state, inner) && first < last) {
    const side = sideOf<T>(), bytes = tileBytes<T>(state.n + 1, side), im = bytes / 2, to = work + bytes;
    for (; o + side <= outer; o += side) {
      const at = <usize>o * <usize>half * sizeof<T>();
      toColumns<T>(n, x + <usize>o * <usize>n * sizeof<T>(), work);
      realTransform<T>(n, state, roots, side, work, side, to, im, side, scale, factor, to + bytes);
      toRows<T>(half, to, y + at);
      toRows<T>(half, to + im, yi + at);
    }
  }
  for (; o < outer; o++) {
    for (let c = first; c < last; c += block) {
      const from = x + (<usize>o * <usize>n * <usize>inner + <usize>c) * sizeof<T>(), to = y + (<usize>o * <usize>half * <usize>inner + <usize>c) * sizeof<T>();
      realTransform<T>(n, state, roots, min(block, last - c), from, inner, to, yi - y, inner, scale, factor, work);
    }
  }
}

/** y := scale f_k Σ_j x_j exp(-2πi jk/n) for k <= n/2, n real numbers; f is `factor` but for k = 0 and k = n/2, where it is 1. */
export function rfft_f64(
  plan: usize, roots: usize, n: i32, outer: i32, inner: i32, first: i32, last: i32, x: usize, y: usize, yi: usize, scale: f64, factor: f64, work: usize,
): void {
  real<f64>(plan, roots, n, outer, inner, first, last, x, y, yi, scale, factor, work);
}
export function rfft_f32(
  plan: usize, roots: usize, n: i32, outer: i32, inner: i32, first: i32, last: i32, x: usize, y: usize, yi: usize, scale: f64, factor: f64, work: usize,
): void {
  real<f32>(plan, roots, n, outer, inner, first, last, x, y, yi, scale, factor, work);
}

// @ts-ignore: decorator
@inline
function inverse<T>(
  plan: usize, roots: usize, n: i32, outer: i32, inner: i32, first: i32, last: i32, x: usize, xi: usize, y: usize, scale: f64, factor: f64, work: usize,
): void {
  const state = changetype<Plan>(plan), block = blockOf<T>(state.n, inner), half = n / 2 + 1;
  let o = 0;
  if (isShort<T>(state, inner) && first < last) {
    const side = sideOf<T>(), bytes = tileBytes<T>(state.n + 1, side), im = bytes / 2, to = work + bytes;
    for (; o + side <= outer; o += side) {
      const at = <usize>o * <usize>half * sizeof<T>();
      toColumns<T>(half, x + at, work);
      toColumns<T>(half, xi + at, work + im);
      realInverse<T>(n, state, roots, side, work, im, side, to, side, scale, factor, to + bytes);
      toRows<T>(n, to, y + <usize>o * <usize>n * sizeof<T>());
    }
  }
  for (; o < outer; o++) {
    for (let c = first; c < last; c += block) {
      const from = x + (<usize>o * <usize>half * <usize>inner + <usize>c) * sizeof<T>(), to = y + (<usize>o * <usize>n * <usize>inner + <usize>c) * sizeof<T>();
      realInverse<T>(n, state, roots, min(block, last - c), from, xi - x, inner, to, inner, scale, factor, work);
    }
  }
}

/** y := scale Re Σ_(k <= n/2) f_k x_k exp(2πi jk/n), f as in `rfft`; with the factor 2 it is the inverse of `rfft`, times n. */
export function irfft_f64(
  plan: usize, roots: usize, n: i32, outer: i32, inner: i32, first: i32, last: i32, x: usize, xi: usize, y: usize, scale: f64, factor: f64, work: usize,
): void {
  inverse<f64>(plan, roots, n, outer, inner, first, last, x, xi, y, scale, factor, work);
}
export function irfft_f32(
  plan: usize, roots: usize, n: i32, outer: i32, inner: i32, first: i32, last: i32, x: usize, xi: usize, y: usize, scale: f64, factor: f64, work: usize,
): void {
  inverse<f32>(plan, roots, n, outer, inner, first, last, x, xi, y, scale, factor, work);
}
