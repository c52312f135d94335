// Three operands, broadcast: where, out := a where the condition (i32) is not 0, b elsewhere; clip, out := min(max(x, lo), hi).
import { lanes } from '../simd/lanes';
import { advance, extent, offset, rewind, stride } from './descriptor';

const PIECE: i32 = 8192;

/** 16 bytes of an operand, which repeats where its stride is 0. */
// @ts-ignore: decorator
@inline
function fetch<T>(p: usize, s: i32): v128 {
  return s == 1 ? v128.load(p) : v128.load_splat<T>(p);
}

/** The condition of one vector of T, as a mask. */
// @ts-ignore: decorator
@inline
function condition<T>(p: usize, s: i32): v128 {
  const zero = i32x4.splat(0);
  if (sizeof<T>() == 4) return i32x4.ne(fetch<i32>(p, s), zero);
  return i64x2.extend_low_i32x4_s(i32x4.ne(s == 1 ? v128.load64_zero(p) : v128.load_splat<i32>(p), zero));
}

/** One row of n elements; strides in elements. */
function whereRow<T>(n: i32, out: usize, c: usize, sc: i32, a: usize, sa: i32, b: usize, sb: i32): void {
  const w = lanes<T>();
  const dc = <usize>sc * 4, da = <usize>sa * sizeof<T>(), db = <usize>sb * sizeof<T>();
  let i = 0;
  if (sc == 1 && sa == 1 && <u32>sb <= 1) {
    const y = v128.load_splat<T>(b), dense = sb == 1;
    for (; i + 2 * w <= n; i += 2 * w) {
      const y0 = dense ? v128.load(b) : y, y1 = dense ? v128.load(b, 16) : y;
      v128.store(out, v128.bitselect(v128.load(a), y0, condition<T>(c, 1)));
      v128.store(out, v128.bitselect(v128.load(a, 16), y1, condition<T>(c + (<usize>w << 2), 1)), 16);
      out += 32;
      c += <usize>w << 3;
      a += 32;
      b += 2 * <usize>w * db;
    }
  } else if (<u32>sc <= 1 && <u32>sa <= 1 && <u32>sb <= 1) {
    for (; i + w <= n; i += w) {
      v128.store(out, v128.bitselect(fetch<T>(a, sa), fetch<T>(b, sb), condition<T>(c, sc)));
      out += 16;
      c += <usize>w * dc;
      a += <usize>w * da;
      b += <usize>w * db;
    }
  }
  for (; i < n; i++) {
    store<T>(out, load<i32>(c) != 0 ? load<T>(a) : load<T>(b));
    out += sizeof<T>();
    c += dc;
    a += da;
    b += db;
  }
}

/** One row of n elements; strides in elements. NaN in any operand gives NaN. */
function clipRow<T>(n: i32, out: usize, x: usize, sx: i32, lo: usize, sl: i32, hi: usize, sh: i32): void {
  const w = lanes<T>();
  const dx = <usize>sx * sizeof<T>(), dl = <usize>sl * sizeof<T>(), dh = <usize>sh * sizeof<T>();
  let i = 0;
  if (sx == 1 && sl == 0 && sh == 0) {
    const low = v128.load_splat<T>(lo), high = v128.load_splat<T>(hi);
    for (; i + w <= n; i += w) {
      v128.store(out, v128.min<T>(v128.max<T>(v128.load(x), low), high));
      out += 16;
      x += 16;
    }
  } else if (<u32>sx <= 1 && <u32>sl <= 1 && <u32>sh <= 1) {
    for (; i + w <= n; i += w) {
      v128.store(out, v128.min<T>(v128.max<T>(fetch<T>(x, sx), fetch<T>(lo, sl)), fetch<T>(hi, sh)));
      out += 16;
      x += <usize>w * dx;
      lo += <usize>w * dl;
      hi += <usize>w * dh;
    }
  }
  for (; i < n; i++) {
    store<T>(out, min<T>(max<T>(load<T>(x), load<T>(lo)), load<T>(hi)));
    out += sizeof<T>();
    x += dx;
    lo += dl;
    hi += dh;
  }
}

/** Walks the rows of the index space; `clip` or where. */
// @ts-ignore: decorator
@inline
function walk<T>(clip: bool, ndim: i32, meta: usize, out: usize, a: usize, b: usize, c: usize): void {
  const outer = ndim - 1, size = sizeof<T>(), first: usize = clip ? size : 4;
  const n = extent(meta, outer);
  const sa = stride(meta, ndim, 0, outer), sb = stride(meta, ndim, 1, outer), sc = stride(meta, ndim, 2, outer);
  rewind(meta, ndim, outer);
  do {
    let pa = a + <usize>offset(meta, ndim, outer, 0) * first;
    let pb = b + <usize>offset(meta, ndim, outer, 1) * size, pc = c + <usize>offset(meta, ndim, outer, 2) * size;
    for (let i = 0; i < n; i += PIECE) {
      const piece = min(PIECE, n - i);
      if (clip) clipRow<T>(piece, out, pa, sa, pb, sb, pc, sc);
      else whereRow<T>(piece, out, pa, sa, pb, sb, pc, sc);
      pa += <usize>(piece * sa) * first;
      pb += <usize>(piece * sb) * size;
      pc += <usize>(piece * sc) * size;
      out += <usize>piece * size;
    }
  } while (advance(meta, ndim, outer) >= 0);
}

export function where<T>(ndim: i32, meta: usize, out: usize, c: usize, a: usize, b: usize): void {
  walk<T>(false, ndim, meta, out, c, a, b);
}

export function clip<T>(ndim: i32, meta: usize, out: usize, x: usize, lo: usize, hi: usize): void {
  walk<T>(true, ndim, meta, out, x, lo, hi);
}
