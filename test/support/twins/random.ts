// Twins of the module `random`: one number after the other, as the library drew them before it had kernels.
import { threefry } from '#src/core/random/threefry.js';
import type { RandomExports } from '#src/generated/random.js';
import { cells, type Family, type Memory, named } from './cells.js';
import { normalQuantile } from './quantile.js';

const TWO_32 = 2 ** 32;

const family = (memory: Memory, type: 'f64' | 'f32'): Family<RandomExports, typeof type> => {
  const x = cells(memory, type);
  const block = new Uint32Array(2);
  const draw = (k0: number, k1: number, count: number) =>
    threefry(k0, k1, Math.floor(count / TWO_32), count | 0, block);
  /** A multiple of 2^-53 in [0, 1). */
  const bits53 = () => ((block[0] >>> 5) * 67108864 + (block[1] >>> 6)) * 2 ** -53;
  const bits24 = () => (block[0] >>> 8) * 2 ** -24;
  return {
    threefry_uniform(n, out, k0, k1, first, low, span, scale, least, most) {
      for (let i = 0; i < n; i++) {
        draw(k0, k1, first + i);
        const value = x.round(scale * (low + span * (type === 'f64' ? bits53() : bits24())));
        x.put(out, i, Math.max(least, Math.min(most, value)));
      }
    },
    threefry_normal(n, out, k0, k1, first, mean, std) {
      for (let i = 0; i < n; i++) {
        draw(k0, k1, first + i);
        // The sum is rounded to 1 for the very largest number, of which there is no quantile.
        const p = Math.min(bits53() + 2 ** -54, 1 - 2 ** -53);
        x.put(out, i, mean + std * normalQuantile(p));
      }
    },
  };
};

export const random = (memory: Memory) => ({
  ...named('f64', family(memory, 'f64')),
  ...named('f32', family(memory, 'f32')),
});
