// e^x and what is made of it: x = k log(2) + r, e^x = 2^k e^r (Cody and Waite, 1980), with e^r as a pair.

/// 2^exponent (number.x + number.y).
struct Scaled {
  number: vec2f,
  exponent: i32,
}

/// r = x + low - k log(2) as a pair; |x| <= 200.
fn reduced(x: f32, low: f32, k: f32) -> vec2f {
  // The first two parts of log(2) have 9 and 15 bits: their products with k are exact.
  let a = exact_sum(rounded(x - rounded(k * 0.6933594)), rounded(k * 0.00021219254));
  return exact_sum(a.x, a.y + (k * 1.9046542e-9 + low));
}

/// (e^r - 1 - r) / r^2 - 1/2 for |r| <= log(2) / 2.
fn exp_polynomial(r: f32) -> f32 {
  return r * (0.16666667 + r * (0.041666456 + r * (0.008333198 + r * (0.0013935775 + r * 0.0001995339))));
}

/// e^(x + low) for |x| <= 200; relative error 2^-27.
fn power_of_e(x: f32, low: f32) -> Scaled {
  let k = round(x * 1.442695);
  let r = reduced(x, low, k);
  let m = fast_sum(1.0, r.x);
  let rest = r.y * r.x + r.x * r.x * (0.5 + exp_polynomial(r.x));
  return Scaled(fast_sum(m.x, m.y + (r.y + rest)), i32(k));
}

/// x, cut to where no power of e is in range beyond.
fn in_range(x: f32) -> f32 {
  return clamp(x, -200.0, 200.0);
}

/// e^x of a number cut by in_range.
fn exp_of(x: f32) -> f32 {
  let e = power_of_e(x, 0.0);
  return scaled(e.number, e.exponent);
}

fn exp_f32(x: f32) -> f32 {
  return or_nan(x, exp_of(in_range(x)));
}

/// e^x - 1 for x in [-20, 200], as 2^k times a pair.
fn less_one(x: f32) -> Scaled {
  let k = round(x * 1.442695);
  let r = reduced(x, 0.0, k);
  // 1 - 2^-k, then r, half its square, and the small terms; all over 2^k.
  let one = power_of_two(-i32(min(k, 100.0)));
  let first = exact_sum(1.0, -one);
  let second = exact_sum(first.x, r.x);
  let square = exact_product(r.x, r.x);
  let third = exact_sum(second.x, 0.5 * square.x);
  let rest = r.y + (r.y * r.x + (0.5 * square.y + square.x * exp_polynomial(r.x)));
  return Scaled(exact_sum(third.x, third.y + (second.y + (first.y + rest))), i32(k));
}

fn expm1_f32(x: f32) -> f32 {
  let e = less_one(clamp(x, -20.0, 200.0));
  let y = scaled(e.number, e.exponent);
  // Below 2^-26 the result is x, with the sign of its zero.
  return bitcast<f32>(select(bitcast<u32>(y), bitcast<u32>(x), magnitude(x) < 0x32800000u || is_nan(x)));
}

fn elu_f32(x: f32) -> f32 {
  return where_f32(greater_f32(x, 0.0), x, expm1_f32(x));
}

/// e^x - 1 - x.
fn expRest_f32(x: f32) -> f32 {
  let v = min(x, 200.0);
  var y = 0.0;
  if (abs(v) < 0.34) {
    // x^2 may be subnormal: its factors are scaled apart.
    let p = parts(v);
    let square = exact_product(p.number, p.number);
    y = scaled(fast_sum(0.5 * square.x, 0.5 * square.y + square.x * exp_polynomial(v)), 2 * p.exponent);
  } else {
    let e = less_one(max(v, -20.0));
    if (e.exponent > 40) {
      y = scaled(e.number, e.exponent);
    } else {
      let s = power_of_two(e.exponent);
      let d = exact_sum(e.number.x * s, -v);
      y = total(vec2f(d.x, d.y + e.number.y * s));
    }
  }
  if (magnitude(x) == 0x7f800000u) {
    return infinity(0u);
  }
  return or_nan(x, y);
}

/// e^(a - b), with the difference as a pair; 0 where a is -Infinity, 1 where both are Infinity.
fn expDifference_f32(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b)) {
    return not_a_number();
  }
  let infinite = magnitude(a) == 0x7f800000u || magnitude(b) == 0x7f800000u;
  if (infinite) {
    if (order(a) == order(b)) {
      return select(1.0, 0.0, is_negative(a));
    }
    return select(0.0, infinity(0u), order(a) > order(b));
  }
  // The difference of halves does not overflow.
  let half = 0.5 * a - 0.5 * b;
  if (abs(half) > 90.0) {
    return select(infinity(0u), 0.0, half < 0.0);
  }
  let d = exact_sum(a, -b);
  let e = power_of_e(d.x, d.y);
  return scaled(e.number, e.exponent);
}
