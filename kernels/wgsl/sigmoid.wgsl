// 1 / (1 + e^-x), its relatives, and their derivatives: quotients of pairs, scaled at the end, so that subnormal results keep
// what digits they have.

/// The pair of e that is not scaled, for exponents <= 0.
fn unscaled(e: Scaled) -> vec2f {
  return e.number * power_of_two(max(e.exponent, -100));
}

/// 1 + e.
fn one_more(e: Scaled) -> vec2f {
  let z = unscaled(e);
  let s = exact_sum(1.0, z.x);
  return fast_sum(s.x, s.y + z.y);
}

/// 1 / (1 + e^-x) for x >= 0, e^x / (1 + e^x) below; x is in range.
fn logistic(x: f32) -> Scaled {
  let e = power_of_e(-abs(x), 0.0);
  if (x < 0.0) {
    return Scaled(pair_quotient(e.number, one_more(e)), e.exponent);
  }
  return Scaled(pair_quotient(vec2f(1.0, 0.0), one_more(e)), 0);
}

fn sigmoid_f32(x: f32) -> f32 {
  let s = logistic(in_range(x));
  return or_nan(x, scaled(s.number, s.exponent));
}

/// x / (1 + e^-x).
fn silu_f32(x: f32) -> f32 {
  if (is_nan(x) || bitcast<u32>(x) == 0x7f800000u) {
    return x;
  }
  let s = logistic(in_range(x));
  let p = parts(maximum_f32(x, -1000.0));
  return with_sign(scaled(pair_product(s.number, vec2f(p.number, 0.0)), s.exponent + p.exponent), sign_bit(x));
}

/// e (1 + e)^-2 for e = e^-a, a in [0, 200].
fn bell(a: f32) -> Scaled {
  let e = power_of_e(-a, 0.0);
  let d = one_more(e);
  return Scaled(pair_quotient(e.number, pair_product(d, d)), e.exponent);
}

/// The derivative of sigmoid.
fn sigmoidSlope_f32(x: f32) -> f32 {
  let s = bell(abs(in_range(x)));
  return or_nan(x, scaled(s.number, s.exponent));
}

/// The derivative of tanh: 4 e (1 + e)^-2 for e = e^-2|x|.
fn tanhSlope_f32(x: f32) -> f32 {
  let s = bell(2.0 * min(abs(in_range(x)), 100.0));
  return or_nan(x, scaled(s.number, s.exponent + 2));
}

/// The derivative of silu: s (1 + x (1 - s)), s = sigmoid(x); with e = e^-|x| it is (1 + e (1 + x)) (1 + e)^-2 above 0, and
/// e (1 + x + e) (1 + e)^-2 below.
fn siluSlope_f32(x: f32) -> f32 {
  if (is_nan(x)) {
    return x;
  }
  let z = in_range(x);
  let e = power_of_e(-abs(z), 0.0);
  let d = one_more(e);
  let small = unscaled(e);
  let first = exact_sum(1.0, z);
  if (z < 0.0) {
    let sum = exact_sum(first.x, small.x);
    let n = pair_product(e.number, fast_sum(sum.x, sum.y + (first.y + small.y)));
    return scaled(pair_quotient(n, pair_product(d, d)), e.exponent);
  }
  let n = pair_product(small, first);
  let sum = exact_sum(1.0, n.x);
  return total(pair_quotient(fast_sum(sum.x, sum.y + n.y), pair_product(d, d)));
}

fn eluSlope_f32(x: f32) -> f32 {
  return where_f32(greater_f32(x, 0.0), 1.0, exp_f32(x));
}

/// x / (1 + |x|).
fn softsign_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u) {
    return x;
  }
  if (size > 0x4f000000u || size < 0x2f800000u) {
    // Above 2^31 the result is 1, below 2^-32 x.
    return bitcast<f32>(select(bitcast<u32>(x), sign_bit(x) | 0x3f800000u, size > 0x4f000000u));
  }
  return total(pair_quotient(vec2f(x, 0.0), exact_sum(1.0, abs(x))));
}
