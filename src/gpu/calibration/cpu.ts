// The rates of the CPU: gemm and an elementwise kernel, timed without their tensors' bookkeeping.

import { ones } from '../../core/create.js';
import { allocateBytes, releaseBytes, runtime } from '../../core/runtime.js';
import { cubed } from '../../core/scalars.js';
import { array } from '../../generated/array.js';
import { blas } from '../../generated/blas.js';
import type { CpuProductRates, CpuRates, ProductRate } from '../rates.js';
import { medianMs, repeats } from './clock.js';
import type { TimingOptions } from './stopwatch.js';

/** Milliseconds of `work`, among as many as take `leastMs`. */
async function timeOf(work: () => void, { leastMs = 10, rounds = 5 }: TimingOptions): Promise<number> {
  const once = await medianMs(1, work);
  const count = repeats(once, leastMs);
  const all = await medianMs(rounds, () => {
    for (let i = 0; i < count; i++) work();
  });
  return all / count;
}

/** Products of n x n matrices on one thread, and on all that are in use. */
async function productRates(
  dtype: 'f32' | 'f64',
  sizes: readonly number[],
  options: TimingOptions,
): Promise<CpuProductRates> {
  const [one, all]: [ProductRate[], ProductRate[]] = [[], []];
  for (const n of sizes) {
    const x = ones([n, n], { dtype });
    const c = ones([n, n], { dtype });
    const workspace = allocateBytes(blas.exports[`gemm_${dtype}_work`](n, n, n), 'gpu.calibrate');
    const gemm = (kernel: 'gemm' | 'gemm_packed') => () =>
      blas.exports[`${kernel}_${dtype}`](
        ...([n, n, n, 1, x.address, n, 1, x.address, n, 1, 0, c.address, n, 1, workspace] as const),
      );
    const rate = async (kernel: 'gemm' | 'gemm_packed') => ({
      n,
      flopsPerMs: (2 * cubed(n)) / (await timeOf(gemm(kernel), options)),
    });
    try {
      const together = await rate('gemm');
      all.push(together);
      // Large products share out themselves where there are threads: the packed kernel is what each of them runs.
      one.push(runtime().parallel ? await rate('gemm_packed') : together);
    } finally {
      releaseBytes(workspace);
      x.dispose();
      c.dispose();
    }
  }
  return { one, all };
}

/** Bytes that a sum of two large vectors reads and writes in a millisecond. */
async function elementwiseBytesPerMs(length: number, options: TimingOptions): Promise<number> {
  const [a, b, c] = [0, 1, 2].map(() => ones([length], { dtype: 'f32' }));
  const meta = allocateBytes(20, 'gpu.calibrate');
  try {
    const add = () => {
      // The memory may have grown, and the kernel writes to the last word.
      new Int32Array(runtime().memory.buffer, meta, 5).set([length, 1, 1, 1, 0]);
      array.exports.add_f32(1, meta, c.address, a.address, b.address);
    };
    return (12 * length) / (await timeOf(add, options));
  } finally {
    releaseBytes(meta);
    for (const x of [a, b, c]) x.dispose();
  }
}

/** Measures the CPU with the threads in use: products of these sizes, and sums of vectors of `length`. */
export async function measureCpu(
  sizes: readonly number[],
  length: number,
  options: TimingOptions,
): Promise<CpuRates> {
  return {
    threads: runtime().parallel?.pool.threads ?? 1,
    f32: await productRates('f32', sizes, options),
    f64: await productRates('f64', sizes, options),
    elementwiseBytesPerMs: await elementwiseBytesPerMs(length, options),
  };
}
