// log(x) = k log(2) + log(1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).

/// x = 2^exponent (1 + f).
struct Octave {
  f: f32,
  exponent: i32,
}

/// Of a positive finite number, subnormal ones too.
fn octave(x: f32) -> Octave {
  var bits = bitcast<i32>(x);
  var shift = 0;
  if (bits < 0x800000) {
    shift = i32(countLeadingZeros(u32(bits))) - 8;
    bits <<= u32(shift);
  }
  // Counted from sqrt(1/2).
  let above = bits - 0x3f3504f3;
  return Octave(bitcast<f32>((above & 0x7fffff) + 0x3f3504f3) - 1.0, (above >> 23u) - shift);
}

/// exponent log(2) + log(1 + f) + extra, extra small beside them.
fn log_of(o: Octave, extra: f32) -> f32 {
  let f = o.f;
  let k = f32(o.exponent);
  let high = 0.11056628 + f * (-0.10852121 + f * (0.10555076 + f * -0.05837366));
  let low = 0.3333333 + f * (-0.24999966 + f * (0.20000167 + f * (-0.166695 + f * (0.14283176 + f * (-0.1242171 + f * high)))));
  let rest = f * f * (f * low - 0.5);
  // The first part of log(2) has 9 bits.
  let first = fast_sum(rounded(k * 0.6933594), f);
  return total(vec2f(first.x, first.y + (rest + (extra - k * 0.00021219444))));
}

fn log_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u || bitcast<u32>(x) == 0x7f800000u) {
    return x;
  }
  if (size == 0u) {
    return infinity(0x80000000u);
  }
  if (is_negative(x)) {
    return not_a_number();
  }
  return log_of(octave(x), 0.0);
}

/// log(1 + x + low) for finite x > -1: of the sum, with what its rounding lost over it; for small x by the series.
fn log1p_of(x: f32, low: f32) -> f32 {
  if (abs(x) < 1.0e-4) {
    return total(vec2f(x, low - x * x * (0.5 - 0.33333334 * x)));
  }
  let u = exact_sum(1.0, x);
  return log_of(octave(u.x), select((u.y + low) / min(u.x, 1.0e9), 0.0, u.x > 1.0e9));
}

fn log1p_f32(x: f32) -> f32 {
  let size = magnitude(x);
  if (size > 0x7f800000u || bitcast<u32>(x) == 0x7f800000u || size < 0x32800000u) {
    return x;
  }
  if (bitcast<u32>(x) == 0xbf800000u) {
    return infinity(0x80000000u);
  }
  if (x < -1.0) {
    return not_a_number();
  }
  return log1p_of(x, 0.0);
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
fn softplus_f32(x: f32) -> f32 {
  if (is_nan(x) || bitcast<u32>(x) == 0x7f800000u) {
    return x;
  }
  let e = power_of_e(-abs(in_range(x)), 0.0);
  if (e.exponent < -26) {
    return where_f32(greater_f32(x, 0.0), x, scaled(e.number, e.exponent));
  }
  let z = e.number * power_of_two(e.exponent);
  return max(x, 0.0) + log1p_of(z.x, z.y);
}
