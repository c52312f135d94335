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

/** -ln x of two 0 < x < 1: x = 2^-e m with m near 1, ln m = 2 atanh((m - 1) / (m + 1)) by its series. */
// @ts-ignore: decorator
@inline
function minusLog(x: v128): v128 {
  const halved = v128.or(v128.and(x, i64x2.splat(0xfffffffffffff)), i64x2.splat(0x3fe0000000000000));
  // m is in [1/√2, √2).
  const isSmall = f64x2.lt(halved, f64x2.splat(0.7071067811865476));
  const m = f64x2.mul(halved, v128.bitselect(f64x2.splat(2), f64x2.splat(1), isSmall));
  const exponents = i64x2.sub(i64x2.sub(i64x2.splat(1022), i64x2.shr_u(x, 52)), isSmall);
  const e = f64x2.convert_low_i32x4_s(i32x4.shuffle(exponents, exponents, 0, 2, 0, 2));
  const s = f64x2.div(f64x2.sub(m, f64x2.splat(1)), f64x2.add(m, f64x2.splat(1)));
  const square = f64x2.mul(s, s);
  let series = f64x2.splat(0);
  for (let i: usize = 0; i < 88; i += 8) {
    series = f64x2.mul(f64x2.add(series, v128.load64_splat(INVERSES + i)), square);
  }
  const twice = f64x2.add(s, s);
  const near = f64x2.add(twice, f64x2.mul(twice, series));
  const low = f64x2.mul(e, f64x2.splat(1.9082149292705877e-10));
  return f64x2.neg(f64x2.sub(f64x2.sub(near, low), f64x2.mul(e, f64x2.splat(0.6931471803691238))));
}

/** The quantiles of two p = q + 1/2 with |q| > 0.425, 0 < p < 1. */
export function tails(p: v128): v128 {
  const q = f64x2.sub(p, f64x2.splat(0.5));
  const below = f64x2.lt(q, f64x2.splat(0));
  const r = f64x2.sqrt(minusLog(v128.bitselect(p, f64x2.sub(f64x2.splat(1), p), below)));
  const x = f64x2.sub(r, f64x2.splat(1.6));
  let z = f64x2.div(polynomials(MIDDLE_P, x), polynomials(MIDDLE_Q, x));
  const far = f64x2.gt(r, f64x2.splat(5));
  if (v128.any_true(far)) {
    const y = f64x2.sub(r, f64x2.splat(5));
    z = v128.bitselect(f64x2.div(polynomials(TAIL_P, y), polynomials(TAIL_Q, y)), z, far);
  }
  return v128.xor(z, v128.and(below, f64x2.splat(-0.0)));
}
