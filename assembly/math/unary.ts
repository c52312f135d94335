// out := f(a), element by element. The output is dense; the operand may have any strides. One row function per operation.
import { advance, extent, offset, rewind, stride } from '../array/descriptor';
import { ONE } from './constants';
import { erf } from './error-function';
import { elu, exp, expm1, gelu, hyperbolic, logistic, silu, softplus, tanh } from './exponential';
import {
  ACOS, ASIN, ATAN, COS, COSH, ELU, ERF, EXP, EXPM1, GELU, LOG, LOG1P, RSQRT, SIGMOID, SILU, SIN, SINH, SOFTPLUS, TAN, TANH,
} from './functions';
import { arc, atan } from './inverse';
import { logarithm } from './logarithm';
import { gather, PIECE, put, step, take } from './rows';
import { slopes } from './slope-rows';
import { trigonometric } from './trigonometric';
import { at } from './vector';

/** Rounded twice: error below 1.5 ULP. */
// @ts-ignore: decorator
@inline
function rsqrt(x: v128): v128 {
  return f64x2.div(at(ONE), f64x2.sqrt(x));
}

// Dense rows, two elements at a time; the last may be alone.
function expRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, exp<T>(take<T>(n, a)));
}
function expm1Row<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, expm1<T>(take<T>(n, a)));
}
function logRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, logarithm<T>(LOG, take<T>(n, a)));
}
function log1pRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, logarithm<T>(LOG1P, take<T>(n, a)));
}
function sinRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, trigonometric<T>(SIN, take<T>(n, a)));
}
function cosRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, trigonometric<T>(COS, take<T>(n, a)));
}
function tanRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, trigonometric<T>(TAN, take<T>(n, a)));
}
function asinRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, arc<T>(ASIN, take<T>(n, a)));
}
function acosRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, arc<T>(ACOS, take<T>(n, a)));
}
function atanRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, atan<T>(take<T>(n, a)));
}
function sinhRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, hyperbolic<T>(SINH, take<T>(n, a)));
}
function coshRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, hyperbolic<T>(COSH, take<T>(n, a)));
}
function tanhRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, tanh<T>(take<T>(n, a)));
}
function erfRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, erf<T>(take<T>(n, a)));
}
function sigmoidRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, logistic<T>(at(ONE), take<T>(n, a)));
}
function softplusRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, softplus<T>(take<T>(n, a)));
}
function siluRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, silu<T>(take<T>(n, a)));
}
function geluRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, gelu<T>(take<T>(n, a)));
}
function eluRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, elu<T>(take<T>(n, a)));
}
function rsqrtRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, rsqrt(take<T>(n, a)));
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
    default:
      return slopes<T>(op, n, out, a);
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
