// out := f(a), element by element. The output is dense; the operand may have any strides. One row function per operation.
import { advance, extent, offset, rewind, stride } from '../array/descriptor';
import { ONE } from './constants';
import { erf } from './error-function';
import { exponential } from './exponential';
import {
  ACOS, ASIN, ATAN, COS, COSH, ELU, ERF, EXP, EXPM1, GELU, LOG, LOG1P, RSQRT, SIGMOID, SILU, SIN, SINH, SOFTPLUS, TAN, TANH,
} from './functions';
import { arc, atan } from './inverse';
import { logarithm } from './logarithm';
import { gather, PIECE, take, put } from './rows';
import { trigonometric } from './trigonometric';
import { at } from './vector';

// @ts-ignore: decorator
@inline
function vector(op: i32, short: bool, x: v128): v128 {
  if (op == LOG || op == LOG1P) return logarithm(op, short, x);
  if (op == SIN || op == COS || op == TAN) return trigonometric(op, short, x);
  if (op == ASIN || op == ACOS) return arc(op, short, x);
  if (op == ATAN) return atan(short, x);
  if (op == ERF) return erf(short, x);
  if (op == RSQRT) return f64x2.div(at(ONE), f64x2.sqrt(x));
  return exponential(op, short, x);
}

/** A dense row, two elements at a time; the last may be alone. */
// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2) {
    put<T>(n, out, vector(op, sizeof<T>() == 4, take<T>(n, a)));
    out += 2 * sizeof<T>();
    a += 2 * sizeof<T>();
  }
}

function expRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(EXP, n, out, a);
}
function expm1Row<T>(n: i32, out: usize, a: usize): void {
  row<T>(EXPM1, n, out, a);
}
function logRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(LOG, n, out, a);
}
function log1pRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(LOG1P, n, out, a);
}
function sinRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(SIN, n, out, a);
}
function cosRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(COS, n, out, a);
}
function tanRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(TAN, n, out, a);
}
function asinRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(ASIN, n, out, a);
}
function acosRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(ACOS, n, out, a);
}
function atanRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(ATAN, n, out, a);
}
function sinhRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(SINH, n, out, a);
}
function coshRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(COSH, n, out, a);
}
function tanhRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(TANH, n, out, a);
}
function erfRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(ERF, n, out, a);
}
function sigmoidRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(SIGMOID, n, out, a);
}
function softplusRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(SOFTPLUS, n, out, a);
}
function siluRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(SILU, n, out, a);
}
function geluRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(GELU, n, out, a);
}
function eluRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(ELU, n, out, a);
}
function rsqrtRow<T>(n: i32, out: usize, a: usize): void {
  row<T>(RSQRT, n, out, a);
}

function piece<T>(op: i32, n: i32, out: usize, a: usize): void {
  switch (op) {
    case EXP:
      return expRow<T>(n, out, a);
    case EXPM1:
      return expm1Row<T>(n, out, a);
    case LOG:
      return logRow<T>(n, out, a);
    case LOG1P:
      return log1pRow<T>(n, out, a);
    case SIN:
      return sinRow<T>(n, out, a);
    case COS:
      return cosRow<T>(n, out, a);
    case TAN:
      return tanRow<T>(n, out, a);
    case ASIN:
      return asinRow<T>(n, out, a);
    case ACOS:
      return acosRow<T>(n, out, a);
    case ATAN:
      return atanRow<T>(n, out, a);
    case SINH:
      return sinhRow<T>(n, out, a);
    case COSH:
      return coshRow<T>(n, out, a);
    case TANH:
      return tanhRow<T>(n, out, a);
    case ERF:
      return erfRow<T>(n, out, a);
    case SIGMOID:
      return sigmoidRow<T>(n, out, a);
    case SOFTPLUS:
      return softplusRow<T>(n, out, a);
    case SILU:
      return siluRow<T>(n, out, a);
    case GELU:
      return geluRow<T>(n, out, a);
    case ELU:
      return eluRow<T>(n, out, a);
    case RSQRT:
      return rsqrtRow<T>(n, out, a);
  }
}

/** Walks the rows of the index space in pieces; a row with a stride goes to where its result will lie first. */
export function unary<T>(op: i32, ndim: i32, meta: usize, out: usize, a: usize): void {
  const outer = ndim - 1;
  const n = extent(meta, outer), sa = stride(meta, ndim, 0, outer);
  rewind(meta, ndim, outer);
  do {
    let p = a + <usize>offset(meta, ndim, outer, 0) * sizeof<T>();
    for (let i = 0; i < n; i += PIECE) {
      const count = min(PIECE, n - i);
      if (sa == 1) {
        piece<T>(op, count, out, p);
      } else {
        gather<T>(count, out, p, sa);
        piece<T>(op, count, out, out);
      }
      p += <usize>(count * sa) * sizeof<T>();
      out += <usize>count * sizeof<T>();
    }
  } while (advance(meta, ndim, outer) >= 0);
}
