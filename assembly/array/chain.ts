// out := (((a op b) op c) …), element by element: what passes from one operation to the next stays in registers. Each
// operation rounds as its kernel does alone.
import { divAlong, mulAlong } from './arithmetic';
import {
  ADD, ALONG_DIV, ALONG_MUL, DIV, DIV_ALONG, DIV_INTO, LOAD, MUL, MUL_ALONG, NEG, REPEATED, SUB, SUB_FROM, WORDS,
} from './chain-codes';
import { tiles } from './chain-tiles';

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
        case MUL_ALONG:
          x = mulAlong<T>(x, y);
          break;
        case ALONG_MUL:
          x = mulAlong<T>(y, x);
          break;
        case DIV_ALONG:
          x = divAlong<T>(x, y);
          break;
        case ALONG_DIV:
          x = divAlong<T>(y, x);
          break;
        default:
          x = v128.mul<T>(x, x);
      }
    }
    if (left >= 16) v128.store(out + i, x);
    else storePart(left, out + i, x);
  }
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
