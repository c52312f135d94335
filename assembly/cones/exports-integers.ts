// What leaves the module for exact arithmetic: rays of integers of 64 bits.
import { gcdLong } from './long';
import { combineIntegers, combineIntegersWork, integerValues } from './integer-rays';

/**
 * Values (i64) of a row on rays of d entries. Row and rays are records of d + 1 words of 64 bits: how many bits the largest entry has, at most
 * 63, and the entries. 0 where a value would need more than 63 bits, else 1.
 */
export function integer_values(d: i32, rays: i32, records: usize, row: usize, values: usize): i32 {
  return <i32>integerValues(d, rays, records, row, values);
}

/** Bytes of workspace for `integer_combine`. */
export function integer_combine_work(d: i32): usize {
  return combineIntegersWork(d);
}

/**
 * For each of `count` pairs of rays (p, n), two i32, whose values v have opposite signs the ray |v_n| p + |v_p| n, less its common divisor, as a record at
 * `to`. Returns how many were written: less than `count` where the next would need more than 63 bits.
 */
export function integer_combine(
  d: i32, records: usize, values: usize, pairs: usize, count: i32, to: usize, work: usize,
): i32 {
  return combineIntegers(d, records, values, pairs, count, to, work);
}

/** a := the greatest common divisor of two positive numbers of so many words of 64 bits, the lowest first; returns how many words it has. b is overwritten. */
export function integer_gcd(words: i32, a: usize, b: usize): i32 {
  return gcdLong(words, a, b);
}
