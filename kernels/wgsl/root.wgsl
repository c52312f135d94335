// Square roots: one step of Newton's method in pairs, since sqrt and inverseSqrt by themselves may be 2 ULP off.

/// The root of a normal number whose exponent is far from the ends.
fn root(x: f32) -> vec2f {
  let s = rounded(sqrt(x));
  let p = exact_product(s, s);
  return vec2f(s, rounded(rounded(x - p.x) - p.y) / (2.0 * s));
}

/// x^-1/2 of a pair of the same kind.
fn inverse_root(x: vec2f) -> vec2f {
  let s = rounded(inverseSqrt(x.x));
  let p = pair_product(x, exact_product(s, s));
  return vec2f(s, 0.5 * s * (rounded(1.0 - p.x) - p.y));
}

fn sqrt_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size == 0u || size > 0x7f800000u || bitcast<u32>(x) == 0x7f800000u) {
    return x;
  }
  if (is_negative(x)) {
    return not_a_number();
  }
  let p = parts(x);
  let odd = p.exponent & 1;
  let near = total(root(p.number * f32(1 + odd)));
  // As integers: x 2^46 = y^2 + rest, where the rest of the nearest y is above -y and at most y. All but the last 32 bits cancel.
  let y = integer_of(near);
  let rest = (integer_of(p.number) << (23u + u32(odd))) - y * y;
  let step = select(select(0, -1, rest <= -y), 1, rest > y);
  return scaled(vec2f(bitcast<f32>(bitcast<i32>(near) + step), 0.0), (p.exponent - odd) >> 1u);
}

/// x^-1/2: Infinity at 0, NaN below.
fn rsqrt_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u) {
    return x;
  }
  if (size == 0u) {
    return infinity(sign_bit(x));
  }
  if (is_negative(x)) {
    return not_a_number();
  }
  if (size == 0x7f800000u) {
    return 0.0;
  }
  let p = parts(x);
  let odd = p.exponent & 1;
  return scaled(inverse_root(vec2f(p.number * f32(1 + odd), 0.0)), -((p.exponent - odd) >> 1u));
}
