// Ensembles of Lorenz's model of 1996 on the GPU.

import { checkCount, checkFinite, checkPositive } from '../core/check.js';
import { ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { show } from '../core/shape.js';
import { padded } from './backend.js';
import { GpuTensor } from './gpu-tensor.js';
import { checkGpuTensor, elementsOf, launched } from './operands.js';
import type { DeviceFunction, PortableKernel } from './portable.js';
import { device } from './session.js';

/** Options of `lorenz96`. */
export interface Lorenz96Options {
  /** Forcing; default 8. */
  F?: number;
  /** Time of a step; default 0.01. */
  dt?: number;
  /** Steps; default 1. */
  steps?: number;
}

const OPTIONS: OptionNames<Lorenz96Options> = { F: true, dt: true, steps: true };
const NAME = 'gpu.lorenz96';

const SLOPE: DeviceFunction = {
  name: 'slope',
  parameters: 5,
  needs: ['rounded'],
  text: (after, before2, before1, here, F) =>
    `rounded(rounded(rounded(rounded(${after} - ${before2}) * ${before1}) - ${here}) + ${F})`,
};

const ADVANCE: DeviceFunction = {
  name: 'advance',
  parameters: 3,
  needs: ['rounded'],
  text: (x, h, f) => `rounded(${x} + rounded(${h} * ${f}))`,
};

const KERNEL: PortableKernel = {
  key: 'lorenz96 step',
  source: 'lorenz96Step',
  parameters: ['tensor', 'table', 'number', 'number', 'number', 'number'],
  functions: [SLOPE, ADVANCE],
};

/** Numbers before and behind the four of a thread that they depend on. */
const [BEFORE, BEHIND] = [8, 4];

/**
 * The states of all members after `steps` steps of the classical Runge-Kutta method for Lorenz's model of 1996,
 * dx_k/dt = (x_{k+1} - x_{k-2}) x_{k-1} - x_k + F with indices modulo K: one dispatch a step, for any number of members. Queues the work
 * and returns at once; `download` waits for it and throws its errors. Rounded as the twin on the CPU, `dynamics.lorenz96` with dtype
 * 'f32': the same bits, unless a device takes subnormal numbers for zeros.
 * @param x states, [..., K] with K at least 4.
 * @throws ShapeError, ArgumentError, DeviceError before `gpu.init()` or if the GPU cannot hold the result.
 * @example
 * using later = gpu.lorenz96(ensemble, { steps: 10 }); // [members, 40], 0.1 units of time later
 */
export function lorenz96(x: GpuTensor, options: Lorenz96Options = {}): GpuTensor {
  checkGpuTensor(NAME, 'x', x);
  checkOptions(NAME, options, OPTIONS);
  const { F = 8, dt = 0.01, steps = 1 } = options;
  checkFinite(NAME, 'F', F);
  checkPositive(NAME, 'dt', dt);
  checkCount(NAME, 'steps', steps, 1);
  const K = x.shape[x.shape.length - 1] ?? 0;
  // Indices are f32 in the kernel.
  if (K < 4 || K > 2 ** 24)
    throw new ShapeError(`${NAME}: x must be [..., K] with K from 4 to 2^24, got ${show(x.shape)}`);
  const backend = device(NAME);
  if (!x.on(NAME, backend)) return new GpuTensor(x.shape, backend, undefined);
  const values = Float32Array.from(
    { length: BEFORE + padded(K) + BEHIND },
    (_, i) => (i + BEFORE * (K - 1)) % K,
  );
  const places = { values, width: values.length };
  const h = Math.fround(dt);
  let at = x;
  for (let step = 0; step < steps; step++) {
    const before = at;
    try {
      at = launched(backend, NAME, x.shape, KERNEL, [
        ...[elementsOf(NAME, before, backend), places],
        ...[F, h, h / 2, Math.fround(h / 6)],
      ]);
    } finally {
      // A state on the way has been read.
      if (before !== x) before.dispose();
    }
  }
  return at;
}
