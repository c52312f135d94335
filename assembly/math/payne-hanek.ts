// x = k pi / 2 + r for large x: the bits of x 2 / pi around the point, from 1216 bits of 2 / pi (Payne and Hanek, 1983).
import { PIO2_HIGH, PIO2_LOW } from './constants';

// 2 / pi in words of 32 bits, after two of zeros.
const WORDS: usize = memory.data<u32>([
  0x00000000, 0x00000000, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB,
  0xDEBBC561, 0xB7246E3A, 0x424DD2E0, 0x06492EEA, 0x09D1921C, 0xFE1DEB1C, 0xB129A73E, 0xE88235F5, 0x2EBB4484,
  0xE99C7026, 0xB45F7E41, 0x3991D639, 0x835339F4, 0x9C845F8B, 0xBDF9283B, 0x1FF897FF, 0xDE05980F, 0xEF2F118B,
  0x5A0A6D1F, 0x6D367ECF, 0x27CB09B7, 0x4F463F66, 0x9E5FEA2D, 0x7527BAC7, 0xEBE5F17B, 0x3D0739F7, 0x8A5292EA,
  0x6BFB5FB1, 0x1F8D5D08, 0x56033046, 0xFC7B6BAB,
], 8);

const HIGH: u64 = 0xFFFFFFFFF8000000;

/** What a b rounded to p has lost (Dekker, 1971). */
function lost(a: f64, b: f64, p: f64): f64 {
  const ah = reinterpret<f64>(reinterpret<u64>(a) & HIGH), bh = reinterpret<f64>(reinterpret<u64>(b) & HIGH);
  const al = a - ah, bl = b - bh;
  return ah * bh - p + (ah * bl + al * bh) + al * bl;
}

/** |x| >= 2^20, finite: r in two doubles; the last two bits of the second are k mod 4 instead of its own. */
export function reduceHuge(x: f64): v128 {
  const bits = reinterpret<u64>(x);
  const mantissa = (bits & 0xFFFFFFFFFFFFF) | 0x10000000000000;
  const e = <i32>((bits >> 52) & 2047) - 1075;
  const high = mantissa >> 32, low = mantissa & 0xFFFFFFFF;
  // Words before the first make multiples of 4, those beyond the seventh less than 2^-138.
  const first = (e - 2) >> 5;
  const shift = <u64>(e - 2 - (first << 5));
  let word = WORDS + (<usize>(first + 8) << 2);
  let carry: u64 = 0, a: u64 = 0, b: u64 = 0, c: u64 = 0;
  for (let i = 0; i < 7; i++) {
    const w = <u64>load<u32>(word);
    const t = low * w + (carry & 0xFFFFFFFF);
    carry = (t >> 32) + (carry >> 32) + high * w;
    // The words of the product pass by from the last to the first; six stay.
    c = (c >> 32) | (b << 32);
    b = (b >> 32) | (a << 32);
    a = (a >> 32) | (t << 32);
    word -= 4;
  }
  let f = a, g = b;
  if (shift) {
    f = (a << shift) | (b >> (64 - shift));
    g = (b << shift) | (c >> (64 - shift));
  }
  let k = f >> 62;
  f = (f << 2) | (g >> 62);
  g <<= 2;
  const negative = <i64>f < 0;
  if (negative) {
    k += 1;
    g = 0 - g;
    f = ~f + <u64>(g == 0);
  }
  const n = clz<u64>(f);
  if (n > 0 && n < 64) {
    f = (f << n) | (g >> (64 - n));
    g <<= n;
  }
  // (f + g / 2^64) 2^(-64 - n) of a quarter turn, as two doubles times pi / 2.
  const unit = reinterpret<f64>((959 - n) << 52);
  const v = <f64>(f & ~0x7FF), rest = <f64>(((f & 0x7FF) << 53) | (g >> 11)) * 1.1102230246251565e-16;
  const p = v * load<f64>(PIO2_HIGH);
  const q = lost(v, load<f64>(PIO2_HIGH), p) + (v * load<f64>(PIO2_LOW) + rest * load<f64>(PIO2_HIGH));
  const r = p + q;
  const s = negative != (x < 0.0) ? -unit : unit;
  if (x < 0.0) k = 0 - k;
  const second = (reinterpret<u64>((q - (r - p)) * s) & ~3) | (k & 3);
  return f64x2.replace_lane(f64x2.splat(r * s), 1, reinterpret<f64>(second));
}
