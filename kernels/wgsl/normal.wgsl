// The error function, and what is made of the normal distribution: gelu and derivatives.

/// erf(x) by its series up to 0.87, beyond 1 - e^-q(x).
fn erf_f32(x: f32) -> f32 {
  if (is_nan(x)) {
    return x;
  }
  let size = magnitude(x);
  if (size < 0x39000000u) {
    // 2 / sqrt(pi) in two parts.
    let p = parts(x);
    return with_sign(scaled(pair_product(vec2f(p.number, 0.0), vec2f(1.1283792, -5.8635383e-8)), p.exponent), sign_bit(x));
  }
  let a = min(abs(in_range(x)), 4.1);
  var y = 0.0;
  if (a < 0.87) {
    let z = a * a;
    let high = -0.026861515 + z * (0.005206808 + z * (-0.00082130916 + z * 8.6866836e-5));
    let p = 0.12837917 + z * (-0.37612635 + z * (0.11283728 + z * high));
    y = a + a * p;
  } else {
    let d = a - 1.0;
    let high = -0.010037618 + d * (0.0019970625 + d * (-0.0002767004 + d * (1.6284455e-5 + d * 8.780146e-7)));
    let q = d * (2.6389675 + d * (0.84310734 + d * (0.04156098 + d * high)));
    let sum = exact_sum(1.8496056, q);
    let e = power_of_e(-sum.x, 5.0369486e-8 - sum.y);
    y = 1.0 - scaled(e.number, e.exponent);
  }
  return with_sign(y, sign_bit(x));
}

/// e^(-a^2 / 2) or e^(-a^2), by the exact square; c is 1/2 or 1, a^2 c <= 200.
fn bell_of_square(a: f32, c: f32) -> Scaled {
  let square = exact_product(a, a);
  return power_of_e(-c * square.x, -c * square.y);
}

/// 2 e^(-x^2) / sqrt(pi), the derivative of erf.
fn erfSlope_f32(x: f32) -> f32 {
  let e = bell_of_square(min(abs(in_range(x)), 14.0), 1.0);
  return or_nan(x, scaled(pair_product(e.number, vec2f(1.1283792, -5.8635383e-8)), e.exponent));
}

/// e^(-x^2 / 2) / sqrt(2 pi).
fn normalDensity_f32(x: f32) -> f32 {
  let e = bell_of_square(min(abs(in_range(x)), 19.0), 0.5);
  return or_nan(x, scaled(pair_product(e.number, vec2f(0.3989423, -1.133517e-8)), e.exponent));
}

/// The tail of the normal distribution from a on, over e^(-a^2 / 2); a in [0, 14.6].
fn normal_tail(a: f32) -> vec2f {
  let d = exact_sum(a, 4.0);
  let t = pair_quotient(exact_sum(a, -4.0), d);
  let x = t.x;
  let high = -0.0034804542 + x * (0.0016187306 + x * (0.00013238266 + x * (-0.0002115824 + x * (2.583286e-6 + x * 2.2446407e-5))));
  let middle = 0.38713738 + x * (-0.18652226 + x * (0.060396828 + x * (-0.0075368546 + x * high)));
  // The first terms as pairs; the slope there is about -0.6.
  let linear = pair_product(vec2f(-0.6078966, 0.0), t);
  let sum = exact_sum(0.75528514, linear.x);
  let square = x * x;
  let all = exact_sum(sum.x, square * middle);
  let lost = all.y + (sum.y + (linear.y - 1.3436482e-8)) + 2.0 * x * t.y * middle;
  return pair_quotient(fast_sum(all.x, lost), d);
}

/// x times the normal distribution: -a times the tail below 0, x less that above; a = |x|.
fn gelu_f32(x: f32) -> f32 {
  if (is_nan(x) || bitcast<u32>(x) == 0x7f800000u) {
    return x;
  }
  let a = min(abs(in_range(x)), 14.6);
  let p = parts(select(a, x, magnitude(x) < 0x3f800000u));
  let e = bell_of_square(a, 0.5);
  let y = pair_product(pair_product(normal_tail(a), e.number), vec2f(abs(p.number), 0.0));
  let below = scaled(y, e.exponent + p.exponent);
  if (is_negative(x)) {
    return neg_f32(below);
  }
  if (magnitude(x) < 0x2f800000u) {
    return below;
  }
  let z = y * power_of_two(max(e.exponent + p.exponent, -60));
  let d = exact_sum(x, -z.x);
  return total(vec2f(d.x, d.y - z.y));
}

/// The derivative of gelu: the tail less a times the density, that from 1 above 0.
fn geluSlope_f32(x: f32) -> f32 {
  let a = min(abs(in_range(x)), 14.6);
  let e = bell_of_square(a, 0.5);
  let tail = normal_tail(a);
  let density = pair_product(vec2f(a, 0.0), vec2f(0.3989423, -1.133517e-8));
  let d = exact_sum(tail.x, -density.x);
  let y = pair_product(fast_sum(d.x, d.y + (tail.y - density.y)), e.number);
  if (x < 0.0) {
    return scaled(y, e.exponent);
  }
  let z = y * power_of_two(max(e.exponent, -60));
  let above = exact_sum(1.0, -z.x);
  return or_nan(x, total(vec2f(above.x, above.y - z.y)));
}
