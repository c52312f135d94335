// asin, acos, atan and atan2, and their derivatives.

/// (asin(x) - x) / x for z = x^2 <= 1/4.
fn asin_rest(z: f32) -> f32 {
  return z * (0.1666666 + z * (0.07500515 + z * (0.044515412 + z * (0.031817805 + z * (0.014407362 + z * 0.03755364)))));
}

/// asin(sqrt((1 - a) / 2)) for a in [1/2, 1].
fn asin_of_root(a: f32) -> vec2f {
  let z = 0.5 * (1.0 - a);
  if (magnitude(z) == 0u) {
    return vec2f(0.0, 0.0);
  }
  let s = root(z);
  return vec2f(s.x, s.y + s.x * asin_rest(z));
}

/// asin(x) up to 1/2, beyond pi / 2 - 2 asin(sqrt((1 - x) / 2)).
fn asin_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u || size < 0x39000000u) {
    return x;
  }
  if (size > 0x3f800000u) {
    return not_a_number();
  }
  let a = abs_f32(x);
  if (a <= 0.5) {
    return with_sign(a + a * asin_rest(a * a), sign_bit(x));
  }
  let s = asin_of_root(a);
  let y = fast_sum(1.5707964, -2.0 * s.x);
  return with_sign(total(vec2f(y.x, y.y - (2.0 * s.y + 4.371139e-8))), sign_bit(x));
}

fn acos_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u) {
    return x;
  }
  if (size > 0x3f800000u) {
    return not_a_number();
  }
  let a = abs_f32(x);
  if (a <= 0.5) {
    let y = fast_sum(1.5707964, -x);
    return total(vec2f(y.x, y.y - (x * asin_rest(a * a) + 4.371139e-8)));
  }
  let s = asin_of_root(a);
  if (is_negative(x)) {
    let y = fast_sum(3.1415927, -2.0 * s.x);
    return total(vec2f(y.x, y.y - (2.0 * s.y + 8.742278e-8)));
  }
  return 2.0 * total(s);
}

/// atan(t) - t for |t| <= tan(pi / 8).
fn atan_rest(t: f32) -> f32 {
  let z = t * t;
  return t * (z * (-0.3333333 + z * (0.19999827 + z * (-0.14280228 + z * (0.11025848 + z * (-0.08383353 + z * 0.045707226))))));
}

/// The angle of (x, y) as C has it: an eighth of a turn times `count`, plus or minus the arc of a ratio.
fn atan2_f32(y: f32, x: f32) -> f32 {
  if (is_nan(y) || is_nan(x)) {
    return not_a_number();
  }
  let swap = magnitude(y) > magnitude(x);
  let large = select(abs_f32(x), abs_f32(y), swap);
  let small = select(abs_f32(y), abs_f32(x), swap);
  // Two infinities stand in the ratio 1, two zeros in the ratio 0 to 1.
  let unbounded = magnitude(large) == 0x7f800000u;
  let p = parts(select(select(large, 1.0, magnitude(large) == 0u), 1.0, unbounded));
  let q = parts(select(small, select(0.0, 1.0, magnitude(small) == 0x7f800000u), unbounded));
  // The larger one is brought to [1, 2).
  let exponent = select(q.exponent - p.exponent, -100, magnitude(q.number) == 0u);
  let ratio = q.number * power_of_two(max(exponent, -60));
  let middle = ratio > 0.41421357 * p.number;
  var t = pair_quotient(vec2f(q.number, 0.0), vec2f(p.number, 0.0));
  var count = 0.0;
  if (middle) {
    t = pair_quotient(exact_sum(ratio, -p.number), exact_sum(ratio, p.number));
    count = 1.0;
  }
  let left = is_negative(x);
  if (swap) {
    count = 2.0 - count;
  }
  if (left) {
    count = 4.0 - count;
  }
  if (count == 0.0 && exponent < -15) {
    return with_sign(scaled(t, exponent), sign_bit(y));
  }
  if (!middle) {
    t = t * power_of_two(max(exponent, -60));
  }
  let rest = t.y + atan_rest(t.x);
  let s = select(1.0, -1.0, swap != left);
  // The first part of pi / 4 has 21 bits.
  let first = fast_sum(count * 0.785398, s * t.x);
  return with_sign(total(vec2f(first.x, first.y + (count * 1.5695824e-7 + s * rest))), sign_bit(y));
}

fn atan_f32(x: f32) -> f32 {
  return or_nan(x, atan2_f32(x, 1.0));
}

/// (1 - x^2)^-1/2, the derivative of asin.
fn asinSlope_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u) {
    return x;
  }
  if (size > 0x3f800000u) {
    return not_a_number();
  }
  if (size == 0x3f800000u) {
    return infinity(0u);
  }
  let a = abs_f32(x);
  return total(inverse_root(pair_product(exact_sum(1.0, -a), exact_sum(1.0, a))));
}

/// 1 / (1 + x^2), the derivative of atan.
fn atanSlope_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u) {
    return x;
  }
  if (size == 0x7f800000u) {
    return 0.0;
  }
  if (size > 0x4b000000u) {
    // Beyond 2^23 there is nothing of 1.
    let p = parts(x);
    let square = exact_product(p.number, p.number);
    return scaled(pair_quotient(vec2f(1.0, 0.0), square), -2 * p.exponent);
  }
  let square = exact_product(x, x);
  let sum = exact_sum(1.0, square.x);
  return total(pair_quotient(vec2f(1.0, 0.0), fast_sum(sum.x, sum.y + square.y)));
}

/// x / (x^2 + y^2), the derivative of the angle of (x, y) in y; 0 where either is infinite, NaN at (0, 0).
fn atan2Slope_f32(y: f32, x: f32) -> f32 {
  if (is_nan(y) || is_nan(x) || (magnitude(y) | magnitude(x)) == 0u) {
    return not_a_number();
  }
  if (magnitude(y) == 0x7f800000u || magnitude(x) == 0x7f800000u || magnitude(x) == 0u) {
    return bitcast<f32>(sign_bit(x));
  }
  let p = parts(x);
  let q = parts(y);
  let most = select(max(p.exponent, q.exponent), p.exponent, magnitude(y) == 0u);
  let u = p.number * power_of_two(max(p.exponent - most, -60));
  let v = q.number * power_of_two(clamp(q.exponent - most, -60, 0));
  let a = exact_product(u, u);
  let b = exact_product(v, v);
  let sum = exact_sum(a.x, b.x);
  let ratio = pair_quotient(vec2f(p.number, 0.0), fast_sum(sum.x, sum.y + (a.y + b.y)));
  return scaled(ratio, p.exponent - 2 * most);
}
