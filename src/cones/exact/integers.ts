// Vectors of integers: greatest common divisors, and what remains without them.

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** |x|. */
export const size = (x: bigint): bigint => (x < 0n ? -x : x);

/** The greatest common divisor, 0 of two zeros. */
export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [size(a), size(b)];
  while (y > SAFE) [x, y] = [y, x % y];
  if (y === 0n) return x;
  let [u, v] = [Number(y), Number(x % y)];
  while (v !== 0) [u, v] = [v, u % v];
  return BigInt(u);
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

/** A vector of unit length in floats, of integers of any size; zeros stay. */
export function unitOf(vector: readonly bigint[]): number[] {
  let largest = 0n;
  for (const x of vector) if (size(x) > largest) largest = size(x);
  if (largest === 0n) return vector.map(() => 0);
  // Numbers beyond the range of floats: what is moved out is below the rounding of the largest.
  const by = BigInt(Math.max(0, bitLength(largest) - 512));
  const numbers = vector.map((x) => Number(x >> by));
  const most = Number(largest >> by);
  let squares = 0;
  for (const x of numbers) squares += (x / most) * (x / most);
  const length = most * Math.sqrt(squares);
  return numbers.map((x) => x / length);
}
