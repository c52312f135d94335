// Transformed weights, G w: a block of taps as a polynomial, evaluated at the points of points.ts and divided by what interpolation
// leaves over. Four outs side by side, as panels for the register tile.
import { MR } from '../gemm/blocking';
import { madd } from '../simd/lanes';
import { word } from '../conv/halo';

/** Two points ±p: (even + odd, even - odd) scaled. */
// @ts-ignore: decorator
@inline
function both<T>(even: v128, odd: v128, scale: v128, out: usize, pitch: usize): void {
  v128.store(out, v128.mul<T>(v128.add<T>(even, odd), scale));
  v128.store(out + pitch, v128.mul<T>(v128.sub<T>(even, odd), scale));
}

/** Three taps at 0, ±3/4, ±3/2, ∞; one vector of outs. */
function threeTaps<T>(w: usize, step: usize, out: usize, pitch: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w + step), w2 = v128.load(w + 2 * step);
  v128.store(out, v128.mul<T>(w0, v128.splat<T>(<T>(64.0 / 81))));
  both<T>(
    madd<T>(v128.splat<T>(<T>0.5625), w2, w0), v128.mul<T>(v128.splat<T>(<T>0.75), w1),
    v128.splat<T>(<T>(-128.0 / 243)), out + pitch, pitch,
  );
  both<T>(
    madd<T>(v128.splat<T>(<T>2.25), w2, w0), v128.mul<T>(v128.splat<T>(<T>1.5), w1),
    v128.splat<T>(<T>(32.0 / 243)), out + 3 * pitch, pitch,
  );
  v128.store(out + 5 * pitch, w2);
}

/** Five taps at 0, ±1/2, ±1, ±2, ∞; one vector of outs. */
function fiveTaps<T>(w: usize, step: usize, out: usize, pitch: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w + step), w2 = v128.load(w + 2 * step);
  const w3 = v128.load(w + 3 * step), w4 = v128.load(w + 4 * step);
  const quarter = v128.splat<T>(<T>0.25), half = v128.splat<T>(<T>0.5);
  const four = v128.splat<T>(<T>4), two = v128.splat<T>(<T>2);
  v128.store(out, v128.neg<T>(w0));
  both<T>(
    madd<T>(quarter, madd<T>(quarter, w4, w2), w0), v128.mul<T>(half, madd<T>(quarter, w3, w1)),
    v128.splat<T>(<T>(32.0 / 45)), out + pitch, pitch,
  );
  both<T>(
    v128.add<T>(w0, v128.add<T>(w2, w4)), v128.add<T>(w1, w3), v128.splat<T>(<T>(-2.0 / 9)), out + 3 * pitch, pitch,
  );
  both<T>(
    madd<T>(four, madd<T>(four, w4, w2), w0), v128.mul<T>(two, madd<T>(four, w3, w1)),
    v128.splat<T>(<T>(1.0 / 90)), out + 5 * pitch, pitch,
  );
  v128.store(out + 7 * pitch, w4);
}

/**
 * Panels of four of `outs` outs, one after the other, of depth [kz, ky, block, channel], at every point, `pitch` bytes apart. `so` and
 * `sc` bytes from out to out and from channel to channel of w; `flip`: the taps from the last to the first. `scratch`: 5 · 4 elements.
 */
export function transformWeights<T>(
  taps: i32, blocks: i32, geometry: usize, flip: bool, outs: i32, so: usize, channels: i32, sc: usize,
  w: usize, out: usize, pitch: usize, scratch: usize,
): void {
  const size = sizeof<T>(), four = <usize>MR * size, kw = word(geometry, 5), rows = word(geometry, 3) * word(geometry, 4), last = rows * kw - 1;
  for (let o = 0; o < outs; o += MR) {
    const have = min(MR, outs - o);
    for (let row = 0; row < rows; row++) {
      for (let b = 0; b < blocks; b++) {
        for (let c = 0; c < channels; c++) {
          const from = w + <usize>o * so + <usize>c * sc;
          for (let k = 0; k < taps; k++) {
            const x = b * taps + k, t = row * kw + x, p = from + <usize>(flip ? last - t : t) * size;
            for (let i = 0; i < MR; i++) {
              store<T>(scratch + <usize>(k * MR + i) * size, x < kw && i < have ? load<T>(p + <usize>i * so) : <T>0);
            }
          }
          for (let v: usize = 0; v < four; v += 16) {
            if (taps == 3) threeTaps<T>(scratch + v, four, out + v, pitch);
            else fiveTaps<T>(scratch + v, four, out + v, pitch);
          }
          out += four;
        }
      }
    }
  }
}
