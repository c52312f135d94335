// The standard normal quantile by Wichura's rational approximations (Algorithm AS 241, PPND16, Applied Statistics 37, 1988), in the
// order of operations of test/support/twins/quantile.ts, whose bits it has: + - * / and sqrt only, nothing fused.

const CENTRE_P: usize = memory.data<f64>([
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
], 8);
const CENTRE_Q: usize = memory.data<f64>([
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1.0,
], 8);
const MIDDLE_P: usize = memory.data<f64>([
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
], 8);
const MIDDLE_Q: usize = memory.data<f64>([
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1.0,
], 8);
const TAIL_P: usize = memory.data<f64>([
  2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
], 8);
const TAIL_Q: usize = memory.data<f64>([
  2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1.0,
], 8);
/** 1/23, 1/21, … 1/3. */
const INVERSES: usize = memory.data<f64>([
  0.043478260869565216, 0.047619047619047616, 0.05263157894736842, 0.058823529411764705, 0.06666666666666667,
  0.07692307692307693, 0.09090909090909091, 0.1111111111111111, 0.14285714285714285, 0.2, 0.3333333333333333,
], 8);

// @ts-ignore: decorator
@inline
function term(p: usize, i: i32, value: v128, x: v128): v128 {
  return f64x2.add(f64x2.mul(value, x), v128.load64_splat(p + 8 * <usize>i));
}

/** Eight coefficients, the highest first, by Horner's rule. */
// @ts-ignore: decorator
@inline
function polynomials(p: usize, x: v128): v128 {
  return term(p, 7, term(p, 6, term(p, 5, term(p, 4, term(p, 3, term(p, 2, term(p, 1, v128.load64_splat(p), x), x), x), x), x), x), x);
}

/** The quantile of p = q + 1/2 for |q| <= 0.425. */
// @ts-ignore: decorator
@inline
export function centre(q: v128): v128 {
  const r = f64x2.sub(f64x2.splat(0.180625), f64x2.mul(q, q));
  return f64x2.div(f64x2.mul(q, polynomials(CENTRE_P, r)), polynomials(CENTRE_Q, r));
}

function polynomial(p: usize, x: f64): f64 {
  let value = load<f64>(p);
  for (let i: usize = 8; i < 64; i += 8) value = value * x + load<f64>(p + i);
  return value;
}

/** -ln x for 0 < x <= 1: x = 2^-e m with m near 1, ln m = 2 atanh((m - 1) / (m + 1)) by its series. */
function minusLog(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let e = 1022 - <i32>(bits >> 52);
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3fe0000000000000);
  // x itself where it is at least 1/√2; m is in [1/√2, √2) else.
  if (e < 0) {
    e = 0;
    m = x;
  } else if (m < 0.7071067811865476) {
    m *= 2;
    e++;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let series = 0.0;
  for (let i: usize = 0; i < 88; i += 8) series = (series + load<f64>(INVERSES + i)) * square;
  return -(2 * s + 2 * s * series - <f64>e * 1.9082149292705877e-10 - <f64>e * 0.6931471803691238);
}

/** The quantile of p = q + 1/2 for |q| > 0.425, 0 < p < 1. */
export function tail(p: f64, q: f64): f64 {
  const r = sqrt(minusLog(q < 0 ? p : 1 - p));
  const value = r <= 5
    ? polynomial(MIDDLE_P, r - 1.6) / polynomial(MIDDLE_Q, r - 1.6)
    : polynomial(TAIL_P, r - 5) / polynomial(TAIL_Q, r - 5);
  return q < 0 ? -value : value;
}
