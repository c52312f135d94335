// Predicts the time of a product on the GPU, transfers included, from a few small probes.

import { zeros } from '../core/create.js';
import { cubed } from '../core/scalars.js';
import type { Tensor } from '../core/tensor.js';
import type { GpuTensor } from './gpu-tensor.js';
import { matmul, upload } from './matmul.js';
import { sync } from './session.js';

/** The three numbers of the cost model. */
export interface GpuCosts {
  /** Milliseconds of one round trip with almost no work. */
  readonly latencyMs: number;
  /** Bytes per millisecond between WASM memory and the GPU, both ways together. */
  readonly bytesPerMs: number;
  /** Floating-point operations per millisecond of a large product. */
  readonly flopsPerMs: number;
}

/** Milliseconds to upload the operands, multiply, and download the result. */
export function predictGpuMs(costs: GpuCosts, bytes: number, flops: number): number {
  return costs.latencyMs + bytes / costs.bytesPerMs + flops / costs.flopsPerMs;
}

/** The cost model, pure: from times of round trips and of kernels alone. */
export function fitCosts(times: {
  /** Time of a round trip with one element. */
  tinyTripMs: number;
  /** Time of a round trip with `bytes` in total. */
  largeTripMs: number;
  bytes: number;
  /** Time of a kernel without transfer: of size 1 x 1, and of `flops`. */
  tinyKernelMs: number;
  largeKernelMs: number;
  flops: number;
}): GpuCosts {
  // A coarse clock may see no difference; no cost may become zero.
  const least = 1e-3;
  return {
    latencyMs: times.tinyTripMs,
    bytesPerMs: times.bytes / Math.max(times.largeTripMs - times.tinyTripMs, least),
    flopsPerMs: times.flops / Math.max(times.largeKernelMs - times.tinyKernelMs, least),
  };
}

/** Measures the open GPU: products of side 1 and `n`, three times each; the fastest counts. */
export async function measureGpu(n = 512): Promise<GpuCosts> {
  const tiny = zeros([1, 1], { dtype: 'f32' });
  const large = zeros([n, n], { dtype: 'f32' });
  try {
    await roundTrip(large); // compiles, and wakes the GPU's clock
    return fitCosts({
      tinyTripMs: await fastest(() => roundTrip(tiny)),
      largeTripMs: await fastest(() => roundTrip(large)),
      bytes: 8 * n * n,
      tinyKernelMs: await kernelMs(tiny),
      largeKernelMs: await kernelMs(large),
      flops: 2 * cubed(n),
    });
  } finally {
    tiny.dispose();
    large.dispose();
  }
}

/** A round trip. */
async function roundTrip(x: Tensor): Promise<void> {
  const up = upload(x);
  try {
    (await up.download()).dispose();
  } finally {
    up.dispose();
  }
}

async function kernelMs(x: Tensor): Promise<number> {
  const operand = upload(x);
  const products: GpuTensor[] = [];
  try {
    return await fastest(async () => {
      products.push(matmul(operand, operand));
      await sync();
    });
  } finally {
    for (const used of [operand, ...products]) used.dispose();
  }
}

async function fastest(work: () => Promise<void>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
