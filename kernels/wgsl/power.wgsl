// x^y = e^(y log(x)) with log(x) and the product as pairs.

/// log(x) of a positive finite number; relative error 2^-36.
fn log_pair(x: f32) -> vec2f {
  let o = octave(x);
  let k = f32(o.exponent);
  // log(1 + f) = 2 atanh(s) = 2 s + 2/3 s^3 + s^5 (...)
  let s = pair_quotient(vec2f(o.f, 0.0), exact_sum(2.0, o.f));
  let z = pair_product(s, s);
  let p = z.x * (0.4000016 + z.x * (0.28546575 + z.x * 0.23430432));
  let inner = fast_sum(0.6666667, p);
  let cubic = pair_product(pair_product(s, z), vec2f(inner.x, inner.y - 1.9868216e-8));
  let first = fast_sum(rounded(k * 0.6933594), 2.0 * s.x);
  let second = exact_sum(first.x, rounded(k * -0.00021219254));
  let third = exact_sum(second.x, cubic.x);
  let low = first.y + second.y + third.y + (2.0 * s.y + cubic.y - k * 1.9046542e-9);
  return fast_sum(third.x, low);
}

/// Whether a finite number is an integer.
fn is_integer(x: f32) -> bool {
  return rounded(floor(x)) == x;
}

/// Whether an integer is odd.
fn is_odd(x: f32) -> bool {
  return abs(x) < 16777216.0 && (i32(x) & 1) == 1;
}

/// x^(y + low), where low is what the rounding of y lost, with the special cases of C.
fn power(x: f32, y: f32, low: f32) -> f32 {
  let a = magnitude(x);
  let b = magnitude(y);
  if (b == 0u || bitcast<u32>(x) == 0x3f800000u) {
    return 1.0;
  }
  if (a > 0x7f800000u || b > 0x7f800000u) {
    return not_a_number();
  }
  let down = is_negative(y);
  if (b == 0x7f800000u) {
    if (a == 0x3f800000u) {
      return 1.0;
    }
    return select(infinity(0u), 0.0, (a > 0x3f800000u) == down);
  }
  // Subnormal exponents are no integers, which a comparison may not see.
  let integer = b >= 0x800000u && is_integer(y) && is_integer(low);
  let sign = select(0u, sign_bit(x), integer && (is_odd(y) != is_odd(low)));
  if (a == 0u || a == 0x7f800000u) {
    return select(bitcast<f32>(sign), infinity(sign), (a == 0u) == down);
  }
  if (is_negative(x) && !integer) {
    return not_a_number();
  }
  let l = log_pair(abs_f32(x));
  // A product of halves does not overflow where y is not huge; where it is, the result is out of range or 1.
  let size = rounded(clamp(y, -1.0e30, 1.0e30) * l.x);
  if (abs(size) > 190.0) {
    return select(infinity(sign), bitcast<f32>(sign), size < 0.0);
  }
  let p = exact_product(y, l.x);
  let e = power_of_e(p.x, p.y + (y * l.y + low * l.x));
  return with_sign(scaled(e.number, e.exponent), sign);
}

fn pow_f32(x: f32, y: f32) -> f32 {
  return power(x, y, 0.0);
}

/// x^(b + c), where the sum keeps what its rounding loses.
fn powSum_f32(x: f32, b: f32, c: f32) -> f32 {
  let sum = exact_sum(b, c);
  let exponent = magnitude(sum.x) >> 23u;
  var low = sum.y;
  if (exponent >= 180u) {
    // An integer of more than 53 bits, which is even on the CPU; or not finite.
    low = 0.0;
  } else if (exponent > 60u && (magnitude(low) >> 23u) + 29u < exponent) {
    // The CPU adds in f64: what is below its last bit is rounded away.
    let step = with_sign(power_of_two(i32(exponent) - 156), sign_bit(low));
    low = rounded(rounded(low + step) - step);
  }
  if (magnitude(sum.x) < 0x800000u && order(b) != -order(c)) {
    // The sum is subnormal, and may have been taken for 0.
    return power(x, with_sign(2.3509887e-38, select(0x80000000u, 0u, order(b) > -order(c))), 0.0);
  }
  return power(x, sum.x, low);
}
