// Threefry-2x32 (core/random/threefry.ts) of the counters 0, 1, … under one key, unrolled: three times as fast as
// calls.

const rotated = (y: number, bits: number): number => (y << bits) | (y >>> (32 - bits));

/** Writes two words per counter. */
export function threefryWords(k0: number, k1: number, out: Int32Array): void {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  const count = out.length;
  for (let i = 0; i < count; i += 2) {
    let x = k0;
    let y = ((i >>> 1) + k1) | 0;
    x = (x + y) | 0;
    y = rotated(y, 13) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 15) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 26) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 6) ^ x;
    x = (x + k1) | 0;
    y = (y + k2 + 1) | 0;
    x = (x + y) | 0;
    y = rotated(y, 17) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 29) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 16) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 24) ^ x;
    x = (x + k2) | 0;
    y = (y + k0 + 2) | 0;
    x = (x + y) | 0;
    y = rotated(y, 13) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 15) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 26) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 6) ^ x;
    x = (x + k0) | 0;
    y = (y + k1 + 3) | 0;
    x = (x + y) | 0;
    y = rotated(y, 17) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 29) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 16) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 24) ^ x;
    x = (x + k1) | 0;
    y = (y + k2 + 4) | 0;
    x = (x + y) | 0;
    y = rotated(y, 13) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 15) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 26) ^ x;
    x = (x + y) | 0;
    y = rotated(y, 6) ^ x;
    x = (x + k2) | 0;
    y = (y + k0 + 5) | 0;
    out[i] = x;
    if (i + 1 < count) out[i + 1] = y;
  }
}
