// Means, variances, distances from the mean, and standardized elements, made of the moments of columns.
import { COLUMN, COLUMNS, FACTOR, factorOf, meanOf, moments, scaleOf, spreadOf, sumOf, WIDTH, writeDistances } from './moments';
import { sum, sumWorkspace } from './sum';

/** The mean of elements of f64 whose sum overflows: the sum of their shares. */
function meanOfLarge(n: i32, x: usize, pitch: usize): f64 {
  let sum: f64 = 0;
  for (let j = 0; j < n; j++) sum += load<f64>(x + <usize>j * pitch) / <f64>n;
  return sum;
}

/** out[o][i] := Σ_j x[o][j][i] / n; n >= 1. f32 is summed in f64; `work` holds `meanWorkspace(n)` bytes. */
export function mean<T>(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  const row = <usize>inner * sizeof<T>();
  if (sizeof<T>() == 8) {
    sum<T>(outer, n, inner, out, x, work);
    for (let o = 0; o < outer; o++) {
      for (let i: usize = 0; i < row; i += 8) {
        let y = load<f64>(out + i) / <f64>n;
        if (!(y - y == 0)) y = meanOfLarge(n, x + i, row);
        store<f64>(out + i, y);
      }
      out += row;
      x += <usize>n * row;
    }
    return;
  }
  for (let o = 0; o < outer; o++) {
    if (inner == 1) store<T>(out, <T>(sumOf<T>(n, x) / <f64>n));
    else {
      for (let k = 0; k < inner; k += WIDTH) {
        const width = min(WIDTH, inner - k), at = <usize>k * sizeof<T>();
        meanRows<T>(n, width, out + at, x + at, row, work);
      }
    }
    out += row;
    x += <usize>n * row;
  }
}

/** The same for `width` columns of n rows. */
function meanRows<T>(n: i32, width: i32, out: usize, x: usize, pitch: usize, sums: usize): void {
  memory.fill(sums, 0, <usize>width * 8);
  for (let j = 0; j < n; j++) {
    let k = 0, p = sums, q = x;
    for (; k + 2 <= width; k += 2) {
      v128.store(p, f64x2.add(v128.load(p), f64x2.promote_low_f32x4(v128.load64_zero(q))));
      p += 16;
      q += 8;
    }
    if (k < width) store<f64>(p, load<f64>(p) + <f64>load<T>(q));
    x += pitch;
  }
  for (let k: usize = 0; k < <usize>width; k++) store<T>(out + k * sizeof<T>(), <T>(load<f64>(sums + 8 * k) / <f64>n));
}

/** Bytes of workspace for a mean over n elements. */
export function meanWorkspace(n: i32): usize {
  return max(sumWorkspace(n), <usize>WIDTH * 8);
}

/** Bytes of workspace of the functions below. */
export function momentsWorkspace(): usize {
  return COLUMNS;
}

/** The moments of `width` columns of a row of `inner`; a single one is n contiguous elements. */
function momentsOf<T>(n: i32, inner: i32, width: i32, x: usize, work: usize): void {
  if (inner == 1) moments<T>(1, 1, n, x, 0, work);
  else moments<T>(n, width, 1, x, <usize>inner * sizeof<T>(), work);
}

/** out[o][i] := Σ_j (x[o][j][i] - mean[o][i])² / divisor; n >= 1. */
export function variance<T>(outer: i32, n: i32, inner: i32, divisor: f64, out: usize, x: usize, work: usize): void {
  const size = sizeof<T>(), row = <usize>inner * size;
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < inner; k += WIDTH) {
      const width = min(WIDTH, inner - k), at = <usize>k * size;
      momentsOf<T>(n, inner, width, x + at, work);
      for (let i: usize = 0; i < <usize>width; i++) {
        store<T>(out + at + i * size, <T>spreadOf(work + i * COLUMN, divisor));
      }
    }
    out += row;
    x += <usize>n * row;
  }
}

/** out[o][j][i] := x[o][j][i] - mean[o][i]; n >= 1. */
export function centre<T>(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  const size = sizeof<T>(), row = <usize>inner * size;
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < inner; k += WIDTH) {
      const width = min(WIDTH, inner - k), at = <usize>k * size;
      momentsOf<T>(n, inner, width, x + at, work);
      for (let i: usize = 0; i < <usize>width; i++) {
        const column = work + i * COLUMN;
        store<f64>(column, 1.0 / scaleOf(column), FACTOR);
      }
      if (inner == 1) writeDistances<T>(1, 1, n, out, x, 0, work);
      else writeDistances<T>(n, width, 1, out + at, x + at, row, work);
    }
    out += <usize>n * row;
    x += <usize>n * row;
  }
}

/**
 * x [n, channels, inner]: of every channel the mean, the variance (over their number), factor = (variance + epsilon)^-1/2, and
 * out := (x - mean) factor.
 */
export function standardize<T>(
  n: i32, channels: i32, inner: i32, epsilon: f64, out: usize, means: usize, variances: usize, factors: usize, x: usize, work: usize,
): void {
  const size = sizeof<T>(), pitch = <usize>channels * <usize>inner * size;
  const count = <f64>n * <f64>inner;
  const most = inner == 1 ? WIDTH : 1;
  for (let k = 0; k < channels; k += most) {
    const width = min(most, channels - k), at = <usize>k * <usize>inner * size;
    moments<T>(n, width, inner, x + at, pitch, work);
    for (let i: usize = 0; i < <usize>width; i++) {
      const column = work + i * COLUMN, to = (<usize>k + i) * size;
      const factor = factorOf(column, count, epsilon);
      store<f64>(column, factor, FACTOR);
      store<T>(means + to, <T>meanOf(column));
      store<T>(variances + to, <T>spreadOf(column, count));
      store<T>(factors + to, <T>(factor * scaleOf(column)));
    }
    writeDistances<T>(n, width, inner, out + at, x + at, pitch, work);
  }
}
