// out := op(a), element by element: abs, sign, square, sqrt, relu. The output is dense, the input has any strides.
import { lanes } from '../simd/lanes';
import { advance, extent, offset, rewind, stride } from './descriptor';

// Long rows are handed over in pieces, so that the engine gets to replace the row function by its optimized form.
const PIECE: i32 = 8192;

export const ABS: i32 = 0;
export const SIGN: i32 = 1;
export const SQUARE: i32 = 2;
export const SQRT: i32 = 3;
export const RELU: i32 = 4;

/** The sign of x; zeros and NaN stay what they are. */
// @ts-ignore: decorator
@inline
function signs<T>(x: v128): v128 {
  const zero = v128.splat<T>(0), one = v128.splat<T>(1);
  const negative = v128.lt<T>(x, zero), positive = v128.gt<T>(x, zero);
  return v128.bitselect(one, v128.bitselect(v128.neg<T>(one), x, negative), positive);
}

// @ts-ignore: decorator
@inline
function vector<T>(op: i32, x: v128): v128 {
  if (op == ABS) return v128.abs<T>(x);
  if (op == SIGN) return signs<T>(x);
  if (op == SQUARE) return v128.mul<T>(x, x);
  if (op == RELU) {
    const zero = v128.splat<T>(0);
    // pmax is one instruction, keeps a NaN in its first operand, and the sign of -0, which the sum takes off.
    if (isFloat<T>()) return v128.add<T>(v128.pmax<T>(x, zero), zero);
    return v128.max<T>(x, zero);
  }
  if (isFloat<T>()) return v128.sqrt<T>(x);
  return x;
}

// @ts-ignore: decorator
@inline
function scalar<T>(op: i32, x: T): T {
  if (op == ABS) return abs<T>(x);
  if (op == SIGN) return x > <T>0 ? <T>1 : x < <T>0 ? <T>-1 : x;
  if (op == SQUARE) return <T>(x * x);
  if (op == RELU) return max<T>(x, <T>0);
  if (isFloat<T>()) return sqrt<T>(x);
  return x;
}

/** One row of n elements; sa in elements. */
// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, out: usize, a: usize, sa: i32): void {
  const w = lanes<T>();
  let i = 0;
  if (sa == 1) {
    for (; i + 4 * w <= n; i += 4 * w) {
      v128.store(out, vector<T>(op, v128.load(a)));
      v128.store(out, vector<T>(op, v128.load(a, 16)), 16);
      v128.store(out, vector<T>(op, v128.load(a, 32)), 32);
      v128.store(out, vector<T>(op, v128.load(a, 48)), 48);
      out += 64;
      a += 64;
    }
  }
  for (; i < n; i++) {
    store<T>(out, scalar<T>(op, load<T>(a)));
    out += sizeof<T>();
    a += <usize>sa * sizeof<T>();
  }
}

function absRow<T>(n: i32, out: usize, a: usize, sa: i32): void {
  row<T>(ABS, n, out, a, sa);
}
function signRow<T>(n: i32, out: usize, a: usize, sa: i32): void {
  row<T>(SIGN, n, out, a, sa);
}
function squareRow<T>(n: i32, out: usize, a: usize, sa: i32): void {
  row<T>(SQUARE, n, out, a, sa);
}
function sqrtRow<T>(n: i32, out: usize, a: usize, sa: i32): void {
  row<T>(SQRT, n, out, a, sa);
}
function reluRow<T>(n: i32, out: usize, a: usize, sa: i32): void {
  row<T>(RELU, n, out, a, sa);
}

/** Walks the rows of the index space. */
export function unary<T>(op: i32, ndim: i32, meta: usize, out: usize, a: usize): void {
  const outer = ndim - 1, size = sizeof<T>();
  const n = extent(meta, outer), sa = stride(meta, ndim, 0, outer);
  rewind(meta, ndim, outer);
  do {
    let pa = a + <usize>offset(meta, ndim, outer, 0) * size;
    for (let i = 0; i < n; i += PIECE) {
      const piece = min(PIECE, n - i);
      if (op == ABS) absRow<T>(piece, out, pa, sa);
      else if (op == SIGN) signRow<T>(piece, out, pa, sa);
      else if (op == SQUARE) squareRow<T>(piece, out, pa, sa);
      else if (op == RELU) reluRow<T>(piece, out, pa, sa);
      else if (isFloat<T>()) sqrtRow<T>(piece, out, pa, sa);
      pa += <usize>(piece * sa) * size;
      out += <usize>piece * size;
    }
  } while (advance(meta, ndim, outer) >= 0);
}
