// Integers of 128 bits as two words, and greatest common divisors.

/** The upper word of the product of two words without sign. */
@inline
export function upperUnsigned(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32;
  const low = a0 * b0, cross = a1 * b0 + (low >> 32), other = a0 * b1 + (cross & 0xffffffff);
  return a1 * b1 + (cross >> 32) + (other >> 32);
}

/** The upper word of the product of two words with sign. */
@inline
export function upper(a: i64, b: i64): i64 {
  return <i64>upperUnsigned(<u64>a, <u64>b) - ((a >> 63) & b) - ((b >> 63) & a);
}

/** Bits of |x|, for x above -2^63. */
@inline
export function bitsOf(x: i64): i64 {
  const sign = x >> 63;
  return 64 - clz<i64>((x ^ sign) - sign);
}

/** The greatest common divisor of two numbers of which one may be 0. */
export function gcd(a: u64, b: u64): u64 {
  if (a == 0) return b;
  if (b == 0) return a;
  const shift = ctz<u64>(a | b);
  a >>= ctz<u64>(a);
  b >>= ctz<u64>(b);
  while (a != b) {
    const isAbove = a > b;
    const difference = isAbove ? a - b : b - a;
    b = isAbove ? b : a;
    a = difference >> ctz<u64>(difference);
  }
  return a << shift;
}

/** The inverse of an odd number modulo 2^64, by Newton's method: each step doubles the number of right bits, of which there are 5 at first. */
@inline
export function inverseOf(odd: u64): u64 {
  let x = (3 * odd) ^ 2;
  x *= 2 - odd * x;
  x *= 2 - odd * x;
  x *= 2 - odd * x;
  return x * (2 - odd * x);
}

/** The result of `gcdWide`: lower and upper word. */
export let divisorLow: u64 = 0;
export let divisorHigh: u64 = 0;

/** The greatest common divisor of two positive numbers of 128 bits, by halving and subtracting. */
export function gcdWide(aLow: u64, aHigh: u64, bLow: u64, bHigh: u64): void {
  const shift = min(zerosBehind(aLow, aHigh), zerosBehind(bLow, bHigh));
  let by = zerosBehind(aLow, aHigh);
  aLow = lowShifted(aLow, aHigh, by);
  aHigh = highShifted(aHigh, by);
  by = zerosBehind(bLow, bHigh);
  bLow = lowShifted(bLow, bHigh, by);
  bHigh = highShifted(bHigh, by);
  while ((aHigh | bHigh) != 0 && (aHigh != bHigh || aLow != bLow)) {
    if (aHigh < bHigh || (aHigh == bHigh && aLow < bLow)) {
      const low = aLow, high = aHigh;
      aLow = bLow;
      aHigh = bHigh;
      bLow = low;
      bHigh = high;
    }
    const borrow = <u64>(aLow < bLow);
    aLow -= bLow;
    aHigh -= bHigh + borrow;
    by = zerosBehind(aLow, aHigh);
    aLow = lowShifted(aLow, aHigh, by);
    aHigh = highShifted(aHigh, by);
  }
  if (aHigh == 0 && bHigh == 0) aLow = gcd(aLow, bLow);
  divisorHigh = shift == 0 ? aHigh : shift < 64 ? (aHigh << shift) | (aLow >> (64 - shift)) : aLow << (shift - 64);
  divisorLow = shift < 64 ? aLow << shift : 0;
}

/** Zero bits behind the last one of a number that is not 0. */
@inline
export function zerosBehind(low: u64, high: u64): u64 {
  return low != 0 ? ctz<u64>(low) : 64 + ctz<u64>(high);
}

/** The lower word of a number moved right by 0 to 127 bits. */
@inline
export function lowShifted(low: u64, high: u64, by: u64): u64 {
  return by == 0 ? low : by < 64 ? (low >> by) | (high << (64 - by)) : high >> (by - 64);
}

@inline
function highShifted(high: u64, by: u64): u64 {
  return by < 64 ? high >> by : 0;
}
