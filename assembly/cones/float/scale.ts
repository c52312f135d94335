// Powers of two as scales: they change no digit, so that integers stay integers.

/** 2^e for e from -1022 to 1023. */
// @ts-ignore: decorator
@inline
function power(e: i32): f64 {
  return reinterpret<f64>(<u64>(e + 1023) << 52);
}

/** The exponent of |x| > 0: 2^e <= |x| < 2^(e + 1). */
// @ts-ignore: decorator
@inline
export function exponentOf(x: f64): i32 {
  const e = <i32>((reinterpret<u64>(x) >> 52) & 0x7ff);
  if (e != 0) return e - 1023;
  return <i32>((reinterpret<u64>(x * 18014398509481984.0) >> 52) & 0x7ff) - 1077;
}

/** x 2^e, in two steps, as 2^e may exceed the range. */
// @ts-ignore: decorator
@inline
export function times(x: f64, e: i32): f64 {
  const half = e >> 1;
  return x * power(half) * power(e - half);
}

/** The largest |x_i|. */
export function largestOf(n: i32, x: usize): f64 {
  let most: f64 = 0;
  for (let i = 0; i < n; i++) most = max(most, abs(load<f64>(x + (<usize>i << 3))));
  return most;
}

/** x := 2^-e x, so that the largest entry lies in [1, 2), for an x that is not 0 and normal numbers throughout. */
// @ts-ignore: decorator
@inline
export function normalise(n: i32, x: usize): void {
  const factor = power(-exponentOf(largestOf(n, x)));
  for (let i = 0; i < n; i++) {
    const p = x + (<usize>i << 3);
    store<f64>(p, load<f64>(p) * factor);
  }
}
