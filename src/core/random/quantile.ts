// The standard normal quantile, Φ⁻¹(p), by Wichura's rational approximations (Algorithm AS 241, PPND16, Applied
// Statistics 37, 1988; relative accuracy about 1e-16). Only + - * / and sqrt are used, which IEEE 754 rounds alike
// everywhere; engines differ in the last bit of Math.log, so the logarithm is here too.

const CENTRE_P = [
  2.509080928730122673e3, 3.343057558358812811e4, 6.726577092700870085e4, 4.592195393154987146e4,
  1.373169376550946112e4, 1.971590950306551443e3, 1.331416678917843774e2, 3.387132872796366608,
];
const CENTRE_Q = [
  5.226495278852854561e3, 2.872908573572194267e4, 3.930789580009271061e4, 2.121379430158659587e4,
  5.394196021424751108e3, 6.871870074920579083e2, 4.231333070160091125e1, 1,
];
const MIDDLE_P = [
  7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
  3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
];
const MIDDLE_Q = [
  1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
  6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187, 1,
];
const TAIL_P = [
  2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3, 2.65321895265761230930e-2,
  2.9656057182850489123e-1, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
];
const TAIL_Q = [
  2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
  1.48753612908506148525e-2, 1.3692988092273580531e-1, 5.9983220655588793769e-1, 1,
];

function polynomial(coefficients: readonly number[], x: number): number {
  let value = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) value = value * x + coefficients[i];
  return value;
}

/** ln x for 0 < x <= 1: x = 2^-e m with m near 1, ln m = 2 atanh((m - 1) / (m + 1)) by its series. */
export function exactLog(x: number): number {
  let e = 0;
  while (x < Math.SQRT1_2) {
    x *= 2;
    e++;
  }
  const s = (x - 1) / (x + 1);
  const square = s * s;
  let series = 0;
  for (let k = 23; k >= 3; k -= 2) series = (series + 1 / k) * square;
  // ln 2 in two parts, the first with room for an exact product with e.
  return 2 * s + 2 * s * series - e * 1.90821492927058770002e-10 - e * 6.93147180369123816490e-1;
}

/** Φ⁻¹(p) for 0 < p < 1. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRE_P, r)) / polynomial(CENTRE_Q, r);
  }
  const r = Math.sqrt(-exactLog(q < 0 ? p : 1 - p));
  const value =
    r <= 5
      ? polynomial(MIDDLE_P, r - 1.6) / polynomial(MIDDLE_Q, r - 1.6)
      : polynomial(TAIL_P, r - 5) / polynomial(TAIL_Q, r - 5);
  return q < 0 ? -value : value;
}
