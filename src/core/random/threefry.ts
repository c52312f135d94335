// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3. SC 2011):
// a bijection of 64-bit counters under a 64-bit key, in 32-bit integer arithmetic that gives the same bits on every
// machine.

const PARITY = 0x1bd11bda;
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];

/** Encrypts the counter (hi, lo) under the key (k0, k1) into `out`, as two unsigned words. */
export function threefry(k0: number, k1: number, hi: number, lo: number, out: Uint32Array): void {
  const keys = [k0, k1, k0 ^ k1 ^ PARITY];
  let x = (hi + k0) | 0;
  let y = (lo + k1) | 0;
  for (let group = 0; group < 5; group++) {
    const base = (group & 1) << 2;
    for (let i = 0; i < 4; i++) {
      const r = ROTATIONS[base + i];
      x = (x + y) | 0;
      y = ((y << r) | (y >>> (32 - r))) ^ x;
    }
    x = (x + keys[(group + 1) % 3]) | 0;
    y = (y + keys[(group + 2) % 3] + group + 1) | 0;
  }
  out[0] = x;
  out[1] = y;
}
