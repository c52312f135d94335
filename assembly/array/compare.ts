// out := a op b as i32, 1 where it holds and 0 elsewhere: equal, not equal, greater, greater or equal; NaN equals nothing.
// a < b and a <= b are b > a and b >= a: the driver is told which row of strides belongs to which operand.
import { advance, extent, offset, rewind, stride } from './descriptor';

const PIECE: i32 = 8192;

export const EQUAL: i32 = 0;
export const NOT_EQUAL: i32 = 1;
export const GREATER: i32 = 2;
export const GREATER_EQUAL: i32 = 3;

// @ts-ignore: decorator
@inline
function mask<T>(op: i32, x: v128, y: v128): v128 {
  if (op == EQUAL) return v128.eq<T>(x, y);
  if (op == NOT_EQUAL) return v128.ne<T>(x, y);
  if (op == GREATER) return v128.gt<T>(x, y);
  return v128.ge<T>(x, y);
}

// @ts-ignore: decorator
@inline
function holds<T>(op: i32, x: T, y: T): i32 {
  if (op == EQUAL) return i32(x == y);
  if (op == NOT_EQUAL) return i32(x != y);
  if (op == GREATER) return i32(x > y);
  return i32(x >= y);
}

/** 16 bytes of an operand, which repeats where its stride is 0. */
// @ts-ignore: decorator
@inline
function fetch<T>(p: usize, s: i32): v128 {
  return s == 1 ? v128.load(p) : v128.load_splat<T>(p);
}

/** One row of n elements; sa and sb in elements. */
// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  const da = <usize>sa * sizeof<T>(), db = <usize>sb * sizeof<T>();
  const one = i32x4.splat(1);
  let i = 0;
  if (sa == 1 && sb == 0) {
    const y = v128.load_splat<T>(b);
    for (; i + 4 <= n; i += 4) {
      let result = mask<T>(op, v128.load(a), y);
      if (sizeof<T>() == 8) result = v128.shuffle<i32>(result, mask<T>(op, v128.load(a, 16), y), 0, 2, 4, 6);
      v128.store(out, v128.and(result, one));
      out += 16;
      a += 4 * sizeof<T>();
    }
  } else if (<u32>sa <= 1 && <u32>sb <= 1) {
    for (; i + 4 <= n; i += 4) {
      let result = mask<T>(op, fetch<T>(a, sa), fetch<T>(b, sb));
      if (sizeof<T>() == 8) {
        const high = mask<T>(op, fetch<T>(a + 2 * da, sa), fetch<T>(b + 2 * db, sb));
        result = v128.shuffle<i32>(result, high, 0, 2, 4, 6);
      }
      v128.store(out, v128.and(result, one));
      out += 16;
      a += 4 * da;
      b += 4 * db;
    }
  }
  for (; i < n; i++) {
    store<i32>(out, holds<T>(op, load<T>(a), load<T>(b)));
    out += 4;
    a += da;
    b += db;
  }
}

function equalRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(EQUAL, n, out, a, sa, b, sb);
}
function notEqualRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(NOT_EQUAL, n, out, a, sa, b, sb);
}
function greaterRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(GREATER, n, out, a, sa, b, sb);
}
function greaterEqualRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(GREATER_EQUAL, n, out, a, sa, b, sb);
}

/** Walks the rows of the index space; the strides of a and b are rows `ra` and `rb` of the descriptor. */
export function compare<T>(
  op: i32, ndim: i32, meta: usize, out: usize, a: usize, ra: i32, b: usize, rb: i32,
): void {
  const outer = ndim - 1, size = sizeof<T>();
  const n = extent(meta, outer), sa = stride(meta, ndim, ra, outer), sb = stride(meta, ndim, rb, outer);
  rewind(meta, ndim, outer);
  do {
    let pa = a + <usize>offset(meta, ndim, outer, ra) * size, pb = b + <usize>offset(meta, ndim, outer, rb) * size;
    for (let i = 0; i < n; i += PIECE) {
      const piece = min(PIECE, n - i);
      if (op == EQUAL) equalRow<T>(piece, out, pa, sa, pb, sb);
      else if (op == NOT_EQUAL) notEqualRow<T>(piece, out, pa, sa, pb, sb);
      else if (op == GREATER) greaterRow<T>(piece, out, pa, sa, pb, sb);
      else greaterEqualRow<T>(piece, out, pa, sa, pb, sb);
      pa += <usize>(piece * sa) * size;
      pb += <usize>(piece * sb) * size;
      out += <usize>piece * 4;
    }
  } while (advance(meta, ndim, outer) >= 0);
}
