// Sums and products with what their rounding loses (Dekker, 1971; Knuth, The Art of Computer Programming 2, section 4.2.2). A pair
// (high, low) stands for high + low. WGSL rounds sums, differences and products correctly, but for subnormal numbers.

/// a + b for |a| >= |b| or a = 0.
fn fast_sum(a: f32, b: f32) -> vec2f {
  let s = rounded(a + b);
  return vec2f(s, rounded(b - rounded(s - a)));
}

/// a + b.
fn exact_sum(a: f32, b: f32) -> vec2f {
  let s = rounded(a + b);
  let t = rounded(s - a);
  return vec2f(s, rounded(rounded(a - rounded(s - t)) + rounded(b - t)));
}

/// The first 12 bits of x: products of such numbers are exact.
fn head(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
}

/// a b.
fn exact_product(a: f32, b: f32) -> vec2f {
  let p = rounded(a * b);
  let ah = head(a);
  let bh = head(b);
  let al = rounded(a - ah);
  let bl = rounded(b - bh);
  let first = rounded(rounded(ah * bh) - p);
  let second = rounded(first + rounded(ah * bl));
  let third = rounded(second + rounded(al * bh));
  return vec2f(p, rounded(third + rounded(al * bl)));
}

/// The product of two pairs; relative error 2^-45.
fn pair_product(a: vec2f, b: vec2f) -> vec2f {
  let p = exact_product(a.x, b.x);
  return fast_sum(p.x, p.y + (a.x * b.y + a.y * b.x));
}

/// The quotient of two pairs: with the remainder, since division by itself may be 2.5 ULP off. The second is normal, the
/// exponents of both are far from the ends.
fn pair_quotient(a: vec2f, b: vec2f) -> vec2f {
  let q = rounded(a.x / b.x);
  let p = exact_product(q, b.x);
  let rest = rounded(rounded(a.x - p.x) - p.y) + (a.y - q * b.y);
  return fast_sum(q, rest / b.x);
}

/// A pair as one number.
fn total(a: vec2f) -> f32 {
  return a.x + rounded(a.y);
}
