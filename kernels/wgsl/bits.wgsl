// Tests and choices by the bits of a number. A compiler of WGSL may assume that there is no NaN and no infinity, reorder sums,
// fuse a product and a sum, and take subnormal numbers for 0; what is done with integers it has to do as written.

/// |x| as an integer: larger numbers have larger ones, Infinity 0x7f800000, and NaN those above.
fn magnitude(x: f32) -> u32 {
  return bitcast<u32>(x) & 0x7fffffffu;
}

/// The sign of x, in the highest bit.
fn sign_bit(x: f32) -> u32 {
  return bitcast<u32>(x) & 0x80000000u;
}

fn is_nan(x: f32) -> bool {
  return magnitude(x) > 0x7f800000u;
}

fn is_negative(x: f32) -> bool {
  return sign_bit(x) != 0u;
}

/// An integer that orders all numbers but NaN, with -0 below 0.
fn rank(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}

/// An integer that orders all numbers but NaN; both zeros have 0.
fn order(x: f32) -> i32 {
  let size = i32(magnitude(x));
  return select(size, -size, is_negative(x));
}

/// A NaN. The bits are in a variable, because an expression of constants must not be a NaN.
fn not_a_number() -> f32 {
  let bits = 0x7fc00000u;
  return bitcast<f32>(bits);
}

/// Infinity with this sign bit.
fn infinity(sign: u32) -> f32 {
  return bitcast<f32>(sign | 0x7f800000u);
}

/// |x| with this sign bit.
fn with_sign(x: f32, sign: u32) -> f32 {
  return bitcast<f32>(magnitude(x) | sign);
}

/// y, or x where x is NaN.
fn or_nan(x: f32, y: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(y), bitcast<u32>(x), is_nan(x)));
}

/// x as it stands, which the compiler cannot know: so it neither moves terms across it nor fuses a product with the sum behind.
/// (No number has these bits, and NaN stays one.)
fn rounded(x: f32) -> f32 {
  return bitcast<f32>(min(bitcast<u32>(x), 0xfffffffeu));
}
