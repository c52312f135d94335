// Rows of products and quotients along a derivative: where it is 0, so is the result, even if the other operand is
// infinite or NaN. Four vectors at a time are computed plainly, and again only if a NaN came up among them.
import { lanes } from '../simd/lanes';

export const MUL_ALONG: i32 = 5;
export const DIV_ALONG: i32 = 6;
export const MUL_ZERO: i32 = 7;

/** z, but 0 in place of NaN where t is 0. */
// @ts-ignore: decorator
@inline
export function zeroWhere<T>(t: v128, z: v128): v128 {
  return v128.andnot(z, v128.and(v128.eq<T>(t, v128.splat<T>(0)), v128.ne<T>(z, z)));
}

// @ts-ignore: decorator
@inline
function plain<T>(op: i32, x: v128, y: v128): v128 {
  return op == DIV_ALONG ? v128.div<T>(x, y) : v128.mul<T>(x, y);
}

// @ts-ignore: decorator
@inline
function vector<T>(op: i32, x: v128, y: v128): v128 {
  const z = zeroWhere<T>(x, plain<T>(op, x, y));
  return op == MUL_ZERO ? zeroWhere<T>(y, z) : z;
}

// @ts-ignore: decorator
@inline
function scalar<T>(op: i32, x: T, y: T): T {
  const z = op == DIV_ALONG ? <T>(x / y) : <T>(x * y);
  return z != z && (x == <T>0 || (op == MUL_ZERO && y == <T>0)) ? <T>0 : z;
}

/** Vector k of an operand; a stride of 0 repeats its first element. */
// @ts-ignore: decorator
@inline
function operand<T>(p: usize, stride: i32, k: usize): v128 {
  return stride == 0 ? v128.load_splat<T>(p) : v128.load(p + 16 * k);
}

/** Four vectors. */
// @ts-ignore: decorator
@inline
function quad<T>(op: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  let z0 = plain<T>(op, operand<T>(a, sa, 0), operand<T>(b, sb, 0));
  let z1 = plain<T>(op, operand<T>(a, sa, 1), operand<T>(b, sb, 1));
  let z2 = plain<T>(op, operand<T>(a, sa, 2), operand<T>(b, sb, 2));
  let z3 = plain<T>(op, operand<T>(a, sa, 3), operand<T>(b, sb, 3));
  const sum = v128.add<T>(v128.add<T>(z0, z1), v128.add<T>(z2, z3));
  if (v128.any_true(v128.ne<T>(sum, sum))) {
    z0 = vector<T>(op, operand<T>(a, sa, 0), operand<T>(b, sb, 0));
    z1 = vector<T>(op, operand<T>(a, sa, 1), operand<T>(b, sb, 1));
    z2 = vector<T>(op, operand<T>(a, sa, 2), operand<T>(b, sb, 2));
    z3 = vector<T>(op, operand<T>(a, sa, 3), operand<T>(b, sb, 3));
  }
  v128.store(out, z0);
  v128.store(out, z1, 16);
  v128.store(out, z2, 32);
  v128.store(out, z3, 48);
}

/** Whole quads of a row of n elements with strides of 0 or 1; how many elements they are. */
// @ts-ignore: decorator
@inline
function quads<T>(op: i32, n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): i32 {
  const size = 4 * lanes<T>();
  let i = 0;
  for (; i + size <= n; i += size) {
    quad<T>(op, out, a, sa, b, sb);
    out += 64;
    a += 64 * sa;
    b += 64 * sb;
  }
  return i;
}

/** One row of n elements; sa and sb in elements. */
// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  let i = 0;
  if (sa == 1 && sb == 1) i = quads<T>(op, n, out, a, 1, b, 1);
  else if (sa == 1 && sb == 0) i = quads<T>(op, n, out, a, 1, b, 0);
  else if (sa == 0 && sb == 1) i = quads<T>(op, n, out, a, 0, b, 1);
  const da = <usize>sa * sizeof<T>(), db = <usize>sb * sizeof<T>();
  out += <usize>i * sizeof<T>();
  a += <usize>i * da;
  b += <usize>i * db;
  for (; i < n; i++) {
    store<T>(out, scalar<T>(op, load<T>(a), load<T>(b)));
    out += sizeof<T>();
    a += da;
    b += db;
  }
}

export function mulAlongRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(MUL_ALONG, n, out, a, sa, b, sb);
}
export function divAlongRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(DIV_ALONG, n, out, a, sa, b, sb);
}
export function mulZeroRow<T>(n: i32, out: usize, a: usize, sa: i32, b: usize, sb: i32): void {
  row<T>(MUL_ZERO, n, out, a, sa, b, sb);
}
