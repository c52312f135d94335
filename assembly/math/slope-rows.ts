// Rows of the functions in slopes.ts: dense, two elements at a time; the last may be alone.
import {
  SIGMOID_SLOPE, TANH_SLOPE, SILU_SLOPE, GELU_SLOPE, NORMAL_DENSITY, ERF_SLOPE, ASIN_SLOPE, ATAN_SLOPE, ELU_SLOPE, EXP_REST, SOFTSIGN,
} from './functions';
import { put, step, take } from './rows';
import {
  asinSlope, atanSlope, eluSlope, erfSlope, expRest, geluSlope, normalDensity, sigmoidSlope, siluSlope, softsign, tanhSlope,
} from './slopes';

function sigmoidSlopeRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, sigmoidSlope<T>(take<T>(n, a)));
}
function tanhSlopeRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, tanhSlope<T>(take<T>(n, a)));
}
function siluSlopeRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, siluSlope<T>(take<T>(n, a)));
}
function geluSlopeRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, geluSlope<T>(take<T>(n, a)));
}
function normalDensityRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, normalDensity<T>(take<T>(n, a)));
}
function erfSlopeRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, erfSlope<T>(take<T>(n, a)));
}
function asinSlopeRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, asinSlope(take<T>(n, a)));
}
function atanSlopeRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, atanSlope<T>(take<T>(n, a)));
}
function eluSlopeRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, eluSlope<T>(take<T>(n, a)));
}
function expRestRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, expRest<T>(take<T>(n, a)));
}
function softsignRow<T>(n: i32, out: usize, a: usize): void {
  for (; n > 0; n -= 2, out += step<T>(), a += step<T>()) put<T>(n, out, softsign(take<T>(n, a)));
}

/** n contiguous elements. */
export function slopes<T>(op: i32, n: i32, out: usize, a: usize): void {
  switch (op) {
    case SIGMOID_SLOPE:
      return sigmoidSlopeRow<T>(n, out, a);
    case TANH_SLOPE:
      return tanhSlopeRow<T>(n, out, a);
    case SILU_SLOPE:
      return siluSlopeRow<T>(n, out, a);
    case GELU_SLOPE:
      return geluSlopeRow<T>(n, out, a);
    case NORMAL_DENSITY:
      return normalDensityRow<T>(n, out, a);
    case ERF_SLOPE:
      return erfSlopeRow<T>(n, out, a);
    case ASIN_SLOPE:
      return asinSlopeRow<T>(n, out, a);
    case ATAN_SLOPE:
      return atanSlopeRow<T>(n, out, a);
    case ELU_SLOPE:
      return eluSlopeRow<T>(n, out, a);
    case EXP_REST:
      return expRestRow<T>(n, out, a);
    case SOFTSIGN:
      return softsignRow<T>(n, out, a);
  }
}
