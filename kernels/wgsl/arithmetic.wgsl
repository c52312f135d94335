// Quotients, and the products of which derivatives are made.

/// a / b, by the quotient of the numbers and the difference of the exponents.
fn div_f32(a: f32, b: f32) -> f32 {
  let result_sign = sign_bit(a) ^ sign_bit(b);
  let n = magnitude(a);
  let d = magnitude(b);
  if (n > 0x7f800000u) {
    return a;
  }
  if (d > 0x7f800000u) {
    return b;
  }
  if (n == d && (n == 0u || n == 0x7f800000u)) {
    return not_a_number();
  }
  if (n == 0x7f800000u || d == 0u) {
    return infinity(result_sign);
  }
  if (n == 0u || d == 0x7f800000u) {
    return bitcast<f32>(result_sign);
  }
  let p = parts(abs_f32(a));
  let q = parts(abs_f32(b));
  let near = total(pair_quotient(vec2f(p.number, 0.0), vec2f(q.number, 0.0)));
  // As integers: a 2^shift = y b + rest, where the rest of the nearest y is at most b / 2. All but the last 32 bits cancel.
  let y = integer_of(near);
  let divisor = integer_of(q.number);
  let shift = 150u - (magnitude(near) >> 23u);
  let rest = (integer_of(p.number) << shift) - y * divisor;
  let step = select(select(0, -1, 2 * rest < -divisor), 1, 2 * rest > divisor);
  // What is lost decides ties where the result is subnormal; its sign is all that counts.
  let lost = f32(sign(rest - step * divisor)) * 2.9802322e-8 * 0.5;
  let nearest = bitcast<f32>(bitcast<i32>(near) + step);
  return with_sign(scaled(vec2f(nearest, lost), p.exponent - q.exponent), result_sign);
}

/// 0 in place of a NaN z where t is 0, or taken for 0 because it is subnormal.
fn zero_where(t: f32, z: f32) -> f32 {
  return select(z, 0.0, magnitude(t) < 0x800000u && is_nan(z));
}

fn mulAlong_f32(t: f32, d: f32) -> f32 {
  return zero_where(t, rounded(t * d));
}

fn mulZero_f32(a: f32, b: f32) -> f32 {
  return zero_where(a, zero_where(b, rounded(a * b)));
}

fn divAlong_f32(t: f32, d: f32) -> f32 {
  let z = div_f32(t, d);
  return select(z, 0.0, magnitude(t) == 0u && is_nan(z));
}

fn square_f32(x: f32) -> f32 {
  return rounded(x * x);
}
