// Real numbers of about 100 digits, as integers times powers of two: exp, log, roots, sine and cosine, error function, each by its
// series. Slow and independent of the library: what derivatives in far tails are compared with.

/** m 2^e. */
export interface Real {
  readonly m: bigint;
  readonly e: number;
}

/** Bits of a result; some functions work with more inside. */
const BITS = 340;

const bitsOf = (m: bigint): number => (m < 0n ? -m : m).toString(2).length;

/** The same number with at most `bits` bits. */
function rounded(m: bigint, e: number, bits = BITS): Real {
  const extra = bitsOf(m) - bits;
  return extra > 0 ? { m: m >> BigInt(extra), e: e + extra } : { m, e };
}

const scratch = new DataView(new ArrayBuffer(8));

/** A double, exactly. */
export function real(x: number): Real {
  scratch.setFloat64(0, x);
  const word = scratch.getBigUint64(0);
  const exponent = Number((word >> 52n) & 2047n);
  const fraction = word & ((1n << 52n) - 1n);
  const m = exponent === 0 ? fraction : fraction | (1n << 52n);
  return { m: x < 0 ? -m : m, e: Math.max(exponent, 1) - 1075 };
}

export const ZERO = real(0);
export const ONE = real(1);
export const TWO = real(2);

export const neg = (a: Real): Real => ({ m: -a.m, e: a.e });
export const abs = (a: Real): Real => (a.m < 0n ? neg(a) : a);
export const isZero = (a: Real): boolean => a.m === 0n;
/** a 2^k. */
export const scaled = (a: Real, k: number): Real => ({ m: a.m, e: a.e + k });

/** The exponent of the leading bit. */
export const exponentOf = (a: Real): number =>
  a.m === 0n ? Number.NEGATIVE_INFINITY : a.e + bitsOf(a.m) - 1;

export function add(a: Real, b: Real, bits = BITS): Real {
  if (a.m === 0n) return b;
  if (b.m === 0n) return a;
  const [high, low] = a.e >= b.e ? [a, b] : [b, a];
  // What lies far below the last bit of the sum only costs time.
  if (exponentOf(high) - exponentOf(low) > bits + 8 + bitsOf(high.m)) return high;
  return rounded((high.m << BigInt(high.e - low.e)) + low.m, low.e, bits);
}

export const sub = (a: Real, b: Real, bits = BITS): Real => add(a, neg(b), bits);
export const mul = (a: Real, b: Real, bits = BITS): Real => rounded(a.m * b.m, a.e + b.e, bits);

export function div(a: Real, b: Real, bits = BITS): Real {
  const shift = Math.max(0, bits + bitsOf(b.m) - bitsOf(a.m) + 2);
  return rounded((a.m << BigInt(shift)) / b.m, a.e - b.e - shift, bits);
}

export const square = (a: Real): Real => mul(a, a);
export const sum = (...terms: Real[]): Real => terms.reduce((p, q) => add(p, q));
export const product = (...factors: Real[]): Real => factors.reduce((p, q) => mul(p, q));

export function sqrt(a: Real): Real {
  if (a.m === 0n) return ZERO;
  let shift = Math.max(0, 2 * BITS - bitsOf(a.m));
  if ((a.e - shift) % 2 !== 0) shift++;
  const n = a.m << BigInt(shift);
  let root = 1n << BigInt(Math.ceil(bitsOf(n) / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  return rounded(root, (a.e - shift) / 2);
}

/** The integer part of a 2^bits: fixed point. */
const fixed = (a: Real, bits: number): bigint =>
  a.e + bits >= 0 ? a.m << BigInt(a.e + bits) : a.m >> BigInt(-a.e - bits);

/** Σ 1 / ((2n + 1) k^(2n+1)), alternating or not, in fixed point. */
function arctangent(k: bigint, sign: bigint, bits: number): bigint {
  let power = (1n << BigInt(bits)) / k;
  let total = 0n;
  for (let n = 0n; power !== 0n; n++) {
    total += (n % 2n === 1n ? sign : 1n) * (power / (2n * n + 1n));
    power /= k * k;
  }
  return total;
}

const CONSTANT_BITS = 3000;
const LOG2 = { m: 2n * arctangent(3n, 1n, CONSTANT_BITS), e: -CONSTANT_BITS };
/** Machin's formula. */
export const PI = {
  m: 4n * (4n * arctangent(5n, -1n, CONSTANT_BITS) - arctangent(239n, -1n, CONSTANT_BITS)),
  e: -CONSTANT_BITS,
};

export function exp(a: Real, bits = BITS): Real {
  const [work, halvings] = [bits + 80, 12];
  const k = Number(fixed(div(a, LOG2), 1) / 2n);
  const r = fixed(sub(a, mul(LOG2, real(k), work), work), work) >> BigInt(halvings);
  const one = 1n << BigInt(work);
  let [term, total] = [one, one];
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = (term * r) / (n * one);
    total += term;
  }
  for (let i = 0; i < halvings; i++) total = (total * total) >> BigInt(work);
  return rounded(total, k - work, bits);
}

/** Halley's iteration for e^y = a. */
export function log(a: Real): Real {
  const shift = exponentOf(a);
  let y = add(mul(LOG2, real(shift)), real(Math.log(toNumber(scaled(a, -shift)))));
  for (let i = 0; i < 5; i++) {
    const e = exp(y);
    y = add(y, div(mul(TWO, sub(a, e)), add(a, e)));
  }
  return y;
}

/** Cosine and sine. */
function circle(a: Real): [Real, Real] {
  const work = BITS + 120 + Math.abs(exponentOf(a));
  const half = scaled(PI, -1);
  const k = fixed(add(div(a, half, work), real(0.5), work), 0);
  const r = fixed(sub(a, mul(half, { m: k, e: 0 }, 2 * work), 2 * work), work);
  const one = 1n << BigInt(work);
  let [term, cosine, sine] = [one, 0n, 0n];
  for (let n = 0n; term !== 0n && term !== -1n; n++) {
    const sign = n % 4n < 2n ? 1n : -1n;
    if (n % 2n === 0n) cosine += sign * term;
    else sine += sign * term;
    term = (term * r) / ((n + 1n) * one);
  }
  const [c, s] = [rounded(cosine, -work), rounded(sine, -work)];
  const turns: [Real, Real][] = [
    [c, s],
    [neg(s), c],
    [neg(c), neg(s)],
    [s, neg(c)],
  ];
  return turns[Number(((k % 4n) + 4n) % 4n)];
}

export const cos = (a: Real): Real => circle(a)[0];
export const sin = (a: Real): Real => circle(a)[1];

/** 1 - erf(a) for a >= 0: by the series whose terms are all positive, with the bits that the difference loses. */
export function erfc(a: Real): Real {
  const x = toNumber(a);
  const work = BITS + 60 + Math.ceil(1.5 * x * x);
  const z = mul(a, a, work);
  let term = a;
  let total = a;
  for (let n = 1; exponentOf(term) > exponentOf(total) - work; n++) {
    term = div(mul(term, scaled(z, 1), work), real(2 * n + 1), work);
    total = add(total, term, work);
  }
  const e = exp(neg(z), work);
  const erf = div(mul(mul(scaled(e, 1), total, work), ONE, work), rootPi(work), work);
  return rounded(sub(ONE, erf, work).m, sub(ONE, erf, work).e);
}

/** √π to `bits` bits. */
function rootPi(bits: number): Real {
  const n = (PI.m << BigInt(2 * bits)) << (PI.e % 2 === 0 ? 0n : 1n);
  let root = 1n << BigInt(Math.ceil(bitsOf(n) / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  return rounded(root, (PI.e - (PI.e % 2 === 0 ? 0 : 1)) / 2 - bits, bits);
}

/** The nearest double, or near it. */
export function toNumber(a: Real): number {
  if (a.m === 0n) return 0;
  const extra = bitsOf(a.m) - 60;
  const [m, e] = extra > 0 ? [a.m >> BigInt(extra), a.e + extra] : [a.m, a.e];
  const half = Math.trunc(e / 2);
  return Number(m) * 2 ** half * 2 ** (e - half);
}
