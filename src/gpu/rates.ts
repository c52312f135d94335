// What work and transfers take on the GPU and on the CPU: rates, as a calibration measures them, and the times that follow. Pure: nothing here touches a device.
import { cubed } from '../core/scalars.js';

/** Bytes that travel between WASM memory and the GPU: a time for any of them, and what each adds. */
export interface TransferRate {
  readonly latencyMs: number;
  readonly bytesPerMs: number;
}

/** Operations per millisecond (2 m n k of them are a product) of products of n x n matrices. */
export interface ProductRate {
  readonly n: number;
  readonly flopsPerMs: number;
}

export interface GpuRates {
  /** From a submission of next to nothing until its end is known. */
  readonly submissionMs: number;
  /** A dispatch that does next to nothing, in a pass of many. */
  readonly dispatchMs: number;
  readonly upload: TransferRate;
  /** From the end of the work until the values are in WASM memory; its latency holds that of a submission. */
  readonly download: TransferRate;
  /** f32 products whose operands are on the GPU, by size, the smallest first. */
  readonly products: readonly ProductRate[];
  /** Bytes read and written by an elementwise kernel with large operands. */
  readonly elementwiseBytesPerMs: number;
}

/** Products of one dtype: on one thread, and on all that are in use. */
export interface CpuProductRates {
  readonly one: readonly ProductRate[];
  readonly all: readonly ProductRate[];
}

export interface CpuRates {
  /** Threads in use. */
  readonly threads: number;
  readonly f32: CpuProductRates;
  readonly f64: CpuProductRates;
  /** Bytes read and written by an elementwise kernel with large operands, on one thread. */
  readonly elementwiseBytesPerMs: number;
}

/** What one machine does in a millisecond. */
export interface Rates {
  readonly gpu: GpuRates;
  readonly cpu: CpuRates;
}

/** The CPU's where nothing was measured: from docs/benchmarks.md, at about half of what one thread reaches there. */
const DEFAULT_CPU: CpuRates = {
  threads: 1,
  f32: { one: [{ n: 256, flopsPerMs: 25e6 }], all: [{ n: 256, flopsPerMs: 25e6 }] },
  f64: { one: [{ n: 256, flopsPerMs: 12e6 }], all: [{ n: 256, flopsPerMs: 12e6 }] },
  elementwiseBytesPerMs: 8e6,
};

/**
 * For GPUs that were not measured. These are assumptions, on the slow side of what a card of the middle class does behind a bus of 16 GB/s: whoever
 * goes by them leaves small work on the CPU.
 */
export const DEFAULT_RATES: Rates = {
  gpu: {
    submissionMs: 0.3,
    dispatchMs: 0.01,
    upload: { latencyMs: 0.1, bytesPerMs: 2e6 },
    download: { latencyMs: 1, bytesPerMs: 2e6 },
    products: [
      { n: 64, flopsPerMs: 2e7 },
      { n: 256, flopsPerMs: 3e8 },
      { n: 1024, flopsPerMs: 1e9 },
    ],
    elementwiseBytesPerMs: 1e8,
  },
  cpu: DEFAULT_CPU,
};

/** For adapters that run on the CPU and were not measured: about SwiftShader's on two cores. */
export const SOFTWARE_RATES: Rates = {
  gpu: {
    submissionMs: 0.1,
    dispatchMs: 0.015,
    upload: { latencyMs: 0.05, bytesPerMs: 1e6 },
    download: { latencyMs: 0.3, bytesPerMs: 1e6 },
    products: [
      { n: 64, flopsPerMs: 1.6e6 },
      { n: 256, flopsPerMs: 2.2e6 },
      { n: 512, flopsPerMs: 3e6 },
    ],
    elementwiseBytesPerMs: 0.65e6,
  },
  cpu: DEFAULT_CPU,
};

/** Extents of a product: m x k by k x n, of each of a batch. */
export interface ProductSize {
  readonly batches?: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

const transferMs = ({ latencyMs, bytesPerMs }: TransferRate, bytes: number): number =>
  latencyMs + bytes / bytesPerMs;

/** Milliseconds of a product of so many operations: linear between the sizes measured, and in proportion beyond them. */
function arithmeticMs(rates: readonly ProductRate[], flops: number): number {
  const point = ({ n, flopsPerMs }: ProductRate) => ({
    flops: 2 * cubed(n),
    ms: (2 * cubed(n)) / flopsPerMs,
  });
  const after = rates.findIndex(({ n }) => 2 * cubed(n) >= flops);
  if (after <= 0) return flops / rates[after === 0 ? 0 : rates.length - 1].flopsPerMs;
  const [low, high] = [point(rates[after - 1]), point(rates[after])];
  return low.ms + ((flops - low.flops) / (high.flops - low.flops)) * (high.ms - low.ms);
}

const flopsOf = ({ batches = 1, m, n, k }: ProductSize): number => 2 * batches * m * n * k;

/** Numbers that a product reads and writes. */
const numbersOf = ({ batches = 1, m, n, k }: ProductSize): number => batches * (m * k + k * n + m * n);

/** Milliseconds to copy so many bytes to the GPU. */
export const uploadMs = ({ gpu }: Rates, bytes: number): number => transferMs(gpu.upload, bytes);

/** Milliseconds to copy so many bytes back, once the work on them is done. */
export const downloadMs = ({ gpu }: Rates, bytes: number): number => transferMs(gpu.download, bytes);

/** Milliseconds of an f32 product on the GPU, without transfer and submission: arithmetic or memory, whichever takes longer. */
export function gpuProductMs({ gpu }: Rates, size: ProductSize): number {
  const memory = (4 * numbersOf(size)) / gpu.elementwiseBytesPerMs;
  return gpu.dispatchMs + Math.max(arithmeticMs(gpu.products, flopsOf(size)), memory);
}

/** Milliseconds of an elementwise kernel on the GPU that reads and writes so many bytes, without transfer and submission. */
export const gpuElementwiseMs = ({ gpu }: Rates, bytes: number): number =>
  gpu.dispatchMs + bytes / gpu.elementwiseBytesPerMs;

/** Milliseconds of a product on the CPU, on so many threads; between one and those that were measured the rate is a line. */
export function cpuProductMs(
  { cpu }: Rates,
  size: ProductSize,
  dtype: 'f32' | 'f64' = 'f32',
  threads: number = cpu.threads,
): number {
  const { batches = 1, m, n, k } = size;
  const flops = flopsOf({ m, n, k });
  const [one, all] = [arithmeticMs(cpu[dtype].one, flops), arithmeticMs(cpu[dtype].all, flops)];
  const part = cpu.threads > 1 ? Math.min(1, (threads - 1) / (cpu.threads - 1)) : 0;
  const memory = ((dtype === 'f64' ? 8 : 4) * numbersOf(size)) / cpu.elementwiseBytesPerMs;
  return Math.max(batches / ((1 - part) / one + part / all), memory);
}

/** Milliseconds of an elementwise kernel on the CPU that reads and writes so many bytes. */
export const cpuElementwiseMs = ({ cpu }: Rates, bytes: number): number => bytes / cpu.elementwiseBytesPerMs;
