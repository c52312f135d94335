// One stage of Stockham's transform: m · s columns of r numbers become r, n = r m: y[q + s (r p + k)] := w^(kp) Σ_j x[q + s (p + j m)] exp(-2πi jk/r), w = exp(-2πi/n), for p < m and
// q < s, where s is how many transforms lie side by side. Numbers leave in order: there is no reversal of bits. A number stands for a row of
// `columns` elements, of transforms that are alike; rows of x and of y may lie further apart.
// Source: Van Loan, Computational Frameworks for the Fast Fourier Transform (SIAM 1992), section 1.7.
import { lanes } from '../simd/lanes';
import {
  butterfly2, butterfly3, butterfly4, butterfly5, butterfly7, Place, Scaled, Twiddled,
} from './butterflies';
import { Across, isAcross, Narrow, stepOf, Wide } from './lanes';

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
  place: Place;
}

/** Bytes of a stage with its place. */
export const STAGE_BYTES: usize = 128;

// @ts-ignore: decorator
@inline
function butterfly<T, M, F>(radix: i32, place: Place, x: usize, y: usize, w: usize, scale: v128): void {
  if (radix == 4) butterfly4<T, M, F>(place, x, y, w, scale);
  else if (radix == 2) butterfly2<T, M, F>(place, x, y, w, scale);
  else if (radix == 3) butterfly3<T, M, F>(place, x, y, w, scale);
  else if (radix == 5) butterfly5<T, M, F>(place, x, y, w, scale);
  else butterfly7<T, M, F>(place, x, y, w, scale);
}

/** Along rows: `count` groups of `columns` elements, each group with its own place. */
// @ts-ignore: decorator
@inline
function alongRows<T, M, F>(radix: i32, stage: Stage): void {
  const place = stage.place, m = stage.m, size = <usize>sizeof<T>();
  // Rows that lie beside each other are one.
  const isWhole = stage.px == stage.columns && stage.py == stage.columns;
  const groups = isWhole ? 1 : stage.s, columns = isWhole ? stage.s * stage.columns : stage.columns;
  const xp = <usize>stage.s * <usize>stage.px * size, yp = <usize>stage.s * <usize>radix * <usize>stage.py * size;
  const xq = <usize>stage.px * size, yq = <usize>stage.py * size, step = stepOf<T, M>();
  const scale = v128.splat<T>(<T>stage.scale);
  for (let p = 0; p < m; p++) {
    const w = stage.twiddles + <usize>p * size;
    for (let g = 0; g < groups; g++) {
      const x = stage.x + <usize>p * xp + <usize>g * xq, y = stage.y + <usize>p * yp + <usize>g * yq;
      let q = 0;
      for (; q + step <= columns; q += step) butterfly<T, M, F>(radix, place, x + <usize>q * size, y + <usize>q * size, w, scale);
      // What is left over, with some of the last again: they are read from elsewhere than they are written to.
      if (q < columns) {
        const at = <usize>(columns - step) * size;
        butterfly<T, M, F>(radix, place, x + at, y + at, w, scale);
      }
    }
  }
}

/** Across transforms: the first stage of one column, in which factors differ from element to element. */
// @ts-ignore: decorator
@inline
function acrossRows<T, F>(radix: i32, stage: Stage): void {
  const place = stage.place, m = stage.m, size = <usize>sizeof<T>(), step = lanes<T>();
  const scale = v128.splat<T>(<T>stage.scale), yp = <usize>radix * size;
  let p = 0;
  for (; p + step <= m; p += step) butterfly<T, Across, F>(radix, place, stage.x + <usize>p * size, stage.y + <usize>p * yp, stage.twiddles + <usize>p * size, scale);
  if (p < m) {
    p = m - step;
    butterfly<T, Across, F>(radix, place, stage.x + <usize>p * size, stage.y + <usize>p * yp, stage.twiddles + <usize>p * size, scale);
  }
}

// @ts-ignore: decorator
@inline
function ofRadix<T>(radix: i32, stage: Stage): void {
  const width = stage.px == stage.columns && stage.py == stage.columns ? stage.s * stage.columns : stage.columns;
  if (stage.m == 1) {
    if (width >= lanes<T>()) alongRows<T, Wide, Scaled>(radix, stage);
    else alongRows<T, Narrow, Scaled>(radix, stage);
  } else if (width >= lanes<T>()) alongRows<T, Wide, Twiddled>(radix, stage);
  else if (width == 1 && stage.px == 1 && stage.m >= lanes<T>()) acrossRows<T, Twiddled>(radix, stage);
  else alongRows<T, Narrow, Twiddled>(radix, stage);
}

// A function each, so that none is too long for the optimizing compiler.
function stage2<T>(stage: Stage): void {
  ofRadix<T>(2, stage);
}
function stage3<T>(stage: Stage): void {
  ofRadix<T>(3, stage);
}
function stage4<T>(stage: Stage): void {
  ofRadix<T>(4, stage);
}
function stage5<T>(stage: Stage): void {
  ofRadix<T>(5, stage);
}
function stage7<T>(stage: Stage): void {
  ofRadix<T>(7, stage);
}

/** Runs a stage; `xi` and `yi`: from real to imaginary parts, in bytes. */
export function runStage<T>(stage: Stage, xi: usize, yi: usize): void {
  const place = stage.place, size = <usize>sizeof<T>();
  place.xi = xi;
  place.yi = yi;
  place.xk = <usize>stage.s * <usize>stage.m * <usize>stage.px * size;
  place.yk = <usize>stage.s * <usize>stage.py * size;
  place.step = <usize>stage.radix * size;
  place.wk = <usize>stage.m * size;
  place.wi = stage.factors;
  if (stage.radix == 4) stage4<T>(stage);
  else if (stage.radix == 2) stage2<T>(stage);
  else if (stage.radix == 3) stage3<T>(stage);
  else if (stage.radix == 5) stage5<T>(stage);
  else stage7<T>(stage);
}
