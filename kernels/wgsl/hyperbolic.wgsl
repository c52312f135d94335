// sinh, cosh and tanh, of |x|; near 0 by their series.

fn sinh_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u || size < 0x39000000u) {
    return x;
  }
  let a = abs(in_range(x));
  if (a < 1.0) {
    let z = a * a;
    let p = 0.16666667 + z * (0.008333316 + z * (0.0001984142 + z * 2.7915382e-6));
    return with_sign(a + a * (z * p), sign_bit(x));
  }
  return with_sign(half_sum(a, -1.0), sign_bit(x));
}

fn cosh_f32(x: f32) -> f32 {
  return or_nan(x, half_sum(abs(in_range(x)), 1.0));
}

/// (e^a + s e^-a) / 2, a in [0, 200].
fn half_sum(a: f32, s: f32) -> f32 {
  let e = power_of_e(a, 0.0);
  let back = s * power_of_two(-2 * min(e.exponent, 40));
  let inverse = pair_quotient(vec2f(back, 0.0), e.number);
  let sum = exact_sum(e.number.x, inverse.x);
  return scaled(vec2f(sum.x, sum.y + (e.number.y + inverse.y)), e.exponent - 1);
}

/// tanh(a) = (1 - e) / (1 + e) with e = e^-2a.
fn tanh_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u || size < 0x39000000u) {
    return x;
  }
  let a = min(abs(in_range(x)), 20.0);
  if (a < 0.54) {
    let z = a * a;
    let p = -0.3333333 + z * (0.13333242 + z * (-0.05395276 + z * (0.0217414 + z * (-0.0082980525 + z * 0.002273196))));
    return with_sign(a + a * (z * p), sign_bit(x));
  }
  let e = unscaled(power_of_e(-2.0 * a, 0.0));
  let n = exact_sum(1.0, -e.x);
  let d = exact_sum(1.0, e.x);
  let y = pair_quotient(fast_sum(n.x, n.y - e.y), fast_sum(d.x, d.y + e.y));
  return with_sign(total(y), sign_bit(x));
}
