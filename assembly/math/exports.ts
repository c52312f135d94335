// The elementwise functions as they leave the module: one name per element type.
import { binary } from './binary';
import {
  ACOS,
  ASIN,
  ATAN,
  ATAN2,
  COS,
  COSH,
  ELU,
  ERF,
  EXP,
  EXPM1,
  GELU,
  LOG,
  LOG1P,
  POW,
  RSQRT,
  SIGMOID,
  SILU,
  SIN,
  SINH,
  SOFTPLUS,
  TAN,
  TANH,
} from './functions';
import { unary } from './unary';

export function exp_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(EXP, ndim, meta, out, a);
}
export function exp_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(EXP, ndim, meta, out, a);
}
export function expm1_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(EXPM1, ndim, meta, out, a);
}
export function expm1_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(EXPM1, ndim, meta, out, a);
}
export function log_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(LOG, ndim, meta, out, a);
}
export function log_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(LOG, ndim, meta, out, a);
}
export function log1p_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(LOG1P, ndim, meta, out, a);
}
export function log1p_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(LOG1P, ndim, meta, out, a);
}
export function sin_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SIN, ndim, meta, out, a);
}
export function sin_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SIN, ndim, meta, out, a);
}
export function cos_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(COS, ndim, meta, out, a);
}
export function cos_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(COS, ndim, meta, out, a);
}
export function tan_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(TAN, ndim, meta, out, a);
}
export function tan_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(TAN, ndim, meta, out, a);
}
export function asin_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ASIN, ndim, meta, out, a);
}
export function asin_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ASIN, ndim, meta, out, a);
}
export function acos_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ACOS, ndim, meta, out, a);
}
export function acos_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ACOS, ndim, meta, out, a);
}
export function atan_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ATAN, ndim, meta, out, a);
}
export function atan_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ATAN, ndim, meta, out, a);
}
export function sinh_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SINH, ndim, meta, out, a);
}
export function sinh_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SINH, ndim, meta, out, a);
}
export function cosh_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(COSH, ndim, meta, out, a);
}
export function cosh_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(COSH, ndim, meta, out, a);
}
export function tanh_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(TANH, ndim, meta, out, a);
}
export function tanh_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(TANH, ndim, meta, out, a);
}
export function erf_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ERF, ndim, meta, out, a);
}
export function erf_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ERF, ndim, meta, out, a);
}
export function sigmoid_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SIGMOID, ndim, meta, out, a);
}
export function sigmoid_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SIGMOID, ndim, meta, out, a);
}
export function softplus_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SOFTPLUS, ndim, meta, out, a);
}
export function softplus_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SOFTPLUS, ndim, meta, out, a);
}
export function silu_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SILU, ndim, meta, out, a);
}
export function silu_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SILU, ndim, meta, out, a);
}
export function gelu_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(GELU, ndim, meta, out, a);
}
export function gelu_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(GELU, ndim, meta, out, a);
}
export function elu_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ELU, ndim, meta, out, a);
}
export function elu_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ELU, ndim, meta, out, a);
}
export function rsqrt_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(RSQRT, ndim, meta, out, a);
}
export function rsqrt_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(RSQRT, ndim, meta, out, a);
}
export function pow_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  binary<f64>(POW, ndim, meta, out, a, b);
}
export function pow_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  binary<f32>(POW, ndim, meta, out, a, b);
}
export function atan2_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  binary<f64>(ATAN2, ndim, meta, out, a, b);
}
export function atan2_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  binary<f32>(ATAN2, ndim, meta, out, a, b);
}
