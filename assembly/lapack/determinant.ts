// det A = ± Π d_i from the diagonal of a factorization, as m 2^e, so that no product overflows on the way to a number that does not.

/** What is wanted of the product: its sign, ln of its magnitude, or itself. */
const SIGN: i32 = 0;
const LOG: i32 = 1;

/** Factors are brought between 2^-LIMIT and 2^LIMIT by multiplying with 2^±STEP. */
const LIMIT: f64 = 3.273390607896142e150;
const STEP: f64 = 600;
const UP: f64 = 4.149515568880993e180;
const DOWN: f64 = 2.409919865102884e-181;
const LN2: f64 = 0.6931471805599453;

/** ln m for m between 2^-500 and 2^500: 2 artanh((f - 1) / (f + 1)) for m = f 2^e with √½ < f < √2; 1 ulp or two. */
export function logarithm(m: f64): f64 {
  const bits = reinterpret<i64>(m);
  let exponent = <f64>((bits >> 52) - 1023);
  let f = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (f > 1.4142135623730951) {
    f /= 2;
    exponent += 1;
  }
  const s = (f - 1) / (f + 1), square = s * s;
  // |s| < 0.1716: eleven terms of the series reach 2^-54.
  let sum: f64 = 0;
  for (let k = 21; k >= 3; k -= 2) sum = (sum + 1 / <f64>k) * square;
  return exponent * LN2 + 2 * (s + s * sum);
}

/** m 2^(600 steps). */
function scaled(m: f64, steps: i32): f64 {
  for (; steps > 0 && m < Infinity && m > 0; steps--) m *= UP;
  for (; steps < 0 && m > 0; steps++) m *= DOWN;
  return m;
}

/**
 * The product of n elements `inc` apart, its sign reversed if `negative`, squared if `squared`. 0 and -Infinity where an element is
 * zero; NaN shows.
 */
export function determinant<T>(n: i32, x: usize, inc: i32, negative: bool, squared: bool, form: i32): T {
  let m: f64 = 1, steps = 0, minus = negative;
  for (let i = 0; i < n; i++) {
    let d = <f64>load<T>(x);
    if (d < 0) {
      d = -d;
      minus = !minus;
    }
    if (d > LIMIT) {
      d *= DOWN;
      steps++;
    } else if (d < 1 / LIMIT) {
      d *= UP;
      steps--;
    }
    m *= d;
    if (m > LIMIT) {
      m *= DOWN;
      steps++;
    } else if (m < 1 / LIMIT) {
      m *= UP;
      steps--;
    }
    x += <usize>inc * sizeof<T>();
  }
  if (squared) minus = false;
  if (m != m) return <T>m;
  if (form == SIGN) return m == 0 ? <T>0 : minus ? <T>-1 : <T>1;
  if (form == LOG) {
    if (m == 0) return -<T>Infinity;
    if (m == Infinity) return <T>Infinity;
    const log = <f64>steps * (STEP * LN2) + logarithm(m);
    return <T>(squared ? 2 * log : log);
  }
  // A square may leave the range only at its end, too.
  const value = squared ? scaled(m * m, 2 * steps) : scaled(m, steps);
  return <T>(minus ? -value : value);
}

/** Whether an odd number of the n exchanges of getrf moved a row. */
export function oddExchanges(n: i32, pivots: usize): bool {
  let odd = false;
  for (let i = 0; i < n; i++) if (load<i32>(pivots + (<usize>i << 2)) != i) odd = !odd;
  return odd;
}

/** Whether det Q = -1: each reflector with tau != 0 has determinant -1. */
export function oddReflectors<T>(n: i32, taus: usize): bool {
  let odd = false;
  for (let i = 0; i < n; i++) if (load<T>(taus + <usize>i * sizeof<T>()) != <T>0) odd = !odd;
  return odd;
}
