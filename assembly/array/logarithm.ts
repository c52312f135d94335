// log x for the sums of softmax, which are 0, NaN, or from 1 to the number of terms; within 1 ULP.
// x = 2^k (1 + f) with √½ < 1 + f < √2, and log(1 + f) = f - f²/2 + s (f²/2 + R(s²)) with s = f / (2 + f), R by its
// minimax polynomial (the method and the coefficients of fdlibm's e_log.c; error of R below 2^-58).

export function logarithm(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  const bits = reinterpret<u64>(x) + 0x00095f6200000000;
  const k = <f64>(<i32>(bits >> 52) - 1023);
  const f = reinterpret<f64>((bits & 0x000fffffffffffff) + 0x3fe6a09e00000000) - 1;
  const s = f / (2 + f), z = s * s, w = z * z, half = 0.5 * f * f;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  return s * (half + even + odd) + k * 1.90821492927058770002e-10 - half + f + k * 6.93147180369123816490e-1;
}
