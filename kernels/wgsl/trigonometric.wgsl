// sin, cos and tan: x = k pi / 2 + r. Up to 200 by parts of pi / 2 (Cody and Waite, 1980), beyond by the bits of 2 / pi around
// the point (Payne and Hanek, 1983).

/// |x| = quadrant * pi / 2 + r, the quadrant up to multiples of 4.
struct Angle {
  r: vec2f,
  quadrant: u32,
}

/// The product of two words, the high word first.
fn wide_product(a: u32, b: u32) -> vec2u {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let low = al * bl;
  let middle = ah * bl + (low >> 16u);
  let other = al * bh + (middle & 0xffffu);
  return vec2u(ah * bh + (middle >> 16u) + (other >> 16u), (other << 16u) | (low & 0xffffu));
}

/// 32 bits of 2 / pi from the bit `at` of this table on; it begins with 32 zeros.
fn two_over_pi(at: u32) -> u32 {
  var words = array<u32, 8>(
    0x00000000u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu,
  );
  let word = at >> 5u;
  let shift = at & 31u;
  let first = words[word];
  let second = words[word + 1u];
  return select((first << shift) | (second >> ((32u - shift) & 31u)), first, shift == 0u);
}

/// Of a finite |x| >= 1.
fn reduce_large(x: f32) -> Angle {
  let size = magnitude(x);
  let number = (size & 0x7fffffu) | 0x800000u;
  // Bits before this one make multiples of 4, those beyond the third word less than 2^-70.
  let at = (size >> 23u) - 120u;
  let b = wide_product(number, two_over_pi(at + 32u));
  let c = wide_product(number, two_over_pi(at + 64u));
  var low = b.y + c.x;
  let carry = select(0u, 1u, low < b.y);
  var high = number * two_over_pi(at) + b.x + carry;
  // Two bits of the quadrant, then the fraction of it; above 1/2 the next quadrant is nearer.
  var quadrant = high >> 30u;
  high = (high << 2u) | (low >> 30u);
  low <<= 2u;
  let is_above = (high & 0x80000000u) != 0u;
  if (is_above) {
    quadrant += 1u;
    low = ~low + 1u;
    high = ~high + select(0u, 1u, low == 0u);
  }
  let zeros = select(countLeadingZeros(high), 32u + countLeadingZeros(low), high == 0u);
  if (zeros >= 32u) {
    high = low;
    low = 0u;
  }
  let shift = zeros & 31u;
  if (shift != 0u) {
    high = (high << shift) | (low >> (32u - shift));
    low <<= shift;
  }
  // The first 24 bits and the next 24.
  let unit = power_of_two(-24 - i32(zeros));
  let first = f32(high >> 8u) * unit;
  let second = f32(((high & 0xffu) << 16u) | (low >> 16u)) * unit * 5.9604645e-8;
  let r = pair_product(vec2f(first, second), vec2f(1.5707964, -4.371139e-8));
  return Angle(select(r, -r, is_above), quadrant);
}

/// Of |x|, finite.
fn angle(x: f32) -> Angle {
  let a = abs_f32(x);
  if (a > 200.0) {
    return reduce_large(a);
  }
  let k = round(a * 0.63661975);
  // Two parts of 16 bits, whose products with k are exact.
  let first = exact_sum(rounded(a - rounded(k * 1.5708008)), rounded(k * 4.4543995e-6));
  let r = exact_sum(first.x, first.y + k * 5.5644316e-11);
  return Angle(r, u32(k));
}

/// sin(r) of a pair in [-pi / 4, pi / 4].
fn sine(r: vec2f) -> vec2f {
  let z = r.x * r.x;
  let p = -0.16666667 + z * (0.008333373 + z * (-0.000198503 + z * 2.8044437e-6));
  return fast_sum(r.x, r.y * (1.0 - 0.5 * z) + r.x * (z * p));
}

/// cos(r).
fn cosine(r: vec2f) -> vec2f {
  let square = exact_product(r.x, r.x);
  let z = square.x;
  let p = 0.041666668 + z * (-0.0013888974 + z * (2.4819738e-5 + z * -2.8661788e-7));
  let first = fast_sum(1.0, -0.5 * z);
  return fast_sum(first.x, first.y + (z * (z * p) - (0.5 * square.y + r.x * r.y)));
}

/// NaN for an infinite x, x for those below 2^-13 and NaN; y else.
fn sin_special(x: f32, y: f32) -> f32 {
  let size = magnitude(x);
  if (size == 0x7f800000u) {
    return not_a_number();
  }
  return bitcast<f32>(select(bitcast<u32>(y), bitcast<u32>(x), size > 0x7f800000u || size < 0x39000000u));
}

fn sin_f32(x: f32) -> f32 {
  let t = angle(select(x, 0.0, magnitude(x) >= 0x7f800000u));
  let y = total(select(sine(t.r), cosine(t.r), (t.quadrant & 1u) == 1u));
  let flip = ((t.quadrant & 2u) << 30u) ^ sign_bit(x);
  return sin_special(x, bitcast<f32>(bitcast<u32>(y) ^ flip));
}

fn cos_f32(x: f32) -> f32 {
  let t = angle(select(x, 0.0, magnitude(x) >= 0x7f800000u));
  let y = total(select(cosine(t.r), sine(t.r), (t.quadrant & 1u) == 1u));
  let flip = ((t.quadrant + 1u) & 2u) << 30u;
  if (magnitude(x) == 0x7f800000u) {
    return not_a_number();
  }
  return or_nan(x, bitcast<f32>(bitcast<u32>(y) ^ flip));
}

fn tan_f32(x: f32) -> f32 {
  let t = angle(select(x, 1.0, magnitude(x) >= 0x7f800000u || magnitude(x) < 0x39000000u));
  let s = sine(t.r);
  let c = cosine(t.r);
  let odd = (t.quadrant & 1u) == 1u;
  let y = total(pair_quotient(select(s, c, odd), select(c, s, odd)));
  let flip = (t.quadrant << 31u) ^ sign_bit(x);
  return sin_special(x, bitcast<f32>(bitcast<u32>(y) ^ flip));
}
