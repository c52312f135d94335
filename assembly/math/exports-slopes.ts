// Derivatives of elementwise functions as they leave the module: one name per element type.
import { binary } from './binary';
import {
  ASIN_SLOPE,
  ATAN2_SLOPE,
  ATAN_SLOPE,
  ELU_SLOPE,
  ERF_SLOPE,
  EXP_DIFFERENCE,
  EXP_REST,
  GELU_SLOPE,
  NORMAL_DENSITY,
  SIGMOID_SLOPE,
  SILU_SLOPE,
  SOFTSIGN,
  TANH_SLOPE,
} from './functions';
import { ternary } from './ternary';
import { unary } from './unary';

/** The derivative of sigmoid. */
export function sigmoidSlope_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SIGMOID_SLOPE, ndim, meta, out, a);
}
/** The derivative of sigmoid. */
export function sigmoidSlope_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SIGMOID_SLOPE, ndim, meta, out, a);
}
/** The derivative of tanh. */
export function tanhSlope_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(TANH_SLOPE, ndim, meta, out, a);
}
/** The derivative of tanh. */
export function tanhSlope_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(TANH_SLOPE, ndim, meta, out, a);
}
/** The derivative of silu. */
export function siluSlope_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SILU_SLOPE, ndim, meta, out, a);
}
/** The derivative of silu. */
export function siluSlope_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SILU_SLOPE, ndim, meta, out, a);
}
/** The derivative of gelu. */
export function geluSlope_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(GELU_SLOPE, ndim, meta, out, a);
}
/** The derivative of gelu. */
export function geluSlope_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(GELU_SLOPE, ndim, meta, out, a);
}
/** e^(-a² / 2) / √(2π). */
export function normalDensity_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(NORMAL_DENSITY, ndim, meta, out, a);
}
/** e^(-a² / 2) / √(2π). */
export function normalDensity_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(NORMAL_DENSITY, ndim, meta, out, a);
}
/** The derivative of erf. */
export function erfSlope_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ERF_SLOPE, ndim, meta, out, a);
}
/** The derivative of erf. */
export function erfSlope_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ERF_SLOPE, ndim, meta, out, a);
}
/** (1 - a²)^-½, the derivative of asin. */
export function asinSlope_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ASIN_SLOPE, ndim, meta, out, a);
}
/** (1 - a²)^-½, the derivative of asin. */
export function asinSlope_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ASIN_SLOPE, ndim, meta, out, a);
}
/** 1 / (1 + a²), the derivative of atan. */
export function atanSlope_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ATAN_SLOPE, ndim, meta, out, a);
}
/** 1 / (1 + a²), the derivative of atan. */
export function atanSlope_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ATAN_SLOPE, ndim, meta, out, a);
}
/** The derivative of elu. */
export function eluSlope_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ELU_SLOPE, ndim, meta, out, a);
}
/** The derivative of elu. */
export function eluSlope_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ELU_SLOPE, ndim, meta, out, a);
}
/** e^a - 1 - a. */
export function expRest_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(EXP_REST, ndim, meta, out, a);
}
/** e^a - 1 - a. */
export function expRest_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(EXP_REST, ndim, meta, out, a);
}
/** a / (1 + |a|). */
export function softsign_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SOFTSIGN, ndim, meta, out, a);
}
/** a / (1 + |a|). */
export function softsign_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SOFTSIGN, ndim, meta, out, a);
}
/** e^(a - b); 0 where a is -Infinity, 1 where both are Infinity. */
export function expDifference_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  binary<f64>(EXP_DIFFERENCE, ndim, meta, out, a, b);
}
/** e^(a - b); 0 where a is -Infinity, 1 where both are Infinity. */
export function expDifference_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  binary<f32>(EXP_DIFFERENCE, ndim, meta, out, a, b);
}
/** b / (a² + b²), the derivative of atan2(a, b) in a; 0 where either is infinite. */
export function atan2Slope_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  binary<f64>(ATAN2_SLOPE, ndim, meta, out, a, b);
}
/** b / (a² + b²), the derivative of atan2(a, b) in a; 0 where either is infinite. */
export function atan2Slope_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  binary<f32>(ATAN2_SLOPE, ndim, meta, out, a, b);
}
/** a^(b + c), where the sum keeps what its rounding loses. */
export function powSum_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize, c: usize): void {
  ternary<f64>(ndim, meta, out, a, b, c);
}
/** a^(b + c), where the sum keeps what its rounding loses. */
export function powSum_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize, c: usize): void {
  ternary<f32>(ndim, meta, out, a, b, c);
}
