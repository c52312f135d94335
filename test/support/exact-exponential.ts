// The exponential of a matrix in fixed-point arithmetic of integers: as many digits as a test wants, from the definition.

/** Bits behind the point: enough for entries of 1e-100 beside those of 1e100. */
const BITS = 900;
const BITS_BIG = BigInt(BITS);
const ONE = 1n << BITS_BIG;

/** A number of f64 as a multiple of 2^-BITS; what is smaller is cut off. */
function fixed(x: number): bigint {
  let [mantissa, exponent] = [x, 0];
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  return exponent <= BITS
    ? BigInt(mantissa) << BigInt(BITS - exponent)
    : BigInt(mantissa) >> BigInt(exponent - BITS);
}

/** The number of f64 nearest to a multiple of 2^-BITS, but for the last bit. */
function float(x: bigint): number {
  const magnitude = x < 0n ? -x : x;
  const spare = Math.max(0, magnitude.toString(2).length - 64);
  let value = Number(magnitude >> BigInt(spare));
  for (let e = spare - BITS; e !== 0; ) {
    const step = Math.max(-1000, Math.min(1000, e));
    value *= 2 ** step;
    e -= step;
  }
  return x < 0n ? -value : value;
}

function product(a: readonly bigint[], b: readonly bigint[], n: number): bigint[] {
  return Array.from({ length: n * n }, (_, t) => {
    const [i, j] = [Math.floor(t / n), t % n];
    let sum = 0n;
    for (let k = 0; k < n; k++)
      if (a[i * n + k] !== 0n && b[k * n + j] !== 0n) sum += a[i * n + k] * b[k * n + j];
    return sum >> BITS_BIG;
  });
}

/** exp(A), n x n, row by row: Taylor's series of A / 2^s, squared s times. */
export function exactExponential(a: readonly number[], n: number): number[] {
  const norm = a.reduce((high, x) => Math.max(high, Math.abs(x)), 0) * Math.max(1, n);
  const squarings = Math.max(0, Math.ceil(Math.log2(norm || 1)) + 4);
  const x = a.map((value) => fixed(value) >> BigInt(squarings));
  let sum = a.map((_, t) => (t % (n + 1) === 0 ? ONE : 0n));
  let term = sum;
  for (let k = 1n; term.some((value) => value !== 0n && value !== -1n); k++) {
    term = product(term, x, n).map((value) => value / k);
    sum = sum.map((value, t) => value + term[t]);
  }
  for (let s = 0; s < squarings; s++) sum = product(sum, sum, n);
  return sum.map(float);
}

/** [[A, E], [0, B]], each n x n. */
export function blockOf(
  a: readonly number[],
  e: readonly number[],
  b: readonly number[],
  n: number,
): number[] {
  return Array.from({ length: 4 * n * n }, (_, t) => {
    const [i, j] = [Math.floor(t / (2 * n)), t % (2 * n)];
    if (i < n) return j < n ? a[i * n + j] : e[i * n + j - n];
    return j < n ? 0 : b[(i - n) * n + j - n];
  });
}

/** The block above the diagonal of a 2n x 2n matrix. */
export function cornerOf(x: readonly number[], n: number): number[] {
  return Array.from({ length: n * n }, (_, t) => x[Math.floor(t / n) * 2 * n + n + (t % n)]);
}
