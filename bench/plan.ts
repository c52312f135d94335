// The rows of a comparison and of a benchmark.

import type { Case } from './case.js';
import { matmul, matmulPortable } from './cases/matmul.js';
import type { BenchDType, Device } from './row.js';
import type { Setting } from './runner.js';

/** Powers of two and one size between each: enough to place a crossover. */
export const comparisonSizes: readonly number[] = [64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048];

/**
 * Products, size by size, so that one size's rows are measured close together in time: in f32, and where a GPU takes part in f64 on the CPU, too, which
 * is what f32 on the GPU may replace; in WebGPU also by gpu.js's kernel.
 */
export function comparisonPlan(
  sizes: readonly number[],
  threads: number,
  gpu: { readonly backend: 'webgpu' | 'webgl2' } | undefined,
): Setting[] {
  const counts = threads > 1 ? [1, threads] : [1];
  const dtypes: BenchDType[] = gpu ? ['f32', 'f64'] : ['f32'];
  return [...sizes]
    .sort((a, b) => a - b)
    .flatMap((n) => [
      ...dtypes.flatMap((dtype) =>
        counts.map((count): Setting => ({ case: matmul, n, dtype, device: 'cpu', threads: count })),
      ),
      ...(gpu ? (gpu.backend === 'webgpu' ? [matmul, matmulPortable] : [matmul]) : []).map(
        (kernel): Setting => ({ case: kernel, n, dtype: 'f32', device: 'gpu', threads: 1 }),
      ),
    ]);
}

export interface BenchChoice {
  cases: readonly Case[];
  /** Default: each kernel's own. */
  sizes?: readonly number[];
  /** Default: every type a kernel has. */
  dtypes?: readonly BenchDType[];
  /** Default: the CPU, and the GPU where there is one. */
  devices: readonly Device[];
  threads: readonly number[];
  /** True when `threads` was asked for: then a kernel without threads says so instead of falling silent. */
  threadsAsked: boolean;
}

export function benchPlan(choice: BenchChoice): Setting[] {
  return choice.cases.flatMap((kernel) =>
    (choice.dtypes ?? kernel.dtypes)
      .filter((dtype) => kernel.dtypes.includes(dtype))
      .flatMap((dtype) =>
        [...(choice.sizes ?? kernel.sizes)]
          .sort((a, b) => a - b)
          .flatMap((n) => choice.devices.flatMap((device) => places(kernel, n, dtype, device, choice))),
      ),
  );
}

function places(kernel: Case, n: number, dtype: BenchDType, device: Device, choice: BenchChoice): Setting[] {
  if (!kernel.devices.includes(device)) return [];
  if (device === 'gpu') return dtype === 'f32' ? [{ case: kernel, n, dtype, device, threads: 1 }] : [];
  const asked = choice.threads.filter((t) => t === 1 || kernel.threaded || choice.threadsAsked);
  return asked.map((threads) => ({ case: kernel, n, dtype, device, threads }));
}
