// Transformed weights, G w: a block of taps as a polynomial, evaluated at the points of points.ts and divided by what interpolation
// leaves over. Four outs side by side, as panels for the register tile.
import { MR } from '../gemm/blocking';
import { word } from '../conv/halo';
import { lanes, madd } from '../simd/lanes';
import { transpose2x2, transpose4x4 } from '../simd/transpose';

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

/** out[t] := element t of four outs, `n` of them. */
function gather<T>(n: i32, w0: usize, w1: usize, w2: usize, w3: usize, out: usize): void {
  const size = sizeof<T>();
  let t = 0;
  for (; t + lanes<T>() <= n; t += lanes<T>()) {
    const at = <usize>t * size, to = out + <usize>MR * at;
    if (size == 8) {
      transpose2x2(v128.load(w0 + at), v128.load(w1 + at), to, 32);
      transpose2x2(v128.load(w2 + at), v128.load(w3 + at), to + 16, 32);
    } else transpose4x4(v128.load(w0 + at), v128.load(w1 + at), v128.load(w2 + at), v128.load(w3 + at), to, 16);
  }
  for (; t < n; t++) {
    const at = <usize>t * size, to = out + <usize>MR * at;
    store<T>(to, load<T>(w0 + at));
    store<T>(to, load<T>(w1 + at), size);
    store<T>(to, load<T>(w2 + at), 2 * size);
    store<T>(to, load<T>(w3 + at), 3 * size);
  }
}

/** Elements of scratch that `transformWeights` takes: the taps of four outs, and one block of them. */
export function weightScratch(kernel: i32): i32 {
  return MR * (kernel + 5);
}

/**
 * Panels of four of `outs` outs, one after the other, of depth [kz, ky, block, channel], at every point, `pitch` bytes apart. `so` and
 * `sc` bytes from out to out and from channel to channel of w; `flip`: the taps from the last to the first.
 */
export function transformWeights<T>(
  taps: i32, blocks: i32, geometry: usize, flip: bool, outs: i32, so: usize, channels: i32, sc: usize,
  w: usize, out: usize, pitch: usize, scratch: usize,
): void {
  const kw = word(geometry, 5), rows = word(geometry, 3) * word(geometry, 4), kernel = rows * kw;
  const four = <usize>MR * sizeof<T>(), block = scratch + <usize>kernel * four;
  for (let o = 0; o < outs; o += MR) {
    // Outs that are missing from the last panel are others once more: what they yield is not looked at.
    const last = outs - 1 - o;
    let w0 = w + <usize>o * so, w1 = w0 + <usize>min(1, last) * so;
    let w2 = w0 + <usize>min(2, last) * so, w3 = w0 + <usize>min(3, last) * so;
    for (let c = 0; c < channels; c++) {
      gather<T>(kernel, w0, w1, w2, w3, scratch);
      let to = out + <usize>c * four;
      for (let row = 0; row < rows; row++) {
        for (let b = 0; b < blocks; b++) {
          const have = min(taps, kw - b * taps), first = row * kw + b * taps;
          let from = scratch + <usize>(flip ? kernel - 1 - first : first) * four, step = flip ? 0 - four : four;
          if (have < taps) {
            for (let k = 0; k < have; k++) memory.copy(block + <usize>k * four, from + <usize>k * step, four);
            memory.fill(block + <usize>have * four, 0, <usize>(taps - have) * four);
            from = block;
            step = four;
          }
          for (let v: usize = 0; v < four; v += 16) {
            if (taps == 3) threeTaps<T>(from + v, step, to + v, pitch);
            else fiveTaps<T>(from + v, step, to + v, pitch);
          }
          to += <usize>channels * four;
        }
      }
      w0 += sc;
      w1 += sc;
      w2 += sc;
      w3 += sc;
    }
    out += <usize>(rows * blocks * channels) * four;
  }
}
