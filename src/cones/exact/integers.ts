// Vectors of integers: greatest common divisors, what remains without them, and floats.

import { runtime, withWorkspace } from '../../core/runtime.js';
import { lengthOf, powerOfTwo } from '../../core/scalars.js';
import { cones as kernels } from '../../generated/cones.js';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** |x|. */
export const size = (x: bigint): bigint => (x < 0n ? -x : x);

/** The greatest common divisor, 0 of two zeros. */
export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [size(a), size(b)];
  // So that both are about as long.
  if (y > SAFE) [x, y] = [y, x % y];
  if (y > SAFE) [x, y] = [y, x % y];
  if (y > SAFE) return gcdOfLong(x, y);
  if (y === 0n) return x;
  let [u, v] = [Number(y), Number(x % y)];
  while (v !== 0) [u, v] = [v, u % v];
  return BigInt(u);
}

/** The same for a > b > 0, by a kernel. */
function gcdOfLong(a: bigint, b: bigint): bigint {
  const words = Math.ceil(bitLength(a) / 64);
  return withWorkspace(16 * words, 'gcd', (address) => {
    const memory = new BigUint64Array(runtime().memory.buffer, address, 2 * words);
    let [x, y] = [a, b];
    for (let k = 0; k < words; k++) {
      memory[k] = BigInt.asUintN(64, x);
      memory[words + k] = BigInt.asUintN(64, y);
      x >>= 64n;
      y >>= 64n;
    }
    let divisor = 0n;
    for (let k = kernels.exports.integer_gcd(words, address, address + 8 * words) - 1; k >= 0; k--)
      divisor = (divisor << 64n) | memory[k];
    return divisor;
  });
}

/** The greatest common divisor of all entries, 0 of zeros. */
export function content(vector: readonly bigint[]): bigint {
  let divisor = 0n;
  for (const x of vector) {
    if (x !== 0n) divisor = gcd(divisor, x);
    if (divisor === 1n) break;
  }
  return divisor;
}

/** A vector less its common divisor: entries without one, unless all are 0. */
export function primitive(vector: bigint[]): bigint[] {
  const divisor = content(vector);
  return divisor > 1n ? vector.map((x) => x / divisor) : vector;
}

/** A vector less the part of a positive divisor that all its entries have, and that part. */
export function dividedBy(vector: readonly bigint[], most: bigint): { vector: bigint[]; divisor: bigint } {
  let divisor = most;
  let result: bigint[] = [];
  for (let j = 0; j < vector.length && divisor > 1n; j++) {
    const x = vector[j];
    const y = x === 0n ? x : x / divisor;
    result.push(y);
    if (y * divisor === x) continue;
    // Begins again with what is left, which is seldom.
    divisor = gcd(divisor, x);
    result = [];
    j = -1;
  }
  return { vector: divisor > 1n ? result : [...vector], divisor };
}

/** a · b. */
export function dot(a: readonly bigint[], b: readonly bigint[]): bigint {
  let sum = 0n;
  for (let j = 0; j < a.length; j++) {
    if (a[j] !== 0n && b[j] !== 0n) sum += a[j] * b[j];
  }
  return sum;
}

/** Bits of |x|. */
export function bitLength(x: bigint): number {
  const digits = size(x).toString(16);
  return 4 * digits.length - Math.clz32(Number.parseInt(digits[0], 16)) + 28;
}

/** p / q in floats, rounded once; q > 0. */
export function quotient(p: bigint, q: bigint): number {
  if (q === 1n) return Number(p);
  const most = size(p);
  if (most <= SAFE && q <= SAFE) return Number(p) / Number(q);
  // 66 bits or more of the quotient, unless those behind lie below the smallest number; what is left over shows in the last of them.
  const by = Math.min(66 + bitLength(q) - bitLength(most), 1076);
  const [a, b] = by >= 0 ? [most << BigInt(by), q] : [most, q << BigInt(-by)];
  const bits = a / b;
  const value = Number(bits * b === a ? bits : bits | 1n);
  // In two steps: the power itself may be out of range.
  const half = by >> 1;
  const result = value * powerOfTwo(-half) * powerOfTwo(half - by);
  return p < 0n ? -result : result;
}

/** A vector of unit length in floats, of integers of any size; zeros stay. */
export function unitOf(vector: readonly bigint[]): number[] {
  let largest = 0n;
  for (const x of vector) if (size(x) > largest) largest = size(x);
  // Beyond the range of floats: what is moved out is below the rounding of the largest.
  const by = Number.isFinite(Number(largest)) ? 0n : BigInt(bitLength(largest) - 512);
  const numbers = vector.map((x) => Number(x >> by));
  const length = lengthOf(numbers);
  return length === 0 ? numbers : numbers.map((x) => x / length);
}

/** |x| = length · unit, with a power of two for the unit, so that the length is near 1. */
export function lengthOfIntegers(vector: readonly bigint[]): { length: number; unit: bigint } {
  const unit = 1n << BigInt(vector.reduce((most, x) => Math.max(most, bitLength(x)), 0));
  return { length: lengthOf(vector.map((x) => quotient(x, unit))), unit };
}
