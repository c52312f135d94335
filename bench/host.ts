// The machine of the benchmarks: the build of the kernels, the threads, and the GPU if there is one.

import { gpu, init } from 'cotangent';
import { type GpuPeak, measurePeak } from './gpu/peak.js';
import { cpuPeak } from './peak.js';
import type { Backend } from './row.js';

export interface HostOptions {
  /** The largest number of threads that will be used: shared memory must exist from the first tensor on. */
  threads: number;
  /** Look for a GPU. */
  gpu: boolean;
  gpuBackend?: 'auto' | 'webgpu' | 'webgl2';
  allowSoftware?: boolean;
  /** Measure what CPU and GPU reach at most. */
  peak?: boolean;
}

/** What this machine reaches at most, with nothing read from memory: GFLOP/s of one thread, and of the adapter (WebGPU only). */
export interface Peak {
  readonly cpu: { readonly f32: number; readonly f64: number };
  readonly gpu?: GpuPeak;
}

export interface Host {
  readonly variant: 'simd' | 'relaxed';
  readonly cpuBackend: Backend;
  /** The most threads there are. */
  readonly threads: number;
  readonly threadsReason?: string;
  readonly gpu?: { backend: 'webgpu' | 'webgl2'; adapter: string; software: boolean };
  readonly gpuReason?: string;
  readonly peak?: Peak;
  /** Sets how many threads the next products use. */
  useThreads(threads: number): Promise<void>;
  /** Stops the threads and releases the GPU, so that the process can end. */
  close(): Promise<void>;
}

export async function openHost(options: HostOptions): Promise<Host> {
  const settled = await init({ threads: options.threads });
  let current = settled.threads;
  const found: Pick<Host, 'gpu' | 'gpuReason'> = options.gpu ? await openGpu(options) : {};
  const peak = options.peak ? await peakOf(found.gpu) : undefined;
  return {
    variant: settled.variant,
    cpuBackend: settled.variant === 'relaxed' ? 'wasm relaxed-simd' : 'wasm simd',
    threads: settled.threads,
    threadsReason: settled.threadsReason,
    ...found,
    ...(peak && { peak }),
    async useThreads(threads) {
      if (threads === current) return;
      current = (await init({ threads })).threads;
    },
    async close() {
      await init({ threads: 1 });
      if (found.gpu) await gpu.destroy();
    },
  };
}

async function peakOf(device: Host['gpu']): Promise<Peak> {
  const cpu = { f32: cpuPeak('f32'), f64: cpuPeak('f64') };
  return device?.backend === 'webgpu' ? { cpu, gpu: await measurePeak(device.software) } : { cpu };
}

async function openGpu({ gpuBackend = 'auto', allowSoftware = false }: HostOptions) {
  try {
    const { backend, adapter, software } = await gpu.init({ backend: gpuBackend, allowSoftware });
    return { gpu: { backend, adapter, software } };
  } catch (error) {
    return { gpuReason: (error as Error).message.replace(/^gpu\.init: (no GPU to use: )?/, '') };
  }
}
