// Rays with entries of 64 bits: each a record of d + 1 words, how many bits its largest entry has, and the entries. A result that would
// need more is not written; the caller goes on in other arithmetic.
import {
  bitsOf, divisorHigh, divisorLow, gcd, gcdWide, inverseOf, lowShifted, upper, upperUnsigned, zerosBehind,
} from './wide';

/** The values of a row, itself such a record, on all rays; false where one has more than 63 bits. */
export function integerValues(d: i32, rays: i32, records: usize, row: usize, values: usize): bool {
  const stride = <usize>(d + 1) << 3;
  // A sum of d products below 2^k is below 2^(k + more).
  const more = 32 - clz<i32>(d), room = 63 - <i64>more - load<i64>(row);
  for (let k = 0; k < rays; k++) {
    if (load<i64>(records) <= room) {
      let sum: i64 = 0;
      for (let j: usize = 8; j < stride; j += 8) sum += load<i64>(row + j) * load<i64>(records + j);
      store<i64>(values, sum);
    } else {
      let low: u64 = 0, high: i64 = 0;
      for (let j: usize = 8; j < stride; j += 8) {
        const a = load<i64>(row + j), b = load<i64>(records + j), product = <u64>(a * b);
        low += product;
        high += upper(a, b) + <i64>(low < product);
      }
      if (high != <i64>low >> 63 || low == 0x8000000000000000) return false;
      store<i64>(values, <i64>low);
    }
    records += stride;
    values += 8;
  }
  return true;
}

/** Bytes of workspace for `combineIntegers`. */
export function combineIntegersWork(d: i32): usize {
  return (<usize>d << 4) + 16;
}

/**
 * For each pair (p, n) with values v_p and v_n of opposite signs the ray |v_p| n + |v_n| p, where the row has the value 0, less its common
 * divisor. One record each; returns how many, less than `count` where the next would not fit.
 */
export function combineIntegers(d: i32, records: usize, values: usize, pairs: usize, count: i32, to: usize, work: usize): i32 {
  const stride = <usize>(d + 1) << 3;
  for (let k = 0; k < count; k++) {
    const p = <usize>load<i32>(pairs), n = <usize>load<i32>(pairs, 4);
    const ofP = records + p * stride, ofN = records + n * stride;
    let a = abs<i64>(load<i64>(values + (n << 3))), b = abs<i64>(load<i64>(values + (p << 3)));
    const common = <i64>gcd(<u64>a, <u64>b);
    if (common != 1) {
      a /= common;
      b /= common;
    }
    const isNarrow = bitsOf(a) + load<i64>(ofP) <= 62 && bitsOf(b) + load<i64>(ofN) <= 62;
    if (isNarrow) combineNarrow(d, a, ofP, b, ofN, to);
    else if (!combineWide(d, a, ofP, b, ofN, to, (work + 15) & ~15)) return k;
    pairs += 8;
    to += stride;
  }
  return count;
}

/** to := a p + b n less its common divisor, where no term has more than 62 bits. */
function combineNarrow(d: i32, a: i64, p: usize, b: i64, n: usize, to: usize): void {
  const stride = <usize>(d + 1) << 3;
  let divisor: u64 = 0, all: u64 = 0;
  for (let j: usize = 8; j < stride; j += 8) {
    const x = a * load<i64>(p + j) + b * load<i64>(n + j), size = <u64>abs<i64>(x);
    store<i64>(to + j, x);
    all |= size;
    if (divisor != 1) divisor = gcd(divisor, size);
  }
  if (divisor > 1) {
    const by = ctz<u64>(divisor), inverse = inverseOf(divisor >> by);
    all = 0;
    for (let j: usize = 8; j < stride; j += 8) {
      // An exact division is a product modulo 2^64.
      const x = <i64>(<u64>(load<i64>(to + j) >> by) * inverse);
      store<i64>(to + j, x);
      all |= <u64>abs<i64>(x);
    }
  }
  store<i64>(to, 64 - <i64>clz<u64>(all));
}

/** The same with products of 128 bits on the way; false where the result has more than 63 bits. */
function combineWide(d: i32, a: i64, p: usize, b: i64, n: usize, to: usize, work: usize): bool {
  let low: u64 = 0, high: u64 = 0, inverse: u64 = 0, by: u64 = 0;
  for (let j = 0; j < d; j++) {
    const at = <usize>(j + 1) << 3, x = load<i64>(p + at), y = load<i64>(n + at);
    const first = <u64>(a * x), second = <u64>(b * y), sum = first + second;
    const top = upper(a, x) + upper(b, y) + <i64>(sum < first);
    store<u64>(work + (<usize>j << 4), sum);
    store<i64>(work + (<usize>j << 4), top, 8);
    if ((sum | <u64>top) == 0) continue;
    if ((low | high) != 0 && high == 0 && isMultiple(sum, top, low, by, inverse)) continue;
    const sign = <u64>(top >> 63), sizeLow = (sum ^ sign) - sign;
    const sizeHigh = (<u64>top ^ sign) + (sign & <u64>(sizeLow == 0));
    if ((low | high) == 0) {
      low = sizeLow;
      high = sizeHigh;
    } else {
      gcdWide(sizeLow, sizeHigh, low, high);
      low = divisorLow;
      high = divisorHigh;
    }
    by = zerosBehind(low, high);
    inverse = inverseOf(lowShifted(low, high, by));
  }
  let all: u64 = 0;
  for (let j = 0; j < d; j++) {
    const sum = load<u64>(work + (<usize>j << 4)), top = load<i64>(work + (<usize>j << 4), 8);
    // A divisor of more than 64 bits leaves less than 63.
    if (high == 0 && !isMultiple(sum, top, low, by, inverse)) return false;
    const x = quotient(sum, top, by, inverse);
    if (x == i64.MIN_VALUE) return false;
    store<i64>(to + (<usize>(j + 1) << 3), x);
    all |= <u64>abs<i64>(x);
  }
  store<i64>(to, 64 - <i64>clz<u64>(all));
  return true;
}

/** What x / divisor is modulo 2^64 where the division is exact; the divisor is an odd number, whose inverse is given, moved left by `by`. */
@inline
function quotient(low: u64, high: i64, by: u64, inverse: u64): i64 {
  const odd = by < 64 ? lowShifted(low, <u64>high, by) : <u64>(high >> (by - 64));
  return <i64>(odd * inverse);
}

/** Whether a divisor of one word divides x with a quotient of one word: then the quotient modulo 2^64 gives x back. */
@inline
function isMultiple(low: u64, high: i64, divisor: u64, by: u64, inverse: u64): bool {
  const q = quotient(low, high, by, inverse);
  const top = <i64>upperUnsigned(<u64>q, divisor) - ((q >> 63) & <i64>divisor);
  return <u64>q * divisor == low && top == high;
}
