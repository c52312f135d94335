// One stage of Stockham's transform: m · s columns of r numbers become r, n = r m: y[q + s (r p + k)] := w^(kp) Σ_j x[q + s (p + j m)] exp(-2πi jk/r), w = exp(-2πi/n), for p < m and
// q < s, where s is how many transforms lie side by side. Numbers leave in order: there is no reversal of bits. A number stands for a row of
// `columns` elements, of transforms that are alike; rows of x and of y may lie further apart.
// Source: Van Loan, Computational Frameworks for the Fast Fourier Transform (SIAM 1992), section 1.7.
import { lanes } from '../simd/lanes';
import {
  across4, butterfly2, butterfly3, butterfly4, butterfly5, butterfly7, Scaled, Twiddled,
} from './butterflies';
import { Across, Narrow, stepOf, Wide } from './lanes';

/** A stage: radix, m, s, columns; pitches in elements; where data lies. */
// @ts-ignore: decorator
@unmanaged
export class Stage {
  radix: i32;
  m: i32;
  s: i32;
  columns: i32;
  /** Elements from one row of x to the next, and of y. */
  px: i32;
  py: i32;
  x: usize;
  y: usize;
  /** w^(kp) at (k - 1) m + p, real parts and, `factors` bytes on, imaginary ones. */
  twiddles: usize;
  factors: usize;
  /** What the last stage, which has no factors, multiplies by. */
  scale: f64;
}

/** Bytes of a stage. */
export const STAGE_BYTES: usize = 64;

// @ts-ignore: decorator
@inline
function butterfly<T, M, F>(
  radix: i32, xi: usize, xk: usize, yi: usize, yk: usize, step: usize, wk: usize, wi: usize, x: usize, y: usize, w: usize, scale: v128,
): void {
  if (radix == 4) butterfly4<T, M, F>(xi, xk, yi, yk, step, wk, wi, x, y, w, scale);
  else if (radix == 2) butterfly2<T, M, F>(xi, xk, yi, yk, step, wk, wi, x, y, w, scale);
  else if (radix == 3) butterfly3<T, M, F>(xi, xk, yi, yk, step, wk, wi, x, y, w, scale);
  else if (radix == 5) butterfly5<T, M, F>(xi, xk, yi, yk, step, wk, wi, x, y, w, scale);
  else butterfly7<T, M, F>(xi, xk, yi, yk, step, wk, wi, x, y, w, scale);
}

/** Along rows: groups of elements that take the same factors. */
// @ts-ignore: decorator
@inline
function alongRows<T, M, F>(radix: i32, stage: Stage, xi: usize, yi: usize): void {
  const m = stage.m, size = <usize>sizeof<T>(), px = <usize>stage.px, py = <usize>stage.py, s = <usize>stage.s;
  // Rows that lie beside each other are one.
  const isWhole = stage.px == stage.columns && stage.py == stage.columns;
  const groups = isWhole ? 1 : stage.s, columns = isWhole ? stage.s * stage.columns : stage.columns;
  const xp = s * px * size, yp = s * <usize>radix * py * size, xq = px * size, yq = py * size, lanes = stepOf<T, M>();
  const xk = s * <usize>m * px * size, yk = s * py * size, wk = <usize>m * size, wi = stage.factors;
  const scale = v128.splat<T>(<T>stage.scale), twiddles = stage.twiddles, fromX = stage.x, toY = stage.y;
  const whole = <usize>(columns - (columns % lanes)) * size, rest: usize = columns % lanes == 0 ? 0 : <usize>(columns - lanes) * size;
  let xp0 = fromX, yp0 = toY, w = twiddles;
  // A vector for each p: the loops within would take as long as their work.
  if (groups == 1 && whole == 16 && rest == 0) {
    for (let p = 0; p < m; p++, xp0 += xp, yp0 += yp, w += size) butterfly<T, M, F>(radix, xi, xk, yi, yk, 0, wk, wi, xp0, yp0, w, scale);
    return;
  }
  for (let p = 0; p < m; p++, xp0 += xp, yp0 += yp, w += size) {
    for (let g = 0, x = xp0, y = yp0; g < groups; g++, x += xq, y += yq) {
      for (let q: usize = 0; q < whole; q += <usize>lanes * size) butterfly<T, M, F>(radix, xi, xk, yi, yk, 0, wk, wi, x + q, y + q, w, scale);
      // What is left over, with some of the last again: they are read from elsewhere than they are written to.
      if (rest != 0) butterfly<T, M, F>(radix, xi, xk, yi, yk, 0, wk, wi, x + rest, y + rest, w, scale);
    }
  }
}

/** Across transforms: the first stage of one column, in which factors differ from element to element. */
// @ts-ignore: decorator
@inline
function acrossRows<T, F>(radix: i32, stage: Stage, xi: usize, yi: usize): void {
  const m = stage.m, size = <usize>sizeof<T>(), count = lanes<T>(), step = <usize>radix * size, wk = <usize>m * size, wi = stage.factors;
  const scale = v128.splat<T>(<T>stage.scale), x = stage.x, y = stage.y, w = stage.twiddles;
  const last = m % count == 0 ? m : m - (m % count) + 1;
  for (let k = 0; k < last; k += count) {
    const p = <usize>min(k, m - count) * size;
    if (radix == 4) across4<T>(xi, wk, yi, wk, wi, x + p, y + p * 4, w + p);
    else butterfly<T, Across, F>(radix, xi, wk, yi, size, step, wk, wi, x + p, y + p * <usize>radix, w + p, scale);
  }
}

// @ts-ignore: decorator
@inline
function ofRadix<T>(radix: i32, stage: Stage, xi: usize, yi: usize): void {
  const width = stage.px == stage.columns && stage.py == stage.columns ? stage.s * stage.columns : stage.columns;
  if (stage.m == 1) {
    if (width >= lanes<T>()) alongRows<T, Wide, Scaled>(radix, stage, xi, yi);
    else alongRows<T, Narrow, Scaled>(radix, stage, xi, yi);
  } else if (width >= lanes<T>()) alongRows<T, Wide, Twiddled>(radix, stage, xi, yi);
  else if (width == 1 && stage.px == 1 && stage.m >= lanes<T>()) acrossRows<T, Twiddled>(radix, stage, xi, yi);
  else alongRows<T, Narrow, Twiddled>(radix, stage, xi, yi);
}

// A function each, so that none is too long for the optimizing compiler.
function stage2<T>(stage: Stage, xi: usize, yi: usize): void {
  ofRadix<T>(2, stage, xi, yi);
}
function stage3<T>(stage: Stage, xi: usize, yi: usize): void {
  ofRadix<T>(3, stage, xi, yi);
}
function stage4<T>(stage: Stage, xi: usize, yi: usize): void {
  ofRadix<T>(4, stage, xi, yi);
}
function stage5<T>(stage: Stage, xi: usize, yi: usize): void {
  ofRadix<T>(5, stage, xi, yi);
}
function stage7<T>(stage: Stage, xi: usize, yi: usize): void {
  ofRadix<T>(7, stage, xi, yi);
}

/** Runs a stage; `xi` and `yi`: from real to imaginary parts, in bytes. */
export function runStage<T>(stage: Stage, xi: usize, yi: usize): void {
  if (stage.radix == 4) stage4<T>(stage, xi, yi);
  else if (stage.radix == 2) stage2<T>(stage, xi, yi);
  else if (stage.radix == 3) stage3<T>(stage, xi, yi);
  else if (stage.radix == 5) stage5<T>(stage, xi, yi);
  else stage7<T>(stage, xi, yi);
}
