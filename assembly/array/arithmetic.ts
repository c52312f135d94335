// out := a op b, element by element, with broadcasting: an axis along which an operand repeats has stride 0.
// The output is dense. One row function per operation and type; one driver walks the rows.
import { lanes } from '../simd/lanes';
import { DIV_ALONG, divAlongRow, MUL_ALONG, mulAlongRow, MUL_ZERO, mulZeroRow } from './along';
import { advance, extent, offset, rewind, stride } from './descriptor';

// Long rows are handed over in pieces, so that the engine gets to replace the row function by its optimized form.
const PIECE: i32 = 8192;

export const ADD: i32 = 0;
export const SUB: i32 = 1;
export const MUL: i32 = 2;
export const DIV: i32 = 3;
export const NEG: i32 = 4;

// @ts-ignore: decorator
@inline
function vector<T>(op: i32, x: v128, y: v128): v128 {
  if (op == ADD) return v128.add<T>(x, y);
  if (op == SUB) return v128.sub<T>(x, y);
  if (op == MUL) return v128.mul<T>(x, y);
  if (isFloat<T>()) return v128.div<T>(x, y);
  return x;
}

// @ts-ignore: decorator
@inline
function scalar<T>(op: i32, x: T, y: T): T {
  if (op == ADD) return <T>(x + y);
  if (op == SUB) return <T>(x - y);
  if (op == MUL) return <T>(x * y);
  return <T>(x / y);
}

/** One row of n elements; sa and sb in elements. */
// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  const w = lanes<T>();
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
    for (; i + w <= n; i += w) {
      v128.store(out, vector<T>(op, v128.load(a), v128.load(b)));
      out += 16;
      a += 16;
      b += 16;
    }
  } else if (sa == 1 && sb == 0) {
    const y = v128.load_splat<T>(b);
    for (; i + 4 * w <= n; i += 4 * w) {
      v128.store(out, vector<T>(op, v128.load(a), y));
      v128.store(out, vector<T>(op, v128.load(a, 16), y), 16);
      v128.store(out, vector<T>(op, v128.load(a, 32), y), 32);
      v128.store(out, vector<T>(op, v128.load(a, 48), y), 48);
      out += 64;
      a += 64;
    }
    for (; i + w <= n; i += w) {
      v128.store(out, vector<T>(op, v128.load(a), y));
      out += 16;
      a += 16;
    }
  } else if (sa == 0 && sb == 1) {
    const x = v128.load_splat<T>(a);
    for (; i + 4 * w <= n; i += 4 * w) {
      v128.store(out, vector<T>(op, x, v128.load(b)));
      v128.store(out, vector<T>(op, x, v128.load(b, 16)), 16);
      v128.store(out, vector<T>(op, x, v128.load(b, 32)), 32);
      v128.store(out, vector<T>(op, x, v128.load(b, 48)), 48);
      out += 64;
      b += 64;
    }
    for (; i + w <= n; i += w) {
      v128.store(out, vector<T>(op, x, v128.load(b)));
      out += 16;
      b += 16;
    }
  }
  const da = <usize>sa * sizeof<T>(), db = <usize>sb * sizeof<T>();
  for (; i < n; i++) {
    store<T>(out, scalar<T>(op, load<T>(a), load<T>(b)));
    out += sizeof<T>();
    a += da;
    b += db;
  }
}

function addRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(ADD, n, out, a, sa, b, sb);
}
function subRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(SUB, n, out, a, sa, b, sb);
}
function mulRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(MUL, n, out, a, sa, b, sb);
}
function divRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(DIV, n, out, a, sa, b, sb);
}

/** out := -a. */
function negRow<T>(n: i32, out: usize, a: usize, sa: i32): void {
  let i = 0;
  if (sa == 1) {
    for (; i + lanes<T>() <= n; i += lanes<T>()) {
      v128.store(out, v128.neg<T>(v128.load(a)));
      out += 16;
      a += 16;
    }
  }
  for (; i < n; i++) {
    store<T>(out, <T>-load<T>(a));
    out += sizeof<T>();
    a += <usize>sa * sizeof<T>();
  }
}

/** Walks the rows of the index space; `neg` is given its operand twice. */
export function arithmetic<T>(op: i32, ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  const outer = ndim - 1, size = sizeof<T>();
  const n = extent(meta, outer), sa = stride(meta, ndim, 0, outer), sb = stride(meta, ndim, 1, outer);
  rewind(meta, ndim, outer);
  do {
    let pa = a + <usize>offset(meta, ndim, outer, 0) * size, pb = b + <usize>offset(meta, ndim, outer, 1) * size;
    for (let i = 0; i < n; i += PIECE) {
      const piece = min(PIECE, n - i);
      if (op == ADD) addRow<T>(piece, out, pa, sa, pb, sb);
      else if (op == SUB) subRow<T>(piece, out, pa, sa, pb, sb);
      else if (op == MUL) mulRow<T>(piece, out, pa, sa, pb, sb);
      else if (op == NEG) negRow<T>(piece, out, pa, sa);
      else if (isFloat<T>()) {
        if (op == MUL_ALONG) mulAlongRow<T>(piece, out, pa, sa, pb, sb);
        else if (op == DIV_ALONG) divAlongRow<T>(piece, out, pa, sa, pb, sb);
        else if (op == MUL_ZERO) mulZeroRow<T>(piece, out, pa, sa, pb, sb);
        else divRow<T>(piece, out, pa, sa, pb, sb);
      }
      pa += <usize>(piece * sa) * size;
      pb += <usize>(piece * sb) * size;
      out += <usize>piece * size;
    }
  } while (advance(meta, ndim, outer) >= 0);
}
