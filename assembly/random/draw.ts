// Uniform and normal numbers of the counters `first` … `first + n - 1` under the key (k0, k1), four at a time. Nothing is fused: both
// builds give the same bits.
import { centre, tail } from './quantile';
import { highWords, lowWords, turn } from './threefry';

export const UNIFORM: i32 = 0;
export const NORMAL: i32 = 1;

/** Numbers per call of the inner function, which the engine gets to replace by its optimized form. */
const PIECE: i32 = 4096;

/** A multiple of 2^-53 in [0, 1) of 27 and 26 bits. */
// @ts-ignore: decorator
@inline
function unit53(high: v128, low: v128): v128 {
  const sum = f64x2.add(
    f64x2.mul(f64x2.convert_low_i32x4_u(high), f64x2.splat(67108864.0)),
    f64x2.convert_low_i32x4_u(low),
  );
  return f64x2.mul(sum, f64x2.splat(1.1102230246251565e-16));
}

/** The normal number of a uniform one. The largest of them, for which p would be rounded to 1, has the quantile of 1 - 2^-53. */
// @ts-ignore: decorator
@inline
function quantile(u: v128): v128 {
  const p = f64x2.pmin(f64x2.add(u, f64x2.splat(5.551115123125783e-17)), f64x2.splat(0.9999999999999999));
  const q = f64x2.sub(p, f64x2.splat(0.5));
  let z = centre(q);
  const far = i64x2.bitmask(f64x2.gt(f64x2.abs(q), f64x2.splat(0.425)));
  if (far & 1) z = f64x2.replace_lane(z, 0, tail(f64x2.extract_lane(p, 0), f64x2.extract_lane(q, 0)));
  if (far & 2) z = f64x2.replace_lane(z, 1, tail(f64x2.extract_lane(p, 1), f64x2.extract_lane(q, 1)));
  return z;
}

/** The first `n` of two doubles. */
// @ts-ignore: decorator
@inline
function putPair(n: i32, out: usize, y: v128): void {
  if (n > 1) v128.store(out, y);
  else if (n == 1) v128.store64_lane(out, y, 0);
}

/** At most PIECE numbers: scale (a + b u), cut to [least, most], or a + b z. */
// @ts-ignore: decorator
@inline
function piece<T>(
  kind: i32, n: i32, out: usize, k0: i32, k1: i32, count: i64, a: f64, b: f64, scale: f64, least: T, most: T,
): void {
  const ka = i32x4.splat(k0), kb = i32x4.splat(k1), kc = i32x4.splat(k0 ^ k1 ^ 0x1bd11bda);
  const kc1 = i32x4.splat((k0 ^ k1 ^ 0x1bd11bda) + 1), ka2 = i32x4.splat(k0 + 2), kb3 = i32x4.splat(k1 + 3);
  const from = f64x2.splat(a), by = f64x2.splat(b), unit = f64x2.splat(scale);
  const low = v128.splat<T>(least), high = v128.splat<T>(most);
  for (; n > 0; n -= 4) {
    let x = i32x4.add(highWords(count), ka), y = i32x4.add(lowWords(count), kb);
    count += 4;
    x = i32x4.add(x, y), y = v128.xor(turn(y, 13), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 15), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 26), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 6), x);
    x = i32x4.add(x, kb), y = i32x4.add(y, kc1);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 17), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 29), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 16), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 24), x);
    x = i32x4.add(x, kc), y = i32x4.add(y, ka2);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 13), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 15), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 26), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 6), x);
    x = i32x4.add(x, ka), y = i32x4.add(y, kb3);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 17), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 29), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 16), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 24), x);
    x = i32x4.add(x, kb), y = i32x4.add(y, i32x4.add(kc1, i32x4.splat(3)));
    x = i32x4.add(x, y), y = v128.xor(turn(y, 13), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 15), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 26), x);
    x = i32x4.add(x, y), y = v128.xor(turn(y, 6), x);
    x = i32x4.add(x, kc), y = i32x4.add(y, i32x4.add(ka2, i32x4.splat(3)));

    let first: v128, second: v128;
    if (kind == UNIFORM && sizeof<T>() == 4) {
      const bits = i32x4.shr_u(x, 8);
      const step = f64x2.splat(5.960464477539063e-8);
      first = f64x2.mul(f64x2.convert_low_i32x4_u(bits), step);
      second = f64x2.mul(f64x2.convert_low_i32x4_u(i32x4.shuffle(bits, bits, 2, 3, 2, 3)), step);
    } else {
      x = i32x4.shr_u(x, 5), y = i32x4.shr_u(y, 6);
      first = unit53(x, y);
      second = unit53(i32x4.shuffle(x, x, 2, 3, 2, 3), i32x4.shuffle(y, y, 2, 3, 2, 3));
    }
    if (kind == NORMAL) {
      first = quantile(first);
      second = quantile(second);
    }
    first = f64x2.add(from, f64x2.mul(by, first));
    second = f64x2.add(from, f64x2.mul(by, second));
    if (kind == UNIFORM) {
      first = f64x2.mul(unit, first);
      second = f64x2.mul(unit, second);
    }
    if (sizeof<T>() == 8) {
      if (kind == UNIFORM) {
        first = f64x2.pmax(f64x2.pmin(first, high), low);
        second = f64x2.pmax(f64x2.pmin(second, high), low);
      }
      putPair(n, out, first);
      putPair(n - 2, out + 16, second);
      out += 32;
    } else {
      let all = i64x2.shuffle(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2);
      if (kind == UNIFORM) all = f32x4.pmax(f32x4.pmin(all, high), low);
      if (n >= 4) v128.store(out, all);
      else {
        v128.store32_lane(out, all, 0);
        if (n > 1) v128.store32_lane(out + 4, all, 1);
        if (n > 2) v128.store32_lane(out + 8, all, 2);
      }
      out += 16;
    }
  }
}

function uniformPiece<T>(n: i32, out: usize, k0: i32, k1: i32, count: i64, low: f64, span: f64, scale: f64, least: T, most: T): void {
  piece<T>(UNIFORM, n, out, k0, k1, count, low, span, scale, least, most);
}

function normalPiece<T>(n: i32, out: usize, k0: i32, k1: i32, count: i64, mean: f64, std: f64): void {
  piece<T>(NORMAL, n, out, k0, k1, count, mean, std, 1, 0, 0);
}

/** out := scale (low + span u), rounded to the type and cut to [least, most]; u of 53 bits, in f32 of 24. */
export function uniform<T>(n: i32, out: usize, k0: i32, k1: i32, first: f64, low: f64, span: f64, scale: f64, least: T, most: T): void {
  const count = <i64>first;
  for (let i = 0; i < n; i += PIECE) {
    uniformPiece<T>(min(PIECE, n - i), out + <usize>i * sizeof<T>(), k0, k1, count + i, low, span, scale, least, most);
  }
}

/** out := mean + std z, rounded to the type; z the normal quantile of a uniform number of 53 bits. */
export function normal<T>(n: i32, out: usize, k0: i32, k1: i32, first: f64, mean: f64, std: f64): void {
  const count = <i64>first;
  for (let i = 0; i < n; i += PIECE) {
    normalPiece<T>(min(PIECE, n - i), out + <usize>i * sizeof<T>(), k0, k1, count + i, mean, std);
  }
}
