// out := the larger or the smaller of a and b (NaN spreads), or share: what a gets of the derivative of max(a, b), which is
// 1 where a > b, 1/2 where they are equal, 0 elsewhere. Broadcasting as in arithmetic; the output is dense.
import { lanes } from '../simd/lanes';
import { advance, extent, offset, rewind, stride } from './descriptor';

const PIECE: i32 = 8192;

export const MAXIMUM: i32 = 0;
export const MINIMUM: i32 = 1;
export const SHARE: i32 = 2;

/** 16 bytes of an operand, which repeats where its stride is 0. */
// @ts-ignore: decorator
@inline
function fetch<T>(p: usize, s: i32): v128 {
  return s == 1 ? v128.load(p) : v128.load_splat<T>(p);
}

// @ts-ignore: decorator
@inline
function vector<T>(op: i32, x: v128, y: v128): v128 {
  if (op == MAXIMUM) return v128.max<T>(x, y);
  if (op == MINIMUM) return v128.min<T>(x, y);
  const half = v128.splat<T>(<T>0.5);
  return v128.add<T>(v128.and(half, v128.gt<T>(x, y)), v128.and(half, v128.ge<T>(x, y)));
}

// @ts-ignore: decorator
@inline
function scalar<T>(op: i32, x: T, y: T): T {
  if (op == MAXIMUM) return max<T>(x, y);
  if (op == MINIMUM) return min<T>(x, y);
  return x > y ? <T>1 : x == y ? <T>0.5 : <T>0;
}

/** One row of n elements; sa and sb in elements. */
// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  const w = lanes<T>();
  const da = <usize>sa * sizeof<T>(), db = <usize>sb * sizeof<T>();
  let i = 0;
  if (sa == 1 && sb == 1) {
    for (; i + 4 * w <= n; i += 4 * w) {
      v128.store(out, vector<T>(op, v128.load(a), v128.load(b)));
      v128.store(out, vector<T>(op, v128.load(a, 16), v128.load(b, 16)), 16);
      v128.store(out, vector<T>(op, v128.load(a, 32), v128.load(b, 32)), 32);
      v128.store(out, vector<T>(op, v128.load(a, 48), v128.load(b, 48)), 48);
      out += 64;
      a += 64;
      b += 64;
    }
  }
  if (<u32>sa <= 1 && <u32>sb <= 1) {
    for (; i + w <= n; i += w) {
      v128.store(out, vector<T>(op, fetch<T>(a, sa), fetch<T>(b, sb)));
      out += 16;
      a += <usize>w * da;
      b += <usize>w * db;
    }
  }
  for (; i < n; i++) {
    store<T>(out, scalar<T>(op, load<T>(a), load<T>(b)));
    out += sizeof<T>();
    a += da;
    b += db;
  }
}

function maximumRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(MAXIMUM, n, out, a, sa, b, sb);
}
function minimumRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(MINIMUM, n, out, a, sa, b, sb);
}
function shareRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(SHARE, n, out, a, sa, b, sb);
}

/** Walks the rows of the index space. */
export function extremum<T>(op: i32, ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  const outer = ndim - 1, size = sizeof<T>();
  const n = extent(meta, outer), sa = stride(meta, ndim, 0, outer), sb = stride(meta, ndim, 1, outer);
  rewind(meta, ndim, outer);
  do {
    let pa = a + <usize>offset(meta, ndim, outer, 0) * size, pb = b + <usize>offset(meta, ndim, outer, 1) * size;
    for (let i = 0; i < n; i += PIECE) {
      const piece = min(PIECE, n - i);
      if (op == MAXIMUM) maximumRow<T>(piece, out, pa, sa, pb, sb);
      else if (op == MINIMUM) minimumRow<T>(piece, out, pa, sa, pb, sb);
      else if (isFloat<T>()) shareRow<T>(piece, out, pa, sa, pb, sb);
      pa += <usize>(piece * sa) * size;
      pb += <usize>(piece * sb) * size;
      out += <usize>piece * size;
    }
  } while (advance(meta, ndim, outer) >= 0);
}
