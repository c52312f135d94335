// Greatest common divisors of numbers of many words, the lowest word first.
import { gcd } from './wide';

/**
 * a := the greatest common divisor of two positive numbers of so many words each, by halving and subtracting; returns how many words it has. b is
 * overwritten.
 */
export function gcdLong(words: i32, a: usize, b: usize): i32 {
  const to = a, zeros = min(zeroBits(a), zeroBits(b));
  shiftRight(words, a, zeroBits(a));
  shiftRight(words, b, zeroBits(b));
  let n = words;
  for (;;) {
    while (n > 1 && (word(a, n - 1) | word(b, n - 1)) == 0) n--;
    if (n == 1) {
      store<u64>(a, gcd(load<u64>(a), load<u64>(b)));
      break;
    }
    const order = compare(n, a, b);
    if (order == 0) break;
    if (order < 0) {
      const other = a;
      a = b;
      b = other;
    }
    subtractAndShift(n, a, b);
  }
  if (a != to) memory.copy(to, a, <usize>n << 3);
  memory.fill(to + (<usize>n << 3), 0, <usize>(words - n) << 3);
  shiftLeft(words, to, zeros);
  while (words > 1 && word(to, words - 1) == 0) words--;
  return words;
}

@inline
function word(x: usize, k: i32): u64 {
  return load<u64>(x + (<usize>k << 3));
}

@inline
function put(x: usize, k: i32, value: u64): void {
  store<u64>(x + (<usize>k << 3), value);
}

/** Zero bits behind the last one of a number that is not 0. */
function zeroBits(x: usize): i32 {
  let k = 0;
  while (word(x, k) == 0) k++;
  return 64 * k + <i32>ctz<u64>(word(x, k));
}

function compare(n: i32, a: usize, b: usize): i32 {
  for (let k = n - 1; k >= 0; k--) {
    const x = word(a, k), y = word(b, k);
    if (x != y) return x > y ? 1 : -1;
  }
  return 0;
}

/** a := a - b of odd numbers a > b, less the zero bits behind. */
function subtractAndShift(n: i32, a: usize, b: usize): void {
  const x = word(a, 0), y = word(b, 0), lowest = x - y;
  const by = lowest == 0 ? 0 : ctz<u64>(lowest);
  let borrow = <u64>(x < y), last = lowest;
  for (let k = 1; k < n; k++) {
    const p = word(a, k), q = word(b, k), difference = p - q, next = difference - borrow;
    borrow = <u64>(p < q) | <u64>(difference < borrow);
    put(a, k - 1, by == 0 ? last : (last >> by) | (next << (64 - by)));
    last = next;
  }
  put(a, n - 1, last >> by);
  if (by == 0) shiftRight(n, a, zeroBits(a));
}

function shiftRight(n: i32, x: usize, by: i32): void {
  const skip = by >> 6, rest = <u64>(by & 63);
  for (let k = 0; k < n; k++) {
    const low = k + skip < n ? word(x, k + skip) : 0, high = k + skip + 1 < n ? word(x, k + skip + 1) : 0;
    put(x, k, rest == 0 ? low : (low >> rest) | (high << (64 - rest)));
  }
}

function shiftLeft(n: i32, x: usize, by: i32): void {
  const skip = by >> 6, rest = <u64>(by & 63);
  for (let k = n - 1; k >= 0; k--) {
    const high = k >= skip ? word(x, k - skip) : 0, low = k > skip ? word(x, k - skip - 1) : 0;
    put(x, k, rest == 0 ? high : (high << rest) | (low >> (64 - rest)));
  }
}
