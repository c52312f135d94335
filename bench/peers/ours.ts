// cotangent as a contestant: matmul on tensors with a number of threads, and gemm on raw pointers.

import { init, matmul } from 'cotangent';
import { gemm } from '../cases/gemm.js';
import { toTensor } from '../cases/operands.js';
import type { BenchDType } from '../row.js';
import type { Contestant } from './contestant.js';

const dtypes: readonly BenchDType[] = ['f32', 'f64'];

/** With `threads`, the number is set before each batch, because the other side may be ours with another number. */
export function ours(version: string, threads?: number): Contestant {
  const name =
    threads === undefined ? 'cotangent' : `cotangent, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return {
    name,
    version,
    dtypes,
    enter(n, _dtype, left, right) {
      const a = toTensor(left, [n, n]);
      const b = toTensor(right, [n, n]);
      const run = () => matmul(a, b).dispose();
      return {
        run,
        result() {
          const c = matmul(a, b);
          const values = c.toTypedArray();
          c.dispose();
          return values;
        },
        ...(threads !== undefined && {
          async before() {
            await init({ threads });
            // New workers compile their kernels on the first products.
            for (let i = 0; i < 3; i++) run();
          },
        }),
        dispose() {
          a.dispose();
          b.dispose();
        },
      };
    },
  };
}

/** Nanoseconds of one gemm on raw pointers, the fastest of many batches. */
export function nanosecondsPerCall(n: number, dtype: BenchDType): number {
  const task = gemm.setup(n, dtype, 'cpu');
  const calls = 10000;
  let best = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < 50; batch++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) task.run();
    best = Math.min(best, ((performance.now() - start) * 1e6) / calls);
  }
  task.dispose();
  return best;
}
