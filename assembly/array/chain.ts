// out := (((a op b) op c) …), element by element: what passes from one operation to the next stays in registers. Each
// operation rounds as its kernel does alone.
import { lanes } from '../simd/lanes';

// An instruction is three words: what it does, the address of its operand, and bytes from row to row of it. The first one loads.
const LOAD: i32 = 0;
const ADD: i32 = 1;
const SUB: i32 = 2;
const SUB_FROM: i32 = 3;
const MUL: i32 = 4;
const DIV: i32 = 5;
const DIV_INTO: i32 = 6;
const NEG: i32 = 7;
const SQUARE: i32 = 8;
/** Added where the operand is one number for the whole row. */
const REPEATED: i32 = 16;

const WORDS: usize = 12;

/** 4, 8 or 12 bytes, zeros behind them. */
// @ts-ignore: decorator
@inline
function loadPart(bytes: usize, x: usize): v128 {
  if (bytes < 8) return v128.load32_zero(x);
  const part = v128.load64_zero(x);
  return bytes < 12 ? part : v128.load_lane<i32>(x, part, 2, 8);
}

// @ts-ignore: decorator
@inline
function storePart(bytes: usize, out: usize, x: v128): void {
  if (bytes < 8) return v128.store_lane<i32>(out, x, 0);
  v128.store_lane<i64>(out, x, 0);
  if (bytes >= 12) v128.store_lane<i32>(out, x, 2, 8);
}

/** The end of a row, from byte `i` on, one vector at a time, the last in part. */
function rest<T>(i: usize, bytes: usize, out: usize, count: i32, code: usize): void {
  const end = code + <usize>count * WORDS;
  for (; i < bytes; i += 16) {
    const left = bytes - i;
    let x = i64x2.splat(0);
    for (let p = code; p < end; p += WORDS) {
      const op = load<i32>(p), b: usize = load<i32>(p, 4);
      const y = op >= REPEATED ? v128.load_splat<T>(b) : left >= 16 ? v128.load(b + i) : loadPart(left, b + i);
      switch (op & (REPEATED - 1)) {
        case LOAD:
          x = y;
          break;
        case ADD:
          x = v128.add<T>(x, y);
          break;
        case SUB:
          x = v128.sub<T>(x, y);
          break;
        case SUB_FROM:
          x = v128.sub<T>(y, x);
          break;
        case MUL:
          x = v128.mul<T>(x, y);
          break;
        case DIV:
          x = v128.div<T>(x, y);
          break;
        case DIV_INTO:
          x = v128.div<T>(y, x);
          break;
        case NEG:
          x = v128.neg<T>(x);
          break;
        default:
          x = v128.mul<T>(x, x);
      }
    }
    if (left >= 16) v128.store(out + i, x);
    else storePart(left, out + i, x);
  }
}

/** Whole tiles of eight vectors of a row of `bytes` bytes; how many bytes they are. */
function tiles<T>(bytes: usize, out: usize, count: i32, code: usize): usize {
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

/** rows x n elements of `out`, one after the other; `code` holds `count` instructions, whose addresses it moves on. */
export function chain<T>(rows: i32, n: i32, out: usize, count: i32, code: usize): void {
  const bytes = <usize>n * sizeof<T>();
  for (let i = 0; i < rows; i++) {
    const done = tiles<T>(bytes, out, count, code);
    if (done < bytes) rest<T>(done, bytes, out, count, code);
    out += bytes;
    for (let k = 0, p = code; k < count; k++, p += WORDS) store<i32>(p, load<i32>(p, 4) + load<i32>(p, 8), 4);
  }
}
