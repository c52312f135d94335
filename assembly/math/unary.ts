// out := f(a), element by element. The output is dense; the operand may have any strides.
import { advance, extent, offset, rewind, stride } from '../array/descriptor';
import {
  ACOS, ASIN, ATAN, COS, COSH, ELU, ERF, EXP, EXPM1, GELU, LOG, LOG1P, RSQRT, SIGMOID, SILU, SIN, SINH, SOFTPLUS, TAN, TANH,
} from './functions';

/** erfc(x) for x >= 0 by its series or its continued fraction. */
function erfcTail(x: f64): f64 {
  let f = 0.0;
  for (let k = 120; k > 0; k--) f = (<f64>k * 0.5) / (x + f);
  return Math.exp(-x * x) / (1.7724538509055160273 * (x + f));
}

function erfSeries(x: f64): f64 {
  let term = x, sum = x;
  for (let k = 1; k < 80; k++) {
    term *= (2.0 * x * x) / <f64>(2 * k + 1);
    sum += term;
  }
  return 1.1283791670955125739 * Math.exp(-x * x) * sum;
}

function erf(x: f64): f64 {
  const a = Math.abs(x);
  if (a < 2.5) return erfSeries(x);
  if (a > 6.0) return x > 0.0 ? 1.0 : -1.0;
  return x != x ? x : Math.sign(x) * (1.0 - erfcTail(a));
}

function phi(x: f64): f64 {
  const a = Math.abs(x) * 0.70710678118654752440;
  if (a < 1.0) return 0.5 + 0.5 * erf(x * 0.70710678118654752440);
  const q = 0.5 * (a > 40.0 ? 0.0 : erfcTail(a));
  return x > 0.0 ? 1.0 - q : q;
}

function scalar(op: i32, x: f64): f64 {
  switch (op) {
    case EXP: return Math.exp(x);
    case EXPM1: return Math.expm1(x);
    case LOG: return Math.log(x);
    case LOG1P: return Math.log1p(x);
    case SIN: return Math.sin(x);
    case COS: return Math.cos(x);
    case TAN: return Math.tan(x);
    case ASIN: return Math.asin(x);
    case ACOS: return Math.acos(x);
    case ATAN: return Math.atan(x);
    case SINH: return Math.sinh(x);
    case COSH: return Math.cosh(x);
    case TANH: return Math.tanh(x);
    case ERF: return erf(x);
    case SIGMOID: return x < 0.0 ? Math.exp(x) / (1.0 + Math.exp(x)) : 1.0 / (1.0 + Math.exp(-x));
    case SOFTPLUS: return x != x ? x : Math.max(x, 0.0) + Math.log1p(Math.exp(-Math.abs(x)));
    case SILU: return x < -800.0 ? -0.0 : x / (1.0 + Math.exp(-x));
    case GELU: return x < -50.0 ? -0.0 : x * phi(x);
    case ELU: return x > 0.0 ? x : Math.expm1(x);
    case RSQRT: return 1.0 / Math.sqrt(x);
    default: return x;
  }
}

/** Walks the rows of the index space. */
export function unary<T>(op: i32, ndim: i32, meta: usize, out: usize, a: usize): void {
  const outer = ndim - 1;
  const n = extent(meta, outer), step = <usize>stride(meta, ndim, 0, outer) * sizeof<T>();
  rewind(meta, ndim, outer);
  do {
    let p = a + <usize>offset(meta, ndim, outer, 0) * sizeof<T>();
    for (let i = 0; i < n; i++) {
      store<T>(out, <T>scalar(op, <f64>load<T>(p)));
      p += step;
      out += sizeof<T>();
    }
  } while (advance(meta, ndim, outer) >= 0);
}
