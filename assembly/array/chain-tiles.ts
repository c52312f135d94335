// The inner loop of a chain: eight vectors at a time pass through all of its instructions in registers.
import { divAlong, mulAlong } from './arithmetic';
import {
  ADD, ALONG_DIV, ALONG_MUL, DIV, DIV_ALONG, DIV_INTO, MUL, MUL_ALONG, NEG, REPEATED, SUB, SUB_FROM, WORDS,
} from './chain-codes';

/** Whole tiles of eight vectors of a row of `bytes` bytes; how many bytes they are. */
export function tiles<T>(bytes: usize, out: usize, count: i32, code: usize): usize {
  const end = code + <usize>count * WORDS;
  let i: usize = 0;
  for (; i + 128 <= bytes; i += 128) {
    let b: usize = load<i32>(code, 4);
    let s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, s6: v128, s7: v128;
    if (load<i32>(code) >= REPEATED) {
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
      const op = load<i32>(p);
      b = load<i32>(p, 4);
      switch (op) {
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
        case MUL_ALONG:
          b += i;
          s0 = mulAlong<T>(s0, v128.load(b));
          s1 = mulAlong<T>(s1, v128.load(b, 16));
          s2 = mulAlong<T>(s2, v128.load(b, 32));
          s3 = mulAlong<T>(s3, v128.load(b, 48));
          s4 = mulAlong<T>(s4, v128.load(b, 64));
          s5 = mulAlong<T>(s5, v128.load(b, 80));
          s6 = mulAlong<T>(s6, v128.load(b, 96));
          s7 = mulAlong<T>(s7, v128.load(b, 112));
          break;
        case MUL_ALONG + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = mulAlong<T>(s0, y);
          s1 = mulAlong<T>(s1, y);
          s2 = mulAlong<T>(s2, y);
          s3 = mulAlong<T>(s3, y);
          s4 = mulAlong<T>(s4, y);
          s5 = mulAlong<T>(s5, y);
          s6 = mulAlong<T>(s6, y);
          s7 = mulAlong<T>(s7, y);
          break;
        }
        case ALONG_MUL:
          b += i;
          s0 = mulAlong<T>(v128.load(b), s0);
          s1 = mulAlong<T>(v128.load(b, 16), s1);
          s2 = mulAlong<T>(v128.load(b, 32), s2);
          s3 = mulAlong<T>(v128.load(b, 48), s3);
          s4 = mulAlong<T>(v128.load(b, 64), s4);
          s5 = mulAlong<T>(v128.load(b, 80), s5);
          s6 = mulAlong<T>(v128.load(b, 96), s6);
          s7 = mulAlong<T>(v128.load(b, 112), s7);
          break;
        case ALONG_MUL + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = mulAlong<T>(y, s0);
          s1 = mulAlong<T>(y, s1);
          s2 = mulAlong<T>(y, s2);
          s3 = mulAlong<T>(y, s3);
          s4 = mulAlong<T>(y, s4);
          s5 = mulAlong<T>(y, s5);
          s6 = mulAlong<T>(y, s6);
          s7 = mulAlong<T>(y, s7);
          break;
        }
        case DIV_ALONG:
          b += i;
          s0 = divAlong<T>(s0, v128.load(b));
          s1 = divAlong<T>(s1, v128.load(b, 16));
          s2 = divAlong<T>(s2, v128.load(b, 32));
          s3 = divAlong<T>(s3, v128.load(b, 48));
          s4 = divAlong<T>(s4, v128.load(b, 64));
          s5 = divAlong<T>(s5, v128.load(b, 80));
          s6 = divAlong<T>(s6, v128.load(b, 96));
          s7 = divAlong<T>(s7, v128.load(b, 112));
          break;
        case DIV_ALONG + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = divAlong<T>(s0, y);
          s1 = divAlong<T>(s1, y);
          s2 = divAlong<T>(s2, y);
          s3 = divAlong<T>(s3, y);
          s4 = divAlong<T>(s4, y);
          s5 = divAlong<T>(s5, y);
          s6 = divAlong<T>(s6, y);
          s7 = divAlong<T>(s7, y);
          break;
        }
        case ALONG_DIV:
          b += i;
          s0 = divAlong<T>(v128.load(b), s0);
          s1 = divAlong<T>(v128.load(b, 16), s1);
          s2 = divAlong<T>(v128.load(b, 32), s2);
          s3 = divAlong<T>(v128.load(b, 48), s3);
          s4 = divAlong<T>(v128.load(b, 64), s4);
          s5 = divAlong<T>(v128.load(b, 80), s5);
          s6 = divAlong<T>(v128.load(b, 96), s6);
          s7 = divAlong<T>(v128.load(b, 112), s7);
          break;
        case ALONG_DIV + REPEATED: {
          const y = v128.load_splat<T>(b);
          s0 = divAlong<T>(y, s0);
          s1 = divAlong<T>(y, s1);
          s2 = divAlong<T>(y, s2);
          s3 = divAlong<T>(y, s3);
          s4 = divAlong<T>(y, s4);
          s5 = divAlong<T>(y, s5);
          s6 = divAlong<T>(y, s6);
          s7 = divAlong<T>(y, s7);
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
