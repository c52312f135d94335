// Sinkhorn's method on GpuTensors.

import { checkCount, checkPositive } from '../core/check.js';
import { ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { type Shape, sameShape, show } from '../core/shape.js';
import type { Backend, DeviceBuffer } from './backend.js';
import { mapped } from './elementwise.js';
import { GpuTensor } from './gpu-tensor.js';
import { checkGpuTensor, elementsOf, extentOf, filled, launched, withTemporaries } from './operands.js';
import { functionOf, type PortableKernel } from './portable.js';
import { device } from './session.js';

/** Options of `sinkhorn`. */
export interface SinkhornOptions {
  /** What the entropy is divided by, above 0; default 1. */
  gamma?: number;
  /** Masses of the rows, [..., m]; default 1/m each. */
  r?: GpuTensor;
  /** Masses of the columns, [..., n]; default 1/n each. */
  c?: GpuTensor;
  /** Steps; default 1. */
  iterations?: number;
  /** The potentials of the columns to begin with, [..., n]; default log c. */
  beta?: GpuTensor;
}

/** A plan and its potentials: plan_ij = exp(alpha_i + beta_j - gamma M_ij). */
export interface SinkhornPlan {
  plan: GpuTensor;
  /** [..., m]; -Infinity where the mass is 0. */
  alpha: GpuTensor;
  /** [..., n]. */
  beta: GpuTensor;
}

const OPTIONS: OptionNames<SinkhornOptions> = { gamma: true, r: true, c: true, iterations: true, beta: true };
const NAME = 'gpu.sinkhorn';

const half = (key: string, source: PortableKernel['source']): PortableKernel => ({
  key,
  source,
  parameters: ['tensor', 'tensor', 'tensor', 'number', 'integer', 'integer'],
  functions: [
    functionOf('maximum', 2, 'maximum'),
    functionOf('expDifference', 2, 'expDifference'),
    functionOf('log', 1, 'logarithm'),
  ],
});
const rowsKernel = () => half('sinkhorn rows', 'sinkhornRows');
const columnsKernel = () => half('sinkhorn columns', 'sinkhornColumns');
const planKernel = (): PortableKernel => ({
  key: 'transport plan',
  source: 'transportPlan',
  parameters: ['tensor', 'tensor', 'tensor', 'number'],
  functions: [functionOf('exp', 1, 'exponential')],
});

/** A vector for each problem, which must have this shape; `fallback` where there is none. */
function vectorFor(
  backend: Backend,
  name: string,
  x: GpuTensor | undefined,
  shape: Shape,
  fallback: () => GpuTensor,
): GpuTensor {
  if (x === undefined) return fallback();
  checkGpuTensor(NAME, name, x);
  if (!sameShape(x.shape, shape))
    throw new ShapeError(`${NAME}: ${name} must have shape ${show(shape)}, got ${show(x.shape)}`);
  x.on(NAME, backend);
  return x;
}

/**
 * Steps of Sinkhorn's method for the plan of least <M, P> + (1/gamma) <P, log P> with row sums r and column sums c, on the GPU: a step
 * sets the potentials of the rows for those of the columns, and those of the columns for them, as logarithms, so that nothing
 * overflows. The column sums of the plan are c after every step; `nodes.optimalTransport` on the CPU goes on to the solution, with
 * other methods where this one is slow. Queues the work and returns at once; `download` waits for it and throws its errors.
 * @param M costs, [..., m, n].
 * @throws ShapeError, ArgumentError, DeviceError before `gpu.init()` or if the GPU cannot hold the result. Values are not looked at: NaN
 * and negative masses give NaN.
 * @example
 * const { plan, alpha, beta } = gpu.sinkhorn(costs, { gamma: 10, iterations: 100 });
 */
export function sinkhorn(M: GpuTensor, options: SinkhornOptions = {}): SinkhornPlan {
  checkGpuTensor(NAME, 'M', M);
  checkOptions(NAME, options, OPTIONS);
  const { gamma = 1, iterations = 1 } = options;
  checkPositive(NAME, 'gamma', gamma);
  checkCount(NAME, 'iterations', iterations, 1);
  const [m, n] = M.shape.slice(-2);
  if (M.shape.length < 2 || m === 0 || n === 0)
    throw new ShapeError(`${NAME}: M must be [..., m, n] with m and n at least 1, got ${show(M.shape)}`);
  const backend = device(NAME);
  M.on(NAME, backend);
  const batch = M.shape.slice(0, -2);
  const [ofRows, ofColumns] = [
    [...batch, m],
    [...batch, n],
  ];
  return withTemporaries((keep) => {
    const r = vectorFor(backend, 'r', options.r, ofRows, () => keep(filled(backend, ofRows, 1 / m)));
    const c = vectorFor(backend, 'c', options.c, ofColumns, () => keep(filled(backend, ofColumns, 1 / n)));
    let beta = vectorFor(backend, 'beta', options.beta, ofColumns, () =>
      keep(mapped(backend, NAME, 'log', c)),
    );
    const empty = (shape: Shape) => new GpuTensor(shape, backend, undefined);
    if (M.size === 0) return { plan: empty(M.shape), alpha: empty(ofRows), beta: empty(ofColumns) };
    const on = (x: GpuTensor): DeviceBuffer => elementsOf(NAME, x, backend);
    const made: GpuTensor[] = [];
    try {
      let alpha = beta;
      for (let k = 0; k < iterations; k++) {
        const rows = [on(M), on(beta), on(r), gamma, extentOf(ofRows).rows, n];
        alpha = launched(backend, NAME, ofRows, rowsKernel(), rows);
        made.push(alpha);
        const columns = [on(M), on(alpha), on(c), gamma, extentOf(ofColumns).rows, m];
        beta = launched(backend, NAME, ofColumns, columnsKernel(), columns);
        made.push(beta);
        // Those of the step before have been read.
        for (const old of made.splice(0, made.length - 2)) old.dispose();
      }
      const plan = launched(backend, NAME, M.shape, planKernel(), [on(M), on(alpha), on(beta), gamma]);
      return { plan, alpha, beta };
    } catch (error) {
      for (const x of made) x.dispose();
      throw error;
    }
  });
}
