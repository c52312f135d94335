// Tridiagonal and banded solvers as they leave the module.
import { gbsv } from './banded';
import { gtsv } from './tridiagonal';
import { unwrapped } from '../simd/lanes';

/**
 * `batch` tridiagonal systems, n x nrhs right sides each, `strideb` elements apart. lower and upper of one system follow
 * those of another after `strideo` elements, diagonal after `strided`: 0 takes the same for all. They are not changed.
 * Stops at the first singular system: 1 + the index of its zero pivot, with its number in the batch at `work` (an i32).
 * See tridiagonal.ts.
 */
export function gtsv_f64(
  batch: i32, n: i32, nrhs: i32, lower: usize, diagonal: usize, upper: usize, strideo: i32, strided: i32,
  b: usize, strideb: i32, work: usize,
): i32 {
  return gtsvAll<f64>(batch, n, nrhs, lower, diagonal, upper, strideo, strided, b, strideb, work);
}
export function gtsv_f32(
  batch: i32, n: i32, nrhs: i32, lower: usize, diagonal: usize, upper: usize, strideo: i32, strided: i32,
  b: usize, strideb: i32, work: usize,
): i32 {
  return gtsvAll<f32>(batch, n, nrhs, lower, diagonal, upper, strideo, strided, b, strideb, work);
}
function gtsvAll<T>(
  batch: i32, n: i32, nrhs: i32, lower: usize, diagonal: usize, upper: usize, strideo: i32, strided: i32,
  b: usize, strideb: i32, work: usize,
): i32 {
  if (n <= 0) return 0;
  const bytes = <usize>n * sizeof<T>(), off = bytes - sizeof<T>();
  const d = work + 64, dl = d + bytes, du = dl + bytes;
  for (let i = 0; i < batch; i++) {
    memory.copy(d, diagonal, bytes);
    memory.copy(dl, lower, off);
    memory.copy(du, upper, off);
    const info = gtsv<T>(n, nrhs, dl, d, du, b);
    if (info != 0) {
      store<i32>(work, i);
      return info;
    }
    b += <usize>strideb * sizeof<T>();
    diagonal += <usize>strided * sizeof<T>();
    lower += <usize>strideo * sizeof<T>();
    upper += <usize>strideo * sizeof<T>();
  }
  return 0;
}
/** Bytes of workspace for gtsv. */
export function gtsv_f64_work(n: i32): usize {
  return unwrapped(64 + <usize>n * 24, 24 * <f64>n);
}
export function gtsv_f32_work(n: i32): usize {
  return unwrapped(64 + <usize>n * 12, 12 * <f64>n);
}

/** `batch` banded systems, `stridea` and `strideb` elements apart; see banded.ts. Stops and returns like gtsv. */
export function gbsv_f64(
  batch: i32, n: i32, kl: i32, ku: i32, nrhs: i32, bands: usize, stridea: i32, b: usize, strideb: i32, work: usize,
): i32 {
  return gbsvAll<f64>(batch, n, kl, ku, nrhs, bands, stridea, b, strideb, work);
}
export function gbsv_f32(
  batch: i32, n: i32, kl: i32, ku: i32, nrhs: i32, bands: usize, stridea: i32, b: usize, strideb: i32, work: usize,
): i32 {
  return gbsvAll<f32>(batch, n, kl, ku, nrhs, bands, stridea, b, strideb, work);
}
function gbsvAll<T>(
  batch: i32, n: i32, kl: i32, ku: i32, nrhs: i32, bands: usize, stridea: i32, b: usize, strideb: i32, work: usize,
): i32 {
  for (let i = 0; i < batch; i++) {
    const info = gbsv<T>(n, kl, ku, nrhs, bands, b, work + 64);
    if (info != 0) {
      store<i32>(work, i);
      return info;
    }
    b += <usize>strideb * sizeof<T>();
    bands += <usize>stridea * sizeof<T>();
  }
  return 0;
}
/** Bytes of workspace for gbsv. */
export function gbsv_f64_work(n: i32, kl: i32, ku: i32): usize {
  return unwrapped(64 + <usize>n * <usize>(2 * kl + ku + 1) * 8, <f64>n * <f64>(2 * kl + ku + 1) * 8);
}
export function gbsv_f32_work(n: i32, kl: i32, ku: i32): usize {
  return unwrapped(64 + <usize>n * <usize>(2 * kl + ku + 1) * 4, <f64>n * <f64>(2 * kl + ku + 1) * 4);
}
