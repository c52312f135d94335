// The machine of the benchmarks: the build of the kernels, the threads, and the GPU if there is one.

import { gpu, init } from 'cotangent';
import type { Backend } from './row.js';

export interface HostOptions {
  /** The largest number of threads that will be used: shared memory must exist from the first tensor on. */
  threads: number;
  /** Look for a GPU. */
  gpu: boolean;
  gpuBackend?: 'auto' | 'webgpu' | 'webgl2';
  allowSoftware?: boolean;
}

export interface Host {
  readonly variant: 'simd' | 'relaxed';
  readonly cpuBackend: Backend;
  /** The most threads there are. */
  readonly threads: number;
  readonly threadsReason?: string;
  readonly gpu?: { backend: 'webgpu' | 'webgl2'; adapter: string; software: boolean };
  readonly gpuReason?: string;
  /** Sets how many threads the next products use. */
  useThreads(threads: number): Promise<void>;
  /** Stops the threads and releases the GPU, so that the process can end. */
  close(): Promise<void>;
}

export async function openHost(options: HostOptions): Promise<Host> {
  const settled = await init({ threads: options.threads });
  let current = settled.threads;
  const found = options.gpu ? await openGpu(options) : {};
  return {
    variant: settled.variant,
    cpuBackend: settled.variant === 'relaxed' ? 'wasm relaxed-simd' : 'wasm simd',
    threads: settled.threads,
    threadsReason: settled.threadsReason,
    ...found,
    async useThreads(threads) {
      if (threads === current) return;
      current = (await init({ threads })).threads;
    },
    async close() {
      await init({ threads: 1 });
      if ('gpu' in found) await gpu.destroy();
    },
  };
}

async function openGpu({ gpuBackend = 'auto', allowSoftware = false }: HostOptions) {
  try {
    const { backend, adapter, software } = await gpu.init({ backend: gpuBackend, allowSoftware });
    return { gpu: { backend, adapter, software } };
  } catch (error) {
    return { gpuReason: (error as Error).message.replace(/^gpu\.init: (no GPU to use: )?/, '') };
  }
}
