// The inner loop of a chain: eight vectors at a time pass through all of its instructions in registers. Zeros do not win
// here: that would only matter where the plain result is NaN, and a NaN comes through to the end.
import { ADD, DIV, DIV_INTO, MUL, NEG, PLAIN, REPEATED, SUB, SUB_FROM, WORDS } from './chain-codes';

/** Bytes of a tile. */
export const TILE: usize = 128;

/**
 * Whole tiles of a row, from byte `i` on. Returns the byte where it ends: of what is no whole tile or, with `zerosWin`,
 * of the first tile with a NaN.
 */
export function tiles<T>(i: usize, bytes: usize, out: usize, count: i32, code: usize, zerosWin: bool): usize {
  const end = code + <usize>count * WORDS;
  for (; i + TILE <= bytes; i += TILE) {
    let b: usize = load<i32>(code, 4);
    let s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, s6: v128, s7: v128;
    if (load<i32>(code) & REPEATED) {
      s0 = v128.load_splat<T>(b);
      s1 = s0;
      s2 = s0;
      s3 = s0;
      s4 = s0;
      s5 = s0;
      s6 = s0;
      s7 = s0;
    } else {
      b += i;
      s0 = v128.load(b);
      s1 = v128.load(b, 16);
      s2 = v128.load(b, 32);
      s3 = v128.load(b, 48);
      s4 = v128.load(b, 64);
      s5 = v128.load(b, 80);
      s6 = v128.load(b, 96);
      s7 = v128.load(b, 112);
    }
    for (let p = code + WORDS; p < end; p += WORDS) {
      b = load<i32>(p, 4);
      switch (load<i32>(p) & PLAIN) {
        case ADD:
          b += i;
          s0 = v128.add<T>(s0, v128.load(b));
          s1 = v128.add<T>(s1, v128.load(b, 16));
          s2 = v128.add<T>(s2, v128.load(b, 32));
          s3 = v128.add<T>(s3, v128.load(b, 48));
          s4 = v128.add<T>(s4, v128.load(b, 64));
          s5 = v128.add<T>(s5, v128.load(b, 80));
          s6 = v128.add<T>(s6, v128.load(b, 96));
          s7 = v128.add<T>(s7, v128.load(b, 112));
          break;
        case ADD + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = v128.add<T>(s0, y);
          s1 = v128.add<T>(s1, y);
          s2 = v128.add<T>(s2, y);
          s3 = v128.add<T>(s3, y);
          s4 = v128.add<T>(s4, y);
          s5 = v128.add<T>(s5, y);
          s6 = v128.add<T>(s6, y);
          s7 = v128.add<T>(s7, y);
          break;
        }
        case SUB:
          b += i;
          s0 = v128.sub<T>(s0, v128.load(b));
          s1 = v128.sub<T>(s1, v128.load(b, 16));
          s2 = v128.sub<T>(s2, v128.load(b, 32));
          s3 = v128.sub<T>(s3, v128.load(b, 48));
          s4 = v128.sub<T>(s4, v128.load(b, 64));
          s5 = v128.sub<T>(s5, v128.load(b, 80));
          s6 = v128.sub<T>(s6, v128.load(b, 96));
          s7 = v128.sub<T>(s7, v128.load(b, 112));
          break;
        case SUB + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = v128.sub<T>(s0, y);
          s1 = v128.sub<T>(s1, y);
          s2 = v128.sub<T>(s2, y);
          s3 = v128.sub<T>(s3, y);
          s4 = v128.sub<T>(s4, y);
          s5 = v128.sub<T>(s5, y);
          s6 = v128.sub<T>(s6, y);
          s7 = v128.sub<T>(s7, y);
          break;
        }
        case SUB_FROM:
          b += i;
          s0 = v128.sub<T>(v128.load(b), s0);
          s1 = v128.sub<T>(v128.load(b, 16), s1);
          s2 = v128.sub<T>(v128.load(b, 32), s2);
          s3 = v128.sub<T>(v128.load(b, 48), s3);
          s4 = v128.sub<T>(v128.load(b, 64), s4);
          s5 = v128.sub<T>(v128.load(b, 80), s5);
          s6 = v128.sub<T>(v128.load(b, 96), s6);
          s7 = v128.sub<T>(v128.load(b, 112), s7);
          break;
        case SUB_FROM + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = v128.sub<T>(y, s0);
          s1 = v128.sub<T>(y, s1);
          s2 = v128.sub<T>(y, s2);
          s3 = v128.sub<T>(y, s3);
          s4 = v128.sub<T>(y, s4);
          s5 = v128.sub<T>(y, s5);
          s6 = v128.sub<T>(y, s6);
          s7 = v128.sub<T>(y, s7);
          break;
        }
        case MUL:
          b += i;
          s0 = v128.mul<T>(s0, v128.load(b));
          s1 = v128.mul<T>(s1, v128.load(b, 16));
          s2 = v128.mul<T>(s2, v128.load(b, 32));
          s3 = v128.mul<T>(s3, v128.load(b, 48));
          s4 = v128.mul<T>(s4, v128.load(b, 64));
          s5 = v128.mul<T>(s5, v128.load(b, 80));
          s6 = v128.mul<T>(s6, v128.load(b, 96));
          s7 = v128.mul<T>(s7, v128.load(b, 112));
          break;
        case MUL + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = v128.mul<T>(s0, y);
          s1 = v128.mul<T>(s1, y);
          s2 = v128.mul<T>(s2, y);
          s3 = v128.mul<T>(s3, y);
          s4 = v128.mul<T>(s4, y);
          s5 = v128.mul<T>(s5, y);
          s6 = v128.mul<T>(s6, y);
          s7 = v128.mul<T>(s7, y);
          break;
        }
        case DIV:
          b += i;
          s0 = v128.div<T>(s0, v128.load(b));
          s1 = v128.div<T>(s1, v128.load(b, 16));
          s2 = v128.div<T>(s2, v128.load(b, 32));
          s3 = v128.div<T>(s3, v128.load(b, 48));
          s4 = v128.div<T>(s4, v128.load(b, 64));
          s5 = v128.div<T>(s5, v128.load(b, 80));
          s6 = v128.div<T>(s6, v128.load(b, 96));
          s7 = v128.div<T>(s7, v128.load(b, 112));
          break;
        case DIV + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = v128.div<T>(s0, y);
          s1 = v128.div<T>(s1, y);
          s2 = v128.div<T>(s2, y);
          s3 = v128.div<T>(s3, y);
          s4 = v128.div<T>(s4, y);
          s5 = v128.div<T>(s5, y);
          s6 = v128.div<T>(s6, y);
          s7 = v128.div<T>(s7, y);
          break;
        }
        case DIV_INTO:
          b += i;
          s0 = v128.div<T>(v128.load(b), s0);
          s1 = v128.div<T>(v128.load(b, 16), s1);
          s2 = v128.div<T>(v128.load(b, 32), s2);
          s3 = v128.div<T>(v128.load(b, 48), s3);
          s4 = v128.div<T>(v128.load(b, 64), s4);
          s5 = v128.div<T>(v128.load(b, 80), s5);
          s6 = v128.div<T>(v128.load(b, 96), s6);
          s7 = v128.div<T>(v128.load(b, 112), s7);
          break;
        case DIV_INTO + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = v128.div<T>(y, s0);
          s1 = v128.div<T>(y, s1);
          s2 = v128.div<T>(y, s2);
          s3 = v128.div<T>(y, s3);
          s4 = v128.div<T>(y, s4);
          s5 = v128.div<T>(y, s5);
          s6 = v128.div<T>(y, s6);
          s7 = v128.div<T>(y, s7);
          break;
        }
        case NEG:
        case NEG + REPEATED:
          s0 = v128.neg<T>(s0);
          s1 = v128.neg<T>(s1);
          s2 = v128.neg<T>(s2);
          s3 = v128.neg<T>(s3);
          s4 = v128.neg<T>(s4);
          s5 = v128.neg<T>(s5);
          s6 = v128.neg<T>(s6);
          s7 = v128.neg<T>(s7);
          break;
        default:
          s0 = v128.mul<T>(s0, s0);
          s1 = v128.mul<T>(s1, s1);
          s2 = v128.mul<T>(s2, s2);
          s3 = v128.mul<T>(s3, s3);
          s4 = v128.mul<T>(s4, s4);
          s5 = v128.mul<T>(s5, s5);
          s6 = v128.mul<T>(s6, s6);
          s7 = v128.mul<T>(s7, s7);
      }
    }
    if (zerosWin) {
      const sum = v128.add<T>(
        v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)), v128.add<T>(v128.add<T>(s4, s5), v128.add<T>(s6, s7)),
      );
      if (v128.any_true(v128.ne<T>(sum, sum))) return i;
    }
    const o = out + i;
    v128.store(o, s0);
    v128.store(o, s1, 16);
    v128.store(o, s2, 32);
    v128.store(o, s3, 48);
    v128.store(o, s4, 64);
    v128.store(o, s5, 80);
    v128.store(o, s6, 96);
    v128.store(o, s7, 112);
  }
  return i;
}
