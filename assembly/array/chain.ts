// out := (((a op b) op c) …), element by element: what passes from one operation to the next stays in registers. Each
// operation rounds as its kernel does alone.
import { zeroWhere } from './along';
import {
  ADD, ARITHMETIC, DIV, DIV_INTO, LOAD, MUL, NEG, OPERAND_WINS, PLAIN, REPEATED, SUB, SUB_FROM, VALUE_WINS, WORDS,
} from './chain-codes';
import { TILE, tiles } from './chain-tiles';

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

/** Bytes `i` to `bytes` of a row, one vector at a time, the last in part. */
function rest<T>(i: usize, bytes: usize, out: usize, count: i32, code: usize): void {
  const end = code + <usize>count * WORDS;
  for (; i < bytes; i += 16) {
    const left = bytes - i;
    let x = i64x2.splat(0);
    for (let p = code; p < end; p += WORDS) {
      const op = load<i32>(p), b: usize = load<i32>(p, 4);
      const y = op & REPEATED ? v128.load_splat<T>(b) : left >= 16 ? v128.load(b + i) : loadPart(left, b + i);
      let z = y;
      switch (op & ARITHMETIC) {
        case LOAD:
          break;
        case ADD:
          z = v128.add<T>(x, y);
          break;
        case SUB:
          z = v128.sub<T>(x, y);
          break;
        case SUB_FROM:
          z = v128.sub<T>(y, x);
          break;
        case MUL:
          z = v128.mul<T>(x, y);
          break;
        case DIV:
          z = v128.div<T>(x, y);
          break;
        case DIV_INTO:
          z = v128.div<T>(y, x);
          break;
        case NEG:
          z = v128.neg<T>(x);
          break;
        default:
          z = v128.mul<T>(x, x);
      }
      if (op & VALUE_WINS) z = zeroWhere<T>(x, z);
      if (op & OPERAND_WINS) z = zeroWhere<T>(y, z);
      x = z;
    }
    if (left >= 16) v128.store(out + i, x);
    else storePart(left, out + i, x);
  }
}

/** Whether zeros win in one of the instructions. */
function doZerosWin(count: i32, code: usize): bool {
  for (let k = 0; k < count; k++, code += WORDS) if (load<i32>(code) > PLAIN) return true;
  return false;
}

/** rows x n elements of `out`, one after the other; `code` holds `count` instructions, whose addresses it moves on. */
export function chain<T>(rows: i32, n: i32, out: usize, count: i32, code: usize): void {
  const bytes = <usize>n * sizeof<T>();
  const zerosWin = doZerosWin(count, code);
  for (let i = 0; i < rows; i++) {
    let done: usize = 0;
    while (done < bytes) {
      done = tiles<T>(done, bytes, out, count, code, zerosWin);
      const end = min(done + TILE, bytes);
      rest<T>(done, end, out, count, code);
      done = end;
    }
    out += bytes;
    for (let k = 0, p = code; k < count; k++, p += WORDS) store<i32>(p, load<i32>(p, 4) + load<i32>(p, 8), 4);
  }
}
