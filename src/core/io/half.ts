// Half precision: 1 sign bit, 5 bits of exponent, 10 of fraction.

/** The number of 16 bits, exactly. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  // 1 << 25 at most: no power of the engine is needed.
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return (sign * (1024 + fraction) * (1 << exponent)) / (1 << 25);
}
