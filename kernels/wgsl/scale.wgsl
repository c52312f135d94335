// Powers of two, by integers: exact where the result is normal, rounded once where it is subnormal.

/// x = number * 2^exponent with |number| in [1, 2), or 0.
struct Parts {
  number: f32,
  exponent: i32,
}

/// The parts of a finite number, subnormal ones too.
fn parts(x: f32) -> Parts {
  var size = magnitude(x);
  if (size == 0u) {
    return Parts(x, 0);
  }
  var exponent = 0;
  if (size < 0x800000u) {
    let shift = countLeadingZeros(size) - 8u;
    size <<= shift;
    exponent = 1 - i32(shift);
  } else {
    exponent = i32(size >> 23u);
  }
  let number = bitcast<f32>((size & 0x7fffffu) | 0x3f800000u | sign_bit(x));
  return Parts(number, exponent - 127);
}

/// The 24 bits of a positive normal number as an integer.
fn integer_of(x: f32) -> i32 {
  return i32((magnitude(x) & 0x7fffffu) | 0x800000u);
}

/// 2^k for k in [-126, 127].
fn power_of_two(k: i32) -> f32 {
  return bitcast<f32>(u32(k + 127) << 23u);
}

/// 2^k times a pair, rounded once; its first number is 0 or normal and the larger one.
fn scaled(x: vec2f, k: i32) -> f32 {
  let sum = fast_sum(x.x, x.y);
  let size = magnitude(sum.x);
  let sign = sign_bit(sum.x);
  let exponent = i32(size >> 23u) + k;
  if (size == 0u || exponent < -24) {
    return bitcast<f32>(sign);
  }
  if (exponent >= 255) {
    return infinity(sign);
  }
  if (exponent > 0) {
    return bitcast<f32>(sign | (u32(exponent) << 23u) | (size & 0x7fffffu));
  }
  // A tie is none where the second number is not 0: it is above where both have one sign.
  let whole = 2u * ((size & 0x7fffffu) | 0x800000u);
  let odd = select(select(-1, 1, sign_bit(sum.y) == sign), 0, magnitude(sum.y) == 0u);
  let exact = u32(i32(whole) + odd);
  let shift = u32(2 - exponent);
  let kept = exact >> shift;
  let lost = exact & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let up = lost > half || (lost == half && (kept & 1u) == 1u);
  return bitcast<f32>(sign | (kept + select(0u, 1u, up)));
}
