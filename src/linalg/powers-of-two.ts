// Powers of two and exponents, by the bits of a number: exact, and the same on every engine, as Math.log2 and ** are not.

const view = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

/** 2^e for an integer e; 0 below -1074, Infinity above 1023. */
export function powerOfTwo(e: number): number {
  if (e > 1023) return Number.POSITIVE_INFINITY;
  if (e < -1022) return e < -1074 ? 0 : powerOfTwo(e + 60) * powerOfTwo(-60);
  view.setUint32(0, (e + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

/** x 2^e for an integer |e| <= 2044: exact, unless the result is subnormal or overflows. */
export function timesPowerOfTwo(x: number, e: number): number {
  const half = e >> 1;
  return x * powerOfTwo(half) * powerOfTwo(e - half);
}

/** floor(log2 |x|); -1075 for 0, 1024 for Infinity and NaN. */
export function exponentOf(x: number): number {
  if (x === 0) return -1075;
  view.setFloat64(0, x);
  const biased = (view.getUint32(0) >>> 20) & 0x7ff;
  return biased > 0 ? biased - 1023 : exponentOf(x * powerOfTwo(60)) - 60;
}

/** The smallest s >= 0 with x 2^-s <= limit, for finite x >= 0 and limit > 0. */
export function halvings(x: number, limit: number): number {
  const s = Math.max(0, exponentOf(x) - exponentOf(limit));
  return timesPowerOfTwo(x, -s) <= limit ? s : s + 1;
}
