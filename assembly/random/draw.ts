// Uniform and normal numbers of the counters `first` … `first + n - 1` under the key (k0, k1), eight at a time. Nothing is fused: both
// builds give the same bits.
import { centre, tails } from './quantile';
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
    f64x2.mul(f64x2.convert_low_i32x4_s(high), f64x2.splat(67108864.0)),
    f64x2.convert_low_i32x4_s(low),
  );
  return f64x2.mul(sum, f64x2.splat(1.1102230246251565e-16));
}

/** The p whose quantile is the normal number of a uniform one. The largest of them, whose p would be rounded to 1, has 1 - 2^-53. */
// @ts-ignore: decorator
@inline
function probability(u: v128): v128 {
  return f64x2.pmin(f64x2.add(u, f64x2.splat(5.551115123125783e-17)), f64x2.splat(0.9999999999999999));
}

/** The first `n` of two doubles. */
// @ts-ignore: decorator
@inline
function putPair(n: i32, out: usize, y: v128): void {
  if (n > 1) v128.store(out, y);
  else if (n == 1) v128.store64_lane(out, y, 0);
}

/** The quantiles of two p, and whether the second one is wanted, as numbers mean + std z at two addresses. */
// @ts-ignore: decorator
@inline
function putTails<T>(p: v128, mean: f64, std: f64, to: usize, second: usize): void {
  const z = f64x2.add(f64x2.splat(mean), f64x2.mul(f64x2.splat(std), tails(p)));
  if (sizeof<T>() == 8) {
    v128.store64_lane(to, z, 0);
    if (second) v128.store64_lane(second, z, 1);
  } else {
    const narrow = f32x4.demote_f64x2_zero(z);
    v128.store32_lane(to, narrow, 0);
    if (second) v128.store32_lane(second, narrow, 1);
  }
}

/** The first of a pair of tails: its p, and the address of the number; 0 if there is none. */
let held: f64 = 0;
let waiting: usize = 0;

/** The number at `at` has a p in a tail. Tails are computed in pairs. */
function addTail<T>(p: f64, at: usize, mean: f64, std: f64): void {
  if (waiting) putTails<T>(f64x2.replace_lane(f64x2.splat(p), 0, held), mean, std, waiting, at);
  held = p;
  waiting = waiting ? 0 : at;
}

/** At most four numbers of the words x and y: scale (a + b u), cut to [least, most], or a + b z. */
// @ts-ignore: decorator
@inline
function put<T>(
  kind: i32, n: i32, out: usize, x: v128, y: v128, a: f64, b: f64, scale: f64, least: T, most: T,
): void {
  const from = f64x2.splat(a), by = f64x2.splat(b);
  let first: v128, second: v128, p0 = x, p1 = y, far = 0;
  if (kind == UNIFORM && sizeof<T>() == 4) {
    const bits = i32x4.shr_u(x, 8);
    const step = f64x2.splat(5.960464477539063e-8);
    first = f64x2.mul(f64x2.convert_low_i32x4_u(bits), step);
    second = f64x2.mul(f64x2.convert_low_i32x4_u(i32x4.shuffle(bits, bits, 2, 3, 2, 3)), step);
  } else {
    const high = i32x4.shr_u(x, 5), low = i32x4.shr_u(y, 6);
    first = unit53(high, low);
    second = unit53(i32x4.shuffle(high, high, 2, 3, 2, 3), i32x4.shuffle(low, low, 2, 3, 2, 3));
  }
  if (kind == NORMAL) {
    p0 = probability(first), p1 = probability(second);
    const q0 = f64x2.sub(p0, f64x2.splat(0.5)), q1 = f64x2.sub(p1, f64x2.splat(0.5));
    const limit = f64x2.splat(0.425);
    far = i64x2.bitmask(f64x2.gt(f64x2.abs(q0), limit)) | (i64x2.bitmask(f64x2.gt(f64x2.abs(q1), limit)) << 2);
    if (n < 4) far &= (1 << n) - 1;
    first = centre(q0), second = centre(q1);
  }
  first = f64x2.add(from, f64x2.mul(by, first));
  second = f64x2.add(from, f64x2.mul(by, second));
  if (kind == UNIFORM) {
    const unit = f64x2.splat(scale);
    first = f64x2.mul(unit, first);
    second = f64x2.mul(unit, second);
  }
  if (sizeof<T>() == 8) {
    if (kind == UNIFORM) {
      first = f64x2.pmax(f64x2.pmin(first, v128.splat<T>(most)), v128.splat<T>(least));
      second = f64x2.pmax(f64x2.pmin(second, v128.splat<T>(most)), v128.splat<T>(least));
    }
    if (n >= 4) {
      v128.store(out, first);
      v128.store(out, second, 16);
    } else {
      putPair(n, out, first);
      putPair(n - 2, out + 16, second);
    }
  } else {
    let all = i64x2.shuffle(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2);
    if (kind == UNIFORM) all = f32x4.pmax(f32x4.pmin(all, v128.splat<T>(most)), v128.splat<T>(least));
    if (n >= 4) v128.store(out, all);
    else {
      v128.store32_lane(out, all, 0);
      if (n > 1) v128.store32_lane(out + 4, all, 1);
      if (n > 2) v128.store32_lane(out + 8, all, 2);
    }
  }
  if (kind == NORMAL && far) {
    if (far & 1) addTail<T>(f64x2.extract_lane(p0, 0), out, a, b);
    if (far & 2) addTail<T>(f64x2.extract_lane(p0, 1), out + sizeof<T>(), a, b);
    if (far & 4) addTail<T>(f64x2.extract_lane(p1, 0), out + 2 * sizeof<T>(), a, b);
    if (far & 8) addTail<T>(f64x2.extract_lane(p1, 1), out + 3 * sizeof<T>(), a, b);
  }
}

/** At most PIECE numbers, of eight counters at a time. */
// @ts-ignore: decorator
@inline
function piece<T>(
  kind: i32, n: i32, out: usize, k0: i32, k1: i32, count: i64, a: f64, b: f64, scale: f64, least: T, most: T,
): void {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  const ka = i32x4.splat(k0), kb = i32x4.splat(k1), kc = i32x4.splat(k2);
  const kc1 = i32x4.splat(k2 + 1), ka2 = i32x4.splat(k0 + 2), kb3 = i32x4.splat(k1 + 3);
  const kc4 = i32x4.splat(k2 + 4), ka5 = i32x4.splat(k0 + 5);
  for (; n > 0; n -= 8) {
    let x = i32x4.add(highWords(count), ka), y = i32x4.add(lowWords(count), kb);
    let u = i32x4.add(highWords(count + 4), ka), v = i32x4.add(lowWords(count + 4), kb);
    count += 8;
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 13), x), v = v128.xor(turn(v, 13), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 15), x), v = v128.xor(turn(v, 15), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 26), x), v = v128.xor(turn(v, 26), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 6), x), v = v128.xor(turn(v, 6), u);
    x = i32x4.add(x, kb), u = i32x4.add(u, kb), y = i32x4.add(y, kc1), v = i32x4.add(v, kc1);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 17), x), v = v128.xor(turn(v, 17), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 29), x), v = v128.xor(turn(v, 29), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 16), x), v = v128.xor(turn(v, 16), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 24), x), v = v128.xor(turn(v, 24), u);
    x = i32x4.add(x, kc), u = i32x4.add(u, kc), y = i32x4.add(y, ka2), v = i32x4.add(v, ka2);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 13), x), v = v128.xor(turn(v, 13), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 15), x), v = v128.xor(turn(v, 15), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 26), x), v = v128.xor(turn(v, 26), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 6), x), v = v128.xor(turn(v, 6), u);
    x = i32x4.add(x, ka), u = i32x4.add(u, ka), y = i32x4.add(y, kb3), v = i32x4.add(v, kb3);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 17), x), v = v128.xor(turn(v, 17), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 29), x), v = v128.xor(turn(v, 29), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 16), x), v = v128.xor(turn(v, 16), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 24), x), v = v128.xor(turn(v, 24), u);
    x = i32x4.add(x, kb), u = i32x4.add(u, kb), y = i32x4.add(y, kc4), v = i32x4.add(v, kc4);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 13), x), v = v128.xor(turn(v, 13), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 15), x), v = v128.xor(turn(v, 15), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 26), x), v = v128.xor(turn(v, 26), u);
    x = i32x4.add(x, y), u = i32x4.add(u, v), y = v128.xor(turn(y, 6), x), v = v128.xor(turn(v, 6), u);
    x = i32x4.add(x, kc), u = i32x4.add(u, kc), y = i32x4.add(y, ka5), v = i32x4.add(v, ka5);
    put<T>(kind, n, out, x, y, a, b, scale, least, most);
    if (n > 4) put<T>(kind, n - 4, out + 4 * sizeof<T>(), u, v, a, b, scale, least, most);
    out += 8 * sizeof<T>();
  }
  if (kind == NORMAL && waiting) addTail<T>(held, 0, a, b);
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
