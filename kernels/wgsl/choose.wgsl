// Choices between numbers, and signs: the bits are those of an operand.

/// The larger one, NaN if either is, 0 of two zeros.
fn maximum_f32(a: f32, b: f32) -> f32 {
  let larger = bitcast<f32>(select(bitcast<u32>(b), bitcast<u32>(a), rank(a) > rank(b)));
  return or_nan(a, or_nan(b, larger));
}

/// The smaller one, NaN if either is, -0 of two zeros.
fn minimum_f32(a: f32, b: f32) -> f32 {
  let smaller = bitcast<f32>(select(bitcast<u32>(b), bitcast<u32>(a), rank(a) < rank(b)));
  return or_nan(a, or_nan(b, smaller));
}

fn clip_f32(x: f32, lo: f32, hi: f32) -> f32 {
  return minimum_f32(maximum_f32(x, lo), hi);
}

fn where_f32(c: i32, a: f32, b: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(b), bitcast<u32>(a), c != 0));
}

fn neg_f32(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u);
}

fn abs_f32(x: f32) -> f32 {
  return bitcast<f32>(magnitude(x));
}

/// -1, 1, or x itself where it is a zero or NaN.
fn sign_f32(x: f32) -> f32 {
  let other = magnitude(x) == 0u || is_nan(x);
  return bitcast<f32>(select(0x3f800000u | sign_bit(x), bitcast<u32>(x), other));
}

/// x above 0, 0 elsewhere; NaN stays.
fn relu_f32(x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(x), 0u, is_negative(x) && !is_nan(x)));
}
