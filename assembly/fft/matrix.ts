// A long transform as those of a matrix x[r][c], n = rows · columns: of its columns, then times exp(-2πi k c/n), then of its rows, whose results are the
// columns of the transposed matrix. Each in tiles that stay in the cache, so that the numbers are read twice and written twice in all.
// Source: Bailey, FFTs in external or hierarchical memory, Journal of Supercomputing 4 (1990).
import { lanes, madd } from '../simd/lanes';
import { factorsOf, Plan, tileOf } from './plan';
import { block } from './side-by-side';
import { partBytes, tileBytes, transform } from './transform';

/** Elements from one row of the matrix to the next: rows of powers of two would fall on the same lines of the cache. */
// @ts-ignore: decorator
@inline
export function pitchOf<T>(plan: Plan): i32 {
  return plan.columns + 64 / <i32>sizeof<T>();
}

/** to[k][c] := from[k][c] exp(-2πi k (first + c)/n) for a tile of `width` columns; `from` without gaps. */
function twist<T>(plan: Plan, first: i32, width: i32, from: usize, fromIm: usize, to: usize, toIm: usize): void {
  const rows = plan.rows, n = plan.n, fine = plan.fine, size = <usize>sizeof<T>(), whole = tileOf<T>(n), line = <usize>whole * size, pitch = pitchOf<T>(plan);
  let factors = factorsOf(plan);
  for (let k = 0; k < rows; k++, factors += 2 * line) {
    const t = <i32>((<i64>k * <i64>first) % <i64>n);
    const coarse = plan.table + (<usize>(fine + t / fine) << 4), low = plan.table + (<usize>(t % fine) << 4);
    const a = load<f64>(coarse), b = load<f64>(coarse, 8), c = load<f64>(low), d = load<f64>(low, 8);
    const re = <T>(a * c - b * d), im = <T>(a * d + b * c);
    const x = from + <usize>k * <usize>width * size, y = to + (<usize>k * <usize>pitch + <usize>first) * size;
    if (width == whole) {
      const baseRe = v128.splat<T>(re), baseIm = v128.splat<T>(im);
      for (let q: usize = 0; q < line; q += 16) {
        const u = v128.load(factors + q), v = v128.load(factors + line + q);
        const wr = v128.sub<T>(v128.mul<T>(baseRe, u), v128.mul<T>(baseIm, v)), wi = madd<T>(baseRe, v, v128.mul<T>(baseIm, u));
        const p = v128.load(x + q), r = v128.load(x + fromIm + q);
        v128.store(y + q, v128.sub<T>(v128.mul<T>(p, wr), v128.mul<T>(r, wi)));
        v128.store(y + toIm + q, madd<T>(p, wi, v128.mul<T>(r, wr)));
      }
    } else {
      for (let q: usize = 0; q < <usize>width * size; q += size) {
        const u = load<T>(factors + q), v = load<T>(factors + line + q);
        const wr = re * u - im * v, wi = re * v + im * u, p = load<T>(x + q), r = load<T>(x + fromIm + q);
        store<T>(y + q, p * wr - r * wi);
        store<T>(y + toIm + q, p * wi + r * wr);
      }
    }
  }
}

/** to[c][i] := from[i][c] for `width` rows of `columns` elements, `pitch` elements apart. */
function gatherRows<T>(columns: i32, width: i32, pitch: i32, from: usize, to: usize): void {
  const size = <usize>sizeof<T>(), line = <usize>width * size, step = <usize>pitch * size;
  let c = 0;
  if (width % lanes<T>() == 0) {
    for (; c + lanes<T>() <= columns; c += lanes<T>()) {
      for (let i = 0; i < width; i += lanes<T>()) {
        block<T>(from + <usize>i * step + <usize>c * size, step, to + <usize>c * line + <usize>i * size, line);
      }
    }
  }
  for (; c < columns; c++) {
    for (let i = 0; i < width; i++) store<T>(to + <usize>c * line + <usize>i * size, load<T>(from + <usize>i * step + <usize>c * size));
  }
}

/** y := scale F x, n numbers each. */
export function transformMatrix<T>(plan: Plan, x: usize, xi: usize, y: usize, yi: usize, scale: f64, work: usize): void {
  const n = plan.n, rows = plan.rows, columns = plan.columns, size = <usize>sizeof<T>();
  const middle = work, pitch = pitchOf<T>(plan), middleIm = partBytes<T>(rows, pitch), whole = tileOf<T>(n);
  const tile = middle + tileBytes<T>(rows, pitch), rest = tile + tileBytes<T>(max(rows, columns), whole);
  for (let c = 0; c < columns; c += whole) {
    const width = min(whole, columns - c), tileIm = partBytes<T>(rows, width);
    transform<T>(plan.first, width, x + <usize>c * size, xi, columns, tile, tileIm, width, 1.0, rest);
    twist<T>(plan, c, width, tile, tileIm, middle, middleIm);
  }
  for (let r = 0; r < rows; r += whole) {
    const width = min(whole, rows - r), tileIm = partBytes<T>(columns, width);
    const from = middle + <usize>r * <usize>pitch * size;
    gatherRows<T>(columns, width, pitch, from, tile);
    gatherRows<T>(columns, width, pitch, from + middleIm, tile + tileIm);
    transform<T>(plan.second, width, tile, tileIm, width, y + <usize>r * size, yi, rows, scale, rest);
  }
}
