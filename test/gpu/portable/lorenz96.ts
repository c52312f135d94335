// gpu.lorenz96: the bits of the twin on the CPU, and f64 over a few steps.

import type { Tensor } from '#src/core/tensor.js';
import { lorenz96 } from '#src/dynamics/systems/lorenz96.js';
import * as gpu from '#src/gpu/index.js';
import { astype } from '#src/ops/cast.js';
import { both, type Checks, compare, type Own, owning, random, values } from './checks.js';

/** The twin: `steps` steps of dt. */
function onCpu(own: Own, x: Tensor, steps: number, dt: number, F: number, dtype: 'f32' | 'f64'): Tensor {
  const K = x.shape[x.ndim - 1];
  const system = lorenz96({ K, F, interval: dt, innerSteps: 1, dtype });
  let at = dtype === 'f64' ? own(astype(x, 'f64')) : x;
  for (let k = 0; k < steps; k++) at = own(system.step(at));
  return at;
}

export const ensembles: Checks = {
  'ensembles have the bits of the twin': () =>
    owning(async (own) => {
      for (const [shape, steps, dt, F] of [
        [[4], 3, 0.01, 8],
        [[3, 5], 7, 0.05, 8],
        [[40], 300, 0.01, 8],
        [[6, 41], 100, 0.01, 10.5],
        [[2, 3, 7], 20, 0.02, -3],
        [[33, 130], 2, 0.1 / 3, 8],
      ] as const) {
        const [host, x] = random(own, shape, 41, 8);
        const wanted = onCpu(own, host, steps, dt, F, 'f32').data();
        const got = await values(own, gpu.lorenz96(x, { steps, dt, F }), shape);
        compare(`[${shape}], ${steps} steps`, got, wanted);
        if (!got.some((v, i) => v !== host.data()[i])) throw new Error('nothing moved');
      }
    }),
  'a few steps against f64': () =>
    owning(async (own) => {
      const [host, x] = random(own, [5, 40], 42, 8);
      const wanted = onCpu(own, host, 5, 0.01, 8, 'f64').data();
      const got = await values(own, gpu.lorenz96(x, { steps: 5 }), [5, 40]);
      // About ten roundings a step, of numbers up to 16.
      compare('5 steps', got, wanted, (a, b) => Math.abs(a - b) <= 5 * 10 * 16 * 2 ** -24);
    }),
  'NaN and overflow go as far as on the CPU': () =>
    owning(async (own) => {
      for (const odd of [NaN, Infinity, 1e30]) {
        const state = Float32Array.from({ length: 2 * 40 }, (_, k) => (k === 17 ? odd : Math.sin(k)));
        const [host, x] = both(own, state, [2, 40]);
        const wanted = onCpu(own, host, 2, 0.01, 8, 'f32').data();
        compare(`${odd}`, await values(own, gpu.lorenz96(x, { steps: 2 }), [2, 40]), wanted);
      }
    }),
  'no members': () =>
    owning(async (own) => {
      const [, x] = random(own, [0, 40], 43);
      await values(own, gpu.lorenz96(x), [0, 40]);
    }),
};
