// Expressions, element by element: what passes from one operation to the next stays in registers, what is needed again later in
// a tile of eight vectors. Each operation rounds as its kernel does alone.

// An instruction is four words: what it does, the address of its operand, -1 where that moves on along the row or 0 where it stays, and
// bytes from row to row of it.
const LOAD: i32 = 0;
const ADD: i32 = 1;
const SUB: i32 = 2;
const SUB_FROM: i32 = 3;
const MUL: i32 = 4;
const DIV: i32 = 5;
const DIV_INTO: i32 = 6;
const NEG: i32 = 7;
const SQUARE: i32 = 8;
const STORE: i32 = 9;
/** Added where the operand is one number for the whole row. */
const REPEATED: i32 = 16;

const WORDS: usize = 16;

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
function rest<T>(i: usize, bytes: usize, count: i32, code: usize): void {
  const end = code + <usize>count * WORDS;
  for (; i < bytes; i += 16) {
    const left = bytes - i;
    let x = i64x2.splat(0);
    for (let p = code; p < end; p += WORDS) {
      const op = load<i32>(p), what = op & (REPEATED - 1), moves: usize = load<i32>(p, 8);
      const b = <usize>load<i32>(p, 4) + (i & moves);
      const isWhole = left >= 16 || moves == 0;
      let y = x;
      if (what < NEG) y = op >= REPEATED ? v128.load_splat<T>(b) : isWhole ? v128.load(b) : loadPart(left, b);
      switch (what) {
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
        case SQUARE:
          x = v128.mul<T>(x, x);
          break;
        default:
          if (isWhole) v128.store(b, x);
          else storePart(left, b, x);
      }
    }
  }
}

/** Whole tiles of eight vectors of a row of `bytes` bytes; how many bytes they are. */
function tiles<T>(bytes: usize, count: i32, code: usize): usize {
  const end = code + <usize>count * WORDS, none = i64x2.splat(0);
  let i: usize = 0, b: usize;
  let s0 = none, s1 = none, s2 = none, s3 = none, s4 = none, s5 = none, s6 = none, s7 = none;
  for (; i + 128 <= bytes; i += 128) {
    for (let p = code; p < end; p += WORDS) {
      const op = load<i32>(p);
      b = <usize>load<i32>(p, 4) + (i & <usize>load<i32>(p, 8));
      switch (op) {
        case ADD:
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
          s0 = v128.neg<T>(s0);
          s1 = v128.neg<T>(s1);
          s2 = v128.neg<T>(s2);
          s3 = v128.neg<T>(s3);
          s4 = v128.neg<T>(s4);
          s5 = v128.neg<T>(s5);
          s6 = v128.neg<T>(s6);
          s7 = v128.neg<T>(s7);
          break;
        case SQUARE:
          s0 = v128.mul<T>(s0, s0);
          s1 = v128.mul<T>(s1, s1);
          s2 = v128.mul<T>(s2, s2);
          s3 = v128.mul<T>(s3, s3);
          s4 = v128.mul<T>(s4, s4);
          s5 = v128.mul<T>(s5, s5);
          s6 = v128.mul<T>(s6, s6);
          s7 = v128.mul<T>(s7, s7);
          break;
        case LOAD:
          s0 = v128.load(b);
          s1 = v128.load(b, 16);
          s2 = v128.load(b, 32);
          s3 = v128.load(b, 48);
          s4 = v128.load(b, 64);
          s5 = v128.load(b, 80);
          s6 = v128.load(b, 96);
          s7 = v128.load(b, 112);
          break;
        case LOAD + REPEATED:
          s0 = v128.load_splat<T>(b);
          s1 = s0;
          s2 = s0;
          s3 = s0;
          s4 = s0;
          s5 = s0;
          s6 = s0;
          s7 = s0;
          break;
        default:
          // The empty second half, and loads after arithmetic, keep V8 11 (Node 20) from moving what is held through memory.
          v128.store(b, s0);
          s0 = v128.or(s0, none);
          v128.store(b, s1, 16);
          s1 = v128.or(s1, none);
          v128.store(b, s2, 32);
          s2 = v128.or(s2, none);
          v128.store(b, s3, 48);
          s3 = v128.or(s3, none);
          v128.store(b, s4, 64);
          s4 = v128.or(s4, none);
          v128.store(b, s5, 80);
          s5 = v128.or(s5, none);
          v128.store(b, s6, 96);
          s6 = v128.or(s6, none);
          v128.store(b, s7, 112);
          s7 = v128.or(s7, none);
      }
    }
  }
  return i;
}

/** rows x n elements; `code` holds `count` instructions, of which the first loads. It moves their addresses on. */
export function expression<T>(rows: i32, n: i32, count: i32, code: usize): void {
  const bytes = <usize>n * sizeof<T>();
  for (let i = 0; i < rows; i++) {
    const done = tiles<T>(bytes, count, code);
    if (done < bytes) rest<T>(done, bytes, count, code);
    for (let k = 0, p = code; k < count; k++, p += WORDS) store<i32>(p, load<i32>(p, 4) + load<i32>(p, 12), 4);
  }
}
