// The array kernels as they leave the module: one name per element type.
import { DIV_ALONG, MUL_ALONG, MUL_ZERO } from './along';
import { ADD, arithmetic, DIV, MUL, NEG, SUB } from './arithmetic';
import { cast } from './cast';
import { chain } from './chain';
import { copy } from './copy';
import { sum, sumWorkspace } from './sum';

export function add_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f64>(ADD, ndim, meta, out, a, b);
}
export function add_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f32>(ADD, ndim, meta, out, a, b);
}
export function add_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<i32>(ADD, ndim, meta, out, a, b);
}
export function sub_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f64>(SUB, ndim, meta, out, a, b);
}
export function sub_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f32>(SUB, ndim, meta, out, a, b);
}
export function sub_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<i32>(SUB, ndim, meta, out, a, b);
}
export function mul_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f64>(MUL, ndim, meta, out, a, b);
}
export function mul_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f32>(MUL, ndim, meta, out, a, b);
}
export function mul_i32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<i32>(MUL, ndim, meta, out, a, b);
}
export function div_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f64>(DIV, ndim, meta, out, a, b);
}
export function div_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f32>(DIV, ndim, meta, out, a, b);
}
/** a b, but 0 where a is 0 and that is NaN. */
export function mulAlong_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f64>(MUL_ALONG, ndim, meta, out, a, b);
}
/** a b, but 0 where a is 0 and that is NaN. */
export function mulAlong_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f32>(MUL_ALONG, ndim, meta, out, a, b);
}
/** a / b, but 0 where a is 0 and that is NaN. */
export function divAlong_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f64>(DIV_ALONG, ndim, meta, out, a, b);
}
/** a / b, but 0 where a is 0 and that is NaN. */
export function divAlong_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f32>(DIV_ALONG, ndim, meta, out, a, b);
}
/** a b, but 0 where either is 0 and that is NaN. */
export function mulZero_f64(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f64>(MUL_ZERO, ndim, meta, out, a, b);
}
/** a b, but 0 where either is 0 and that is NaN. */
export function mulZero_f32(ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  arithmetic<f32>(MUL_ZERO, ndim, meta, out, a, b);
}
export function neg_f64(ndim: i32, meta: usize, out: usize, a: usize): void {
  arithmetic<f64>(NEG, ndim, meta, out, a, a);
}
export function neg_f32(ndim: i32, meta: usize, out: usize, a: usize): void {
  arithmetic<f32>(NEG, ndim, meta, out, a, a);
}
export function neg_i32(ndim: i32, meta: usize, out: usize, a: usize): void {
  arithmetic<i32>(NEG, ndim, meta, out, a, a);
}

/** Copies 4-byte elements between two layouts. */
export function copy_32(ndim: i32, meta: usize, out: usize, a: usize): void {
  copy<f32>(ndim, meta, out, a);
}
/** Copies 8-byte elements between two layouts. */
export function copy_64(ndim: i32, meta: usize, out: usize, a: usize): void {
  copy<f64>(ndim, meta, out, a);
}

export function sum_f64(outer: i32, n: i32, inner: i32, out: usize, a: usize, work: usize): void {
  sum<f64>(outer, n, inner, out, a, work);
}
export function sum_f32(outer: i32, n: i32, inner: i32, out: usize, a: usize, work: usize): void {
  sum<f32>(outer, n, inner, out, a, work);
}
export function sum_i32(outer: i32, n: i32, inner: i32, out: usize, a: usize, work: usize): void {
  sum<i32>(outer, n, inner, out, a, work);
}
/** Bytes of workspace for a sum over n elements. */
export function sum_work(n: i32): usize {
  return sumWorkspace(n);
}

export function cast_f64_f32(n: i32, out: usize, a: usize): void {
  cast<f64, f32>(n, out, a);
}
export function cast_f64_i32(n: i32, out: usize, a: usize): void {
  cast<f64, i32>(n, out, a);
}
export function cast_f32_f64(n: i32, out: usize, a: usize): void {
  cast<f32, f64>(n, out, a);
}
export function cast_f32_i32(n: i32, out: usize, a: usize): void {
  cast<f32, i32>(n, out, a);
}
export function cast_i32_f64(n: i32, out: usize, a: usize): void {
  cast<i32, f64>(n, out, a);
}
export function cast_i32_f32(n: i32, out: usize, a: usize): void {
  cast<i32, f32>(n, out, a);
}
export function chain_f64(rows: i32, n: i32, out: usize, count: i32, code: usize): void {
  chain<f64>(rows, n, out, count, code);
}
export function chain_f32(rows: i32, n: i32, out: usize, count: i32, code: usize): void {
  chain<f32>(rows, n, out, count, code);
}
