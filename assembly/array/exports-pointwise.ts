// Elementwise kernels that choose and compare, as they leave the module `pointwise`: one name per element type.
import { compare, EQUAL, GREATER, GREATER_EQUAL, NOT_EQUAL } from './compare';
import { extremum, MAXIMUM, MINIMUM, SHARE } from './extrema';
import { clip, where } from './select';
import { ABS, RELU, SIGN, SQRT, SQUARE, unary } from './unary';

export function abs_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(ABS, ndim, meta, out, a);
}
export function abs_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(ABS, ndim, meta, out, a);
}
export function abs_i32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<i32>(ABS, ndim, meta, out, a);
}
export function sign_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SIGN, ndim, meta, out, a);
}
export function sign_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SIGN, ndim, meta, out, a);
}
export function sign_i32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<i32>(SIGN, ndim, meta, out, a);
}
export function square_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SQUARE, ndim, meta, out, a);
}
export function square_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SQUARE, ndim, meta, out, a);
}
export function square_i32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<i32>(SQUARE, ndim, meta, out, a);
}
export function relu_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(RELU, ndim, meta, out, a);
}
export function relu_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(RELU, ndim, meta, out, a);
}
export function relu_i32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<i32>(RELU, ndim, meta, out, a);
}
export function sqrt_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f64>(SQRT, ndim, meta, out, a);
}
export function sqrt_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  unary<f32>(SQRT, ndim, meta, out, a);
}

export function maximum_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  extremum<f64>(MAXIMUM, ndim, meta, out, a, b);
}
export function maximum_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  extremum<f32>(MAXIMUM, ndim, meta, out, a, b);
}
export function maximum_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  extremum<i32>(MAXIMUM, ndim, meta, out, a, b);
}
export function minimum_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  extremum<f64>(MINIMUM, ndim, meta, out, a, b);
}
export function minimum_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  extremum<f32>(MINIMUM, ndim, meta, out, a, b);
}
export function minimum_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  extremum<i32>(MINIMUM, ndim, meta, out, a, b);
}
export function share_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  extremum<f64>(SHARE, ndim, meta, out, a, b);
}
export function share_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  extremum<f32>(SHARE, ndim, meta, out, a, b);
}

export function equal_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f64>(EQUAL, ndim, meta, out, a, 0, b, 1);
}
export function equal_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f32>(EQUAL, ndim, meta, out, a, 0, b, 1);
}
export function equal_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<i32>(EQUAL, ndim, meta, out, a, 0, b, 1);
}
export function notEqual_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f64>(NOT_EQUAL, ndim, meta, out, a, 0, b, 1);
}
export function notEqual_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f32>(NOT_EQUAL, ndim, meta, out, a, 0, b, 1);
}
export function notEqual_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<i32>(NOT_EQUAL, ndim, meta, out, a, 0, b, 1);
}
export function greater_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f64>(GREATER, ndim, meta, out, a, 0, b, 1);
}
export function greater_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f32>(GREATER, ndim, meta, out, a, 0, b, 1);
}
export function greater_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<i32>(GREATER, ndim, meta, out, a, 0, b, 1);
}
export function greaterEqual_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f64>(GREATER_EQUAL, ndim, meta, out, a, 0, b, 1);
}
export function greaterEqual_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f32>(GREATER_EQUAL, ndim, meta, out, a, 0, b, 1);
}
export function greaterEqual_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<i32>(GREATER_EQUAL, ndim, meta, out, a, 0, b, 1);
}
export function less_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f64>(GREATER, ndim, meta, out, b, 1, a, 0);
}
export function less_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f32>(GREATER, ndim, meta, out, b, 1, a, 0);
}
export function less_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<i32>(GREATER, ndim, meta, out, b, 1, a, 0);
}
export function lessEqual_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f64>(GREATER_EQUAL, ndim, meta, out, b, 1, a, 0);
}
export function lessEqual_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<f32>(GREATER_EQUAL, ndim, meta, out, b, 1, a, 0);
}
export function lessEqual_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  compare<i32>(GREATER_EQUAL, ndim, meta, out, b, 1, a, 0);
}
export function isNaN_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  compare<f64>(NOT_EQUAL, ndim, meta, out, a, 0, a, 0);
}
export function isNaN_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  compare<f32>(NOT_EQUAL, ndim, meta, out, a, 0, a, 0);
}
export function isNaN_i32(ndim: i32, meta: usize, out: usize, a: usize): void {
  compare<i32>(NOT_EQUAL, ndim, meta, out, a, 0, a, 0);
}

export function where_f64(ndim: i32, meta: usize, out: usize, c: usize, a: usize, b: usize): void {
  where<f64>(ndim, meta, out, c, a, b);
}
export function where_f32(ndim: i32, meta: usize, out: usize, c: usize, a: usize, b: usize): void {
  where<f32>(ndim, meta, out, c, a, b);
}
export function where_i32(ndim: i32, meta: usize, out: usize, c: usize, a: usize, b: usize): void {
  where<i32>(ndim, meta, out, c, a, b);
}
export function clip_f64(ndim: i32, meta: usize, out: usize, x: usize, lo: usize, hi: usize): void {
  clip<f64>(ndim, meta, out, x, lo, hi);
}
export function clip_f32(ndim: i32, meta: usize, out: usize, x: usize, lo: usize, hi: usize): void {
  clip<f32>(ndim, meta, out, x, lo, hi);
}
export function clip_i32(ndim: i32, meta: usize, out: usize, x: usize, lo: usize, hi: usize): void {
  clip<i32>(ndim, meta, out, x, lo, hi);
}
