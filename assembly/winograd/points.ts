// Transformed inputs, Bᵀ d: what tiles of four outputs read, times the polynomials that vanish at all points but one. Tiles lie side by
// side in a vector, so that each transform is a few operations on whole vectors. The points come in pairs ±p, which share the even and
// the odd part. 0, ±3/4, ±3/2, ∞ for three taps and 0, ±1/2, ±1, ±2, ∞ for five are what a search among fractions with few bits
// found to keep rounding smallest; all coefficients are exact in f32.
import { offset } from '../conv/panels';
import { lanes, madd } from '../simd/lanes';
import { LANE } from './plan';

/** Points ±p: the even part, plus and minus the odd. */
// @ts-ignore: decorator
@inline
function both<T>(even: v128, odd: v128, out: usize, pitch: usize): void {
  v128.store(out, v128.add<T>(even, odd));
  v128.store(out + pitch, v128.sub<T>(even, odd));
}

// The halves of a transpose of 4 x 4, or of 2 x 2.
// @ts-ignore: decorator
@inline
function low<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 8) return v128.shuffle<f64>(a, b, 0, 2);
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5);
}
// @ts-ignore: decorator
@inline
function high<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 8) return v128.shuffle<f64>(a, b, 1, 3);
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7);
}

/**
 * `count` channels whose lines lie `line` bytes apart, `blocks` blocks of taps that begin `step` bytes apart: at every point, `pitch`
 * bytes apart, a vector per channel (32 bytes) and block (`next` bytes). `table`: the lanes of both halves of a panel.
 */
export function atSixPoints<T>(
  count: i32, x: usize, line: usize, table: usize, blocks: i32, step: usize, out: usize, next: usize, pitch: usize,
): void {
  const a2 = v128.splat<T>(<T>-0.5625), b2 = v128.splat<T>(<T>-2.25), a = v128.splat<T>(<T>0.75), b = v128.splat<T>(<T>1.5);
  const sum = v128.splat<T>(<T>-2.8125), product = v128.splat<T>(<T>1.265625);
  let d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128;
  for (let half = 0; half < 2; half++) {
    const w = <usize>lanes<T>();
    const x0 = x + offset(table, 0), x1 = x + offset(table, LANE);
    const x2 = x + offset(table, (<i32>w - 2) * LANE), x3 = x + offset(table, (<i32>w - 1) * LANE);
    table += 4 * w * LANE;
    for (let s = 0; s < blocks; s++) {
      let p = <usize>s * step, q = out + <usize>half * 16 + <usize>s * next;
      for (let c = 0; c < count; c++) {
        if (sizeof<T>() == 8) {
          d0 = v128.load(x0 + p);
          d1 = v128.load(x1 + p);
          d2 = v128.load(x0 + p, 16);
          d3 = v128.load(x1 + p, 16);
          d4 = v128.load(x0 + p, 32);
          d5 = v128.load(x1 + p, 32);
          const t0 = low<T>(d0, d1), t2 = low<T>(d2, d3), t4 = low<T>(d4, d5);
          d1 = high<T>(d0, d1);
          d3 = high<T>(d2, d3);
          d5 = high<T>(d4, d5);
          d0 = t0;
          d2 = t2;
          d4 = t4;
        } else {
          const r0 = v128.load(x0 + p), r1 = v128.load(x1 + p), r2 = v128.load(x2 + p), r3 = v128.load(x3 + p);
          const t0 = low<T>(r0, r1), t1 = high<T>(r0, r1), t2 = low<T>(r2, r3), t3 = high<T>(r2, r3);
          d0 = low<f64>(t0, t2);
          d1 = high<f64>(t0, t2);
          d2 = low<f64>(t1, t3);
          d3 = high<f64>(t1, t3);
          const l0 = low<T>(v128.load(x0 + p, 16), v128.load(x1 + p, 16));
          const l1 = low<T>(v128.load(x2 + p, 16), v128.load(x3 + p, 16));
          d4 = low<f64>(l0, l1);
          d5 = high<f64>(l0, l1);
        }
        v128.store(q, madd<T>(product, d0, madd<T>(sum, d2, d4)));
        let to = q + pitch;
        both<T>(madd<T>(b2, d2, d4), v128.mul<T>(a, madd<T>(b2, d1, d3)), to, pitch);
        to += 2 * pitch;
        both<T>(madd<T>(a2, d2, d4), v128.mul<T>(b, madd<T>(a2, d1, d3)), to, pitch);
        v128.store(to + 2 * pitch, madd<T>(product, d1, madd<T>(sum, d3, d5)));
        p += line;
        q += 32;
      }
    }
  }
}

/** The same for five taps, at eight points. */
export function atEightPoints<T>(
  count: i32, x: usize, line: usize, table: usize, blocks: i32, step: usize, out: usize, next: usize, pitch: usize,
): void {
  const sum = v128.splat<T>(<T>-5.25), k5 = v128.splat<T>(<T>-5), k4 = v128.splat<T>(<T>4), k17 = v128.splat<T>(<T>-4.25);
  const k54 = v128.splat<T>(<T>-1.25), quarter = v128.splat<T>(<T>0.25), half = v128.splat<T>(<T>0.5);
  let d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, d6: v128, d7: v128;
  for (let h = 0; h < 2; h++) {
    const w = <usize>lanes<T>();
    const x0 = x + offset(table, 0), x1 = x + offset(table, LANE);
    const x2 = x + offset(table, (<i32>w - 2) * LANE), x3 = x + offset(table, (<i32>w - 1) * LANE);
    table += 4 * w * LANE;
    for (let s = 0; s < blocks; s++) {
      let p = <usize>s * step, q = out + <usize>h * 16 + <usize>s * next;
      for (let c = 0; c < count; c++) {
        if (sizeof<T>() == 8) {
          const a0 = v128.load(x0 + p), a1 = v128.load(x1 + p), b0 = v128.load(x0 + p, 16), b1 = v128.load(x1 + p, 16);
          d0 = low<T>(a0, a1);
          d1 = high<T>(a0, a1);
          d2 = low<T>(b0, b1);
          d3 = high<T>(b0, b1);
          const e0 = v128.load(x0 + p, 32), e1 = v128.load(x1 + p, 32), f0 = v128.load(x0 + p, 48), f1 = v128.load(x1 + p, 48);
          d4 = low<T>(e0, e1);
          d5 = high<T>(e0, e1);
          d6 = low<T>(f0, f1);
          d7 = high<T>(f0, f1);
        } else {
          const r0 = v128.load(x0 + p), r1 = v128.load(x1 + p), r2 = v128.load(x2 + p), r3 = v128.load(x3 + p);
          const t0 = low<T>(r0, r1), t1 = high<T>(r0, r1), t2 = low<T>(r2, r3), t3 = high<T>(r2, r3);
          d0 = low<f64>(t0, t2);
          d1 = high<f64>(t0, t2);
          d2 = low<f64>(t1, t3);
          d3 = high<f64>(t1, t3);
          const s0 = v128.load(x0 + p, 16), s1 = v128.load(x1 + p, 16), s2 = v128.load(x2 + p, 16), s3 = v128.load(x3 + p, 16);
          const u0 = low<T>(s0, s1), u1 = high<T>(s0, s1), u2 = low<T>(s2, s3), u3 = high<T>(s2, s3);
          d4 = low<f64>(u0, u2);
          d5 = high<f64>(u0, u2);
          d6 = low<f64>(u1, u3);
          d7 = high<f64>(u1, u3);
        }
        v128.store(q, madd<T>(sum, v128.sub<T>(d4, d2), v128.sub<T>(d6, d0)));
        let to = q + pitch;
        both<T>(madd<T>(k4, d2, madd<T>(k5, d4, d6)), v128.mul<T>(half, madd<T>(k4, d1, madd<T>(k5, d3, d5))), to, pitch);
        to += 2 * pitch;
        both<T>(madd<T>(k17, d4, v128.add<T>(d2, d6)), madd<T>(k17, d3, v128.add<T>(d1, d5)), to, pitch);
        to += 2 * pitch;
        const odd = madd<T>(quarter, d1, madd<T>(k54, d3, d5));
        both<T>(madd<T>(quarter, d2, madd<T>(k54, d4, d6)), v128.add<T>(odd, odd), to, pitch);
        v128.store(to + 2 * pitch, madd<T>(sum, v128.sub<T>(d5, d3), v128.sub<T>(d7, d1)));
        p += line;
        q += 32;
      }
    }
  }
}
