// The product as three loops in f64, and how far an f32 kernel may be from it.
import * as assert from 'uvu/assert';

/** Numbers in [-1, 1) from a seed: the same on every machine (mulberry32). */
export function noise(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

/** Small integers, whose products f32 holds exactly. */
export function integers(length: number, seed: number): Float32Array {
  return noise(length, seed).map((x) => Math.round(4 * x));
}

/** One m x k by k x n product; `op` gives element (i, p) of the left and (p, j) of the right operand. */
export function product(
  m: number,
  n: number,
  k: number,
  left: (i: number, p: number) => number,
  right: (p: number, j: number) => number,
): { values: Float64Array; sizes: Float64Array } {
  const values = new Float64Array(m * n);
  const sizes = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let p = 0; p < k; p++) {
        const term = left(i, p) * right(p, j);
        values[i * n + j] += term;
        sizes[i * n + j] += Math.abs(term);
      }
    }
  }
  return { values, sizes };
}

/** Higham, Accuracy and Stability, (3.13): |computed - exact| <= gamma_k |A| |B|, gamma_k = k u / (1 - k u). */
export function assertWithinBound(
  got: ArrayLike<number>,
  { values, sizes }: { values: Float64Array; sizes: Float64Array },
  k: number,
  what: string,
): void {
  assert.is(got.length, values.length, `${what}: size`);
  const unit = 2 ** -24;
  const gamma = (k * unit) / (1 - k * unit);
  for (let i = 0; i < values.length; i++) {
    const error = Math.abs(got[i] - values[i]);
    assert.ok(
      error <= gamma * sizes[i] + 1e-37,
      `${what}: entry ${i} is ${got[i]}, not ${values[i]} (error ${error})`,
    );
  }
}
