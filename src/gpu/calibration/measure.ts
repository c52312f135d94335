// Measures the open device and the CPU: the kernels of products, and the rates by which work is shared out.

import { cubed } from '../../core/scalars.js';
import type { Backend } from '../backend.js';
import type { GpuRates, ProductRate, Rates, TransferRate } from '../rates.js';
import { candidatesFor } from './candidates.js';
import { LEAST_MS, medianMs } from './clock.js';
import { measureCpu } from './cpu.js';
import { type Meter, portableMeter, webGpuMeter } from './meters.js';
import { measureProducts } from './products.js';
import { Stopwatch, type TimingOptions } from './stopwatch.js';
import { keyOf } from './store.js';
import type { Calibration, KernelTime } from './types.js';

/** How long everything is looked at. */
interface Effort extends TimingOptions {
  /** Milliseconds of a product beyond which no larger one is tried. */
  readonly limitMs: number;
  /** Numbers of an elementwise kernel's operands on the GPU. */
  readonly length: number;
  readonly cpuSizes: readonly number[];
}

const QUICK: Effort = { leastMs: 3, rounds: 3, limitMs: 10, length: 2 ** 20, cpuSizes: [64, 256] };
const FULL: Effort = {
  leastMs: 10,
  rounds: 5,
  limitMs: 60,
  length: 2 ** 24,
  cpuSizes: [64, 128, 256, 512, 1024],
};
/** Adapters that run on the CPU are slow, and their memory is the CPU's. */
const SOFTWARE: Partial<Effort> = { rounds: 3, limitMs: 20, length: 2 ** 20 };

/** Sizes of products whose rate is kept. */
const SIZES = [64, 128, 256, 512, 1024, 2048, 4096];

/** Numbers that are sent and read back, and how often. */
const TRANSFERRED = 2 ** 20;
const TRANSFERS = 9;

/** Numbers of a vector that no cache holds, of the CPU. */
const CPU_LENGTH = 2 ** 22;

/** Told before each step: what is measured, and which part of all steps is done, from 0 to 1. */
export type OnProgress = (what: string, done: number) => void;

/** Sending and reading back: one number, and many. */
async function transfers(backend: Backend): Promise<Pick<GpuRates, 'upload' | 'download'>> {
  const cols = 1024;
  const parts = [
    { values: new Float32Array(1), extent: { batches: 1, rows: 1, cols: 1 } },
    { values: new Float32Array(TRANSFERRED).fill(1), extent: { batches: 1, rows: TRANSFERRED / cols, cols } },
  ];
  const up: number[] = [];
  const down: number[] = [];
  for (const { values, extent } of parts) {
    const send = async () => {
      const sent = backend.upload(values, extent);
      await backend.sync();
      sent.release();
    };
    up.push(await medianMs(TRANSFERS, send));
    const there = backend.upload(values, extent);
    try {
      down.push(await medianMs(TRANSFERS, () => backend.read(there)));
    } finally {
      there.release();
    }
  }
  const rate = ([tiny, large]: number[]): TransferRate => ({
    latencyMs: tiny,
    bytesPerMs: (4 * TRANSFERRED) / Math.max(large - tiny, LEAST_MS),
  });
  return { upload: rate(up), download: rate(down) };
}

/** The rates of the GPU with the kernels in use. */
async function measureGpu(
  backend: Backend,
  effort: Effort,
  step: (what: string) => void,
): Promise<GpuRates & { clock: Meter['clock'] }> {
  const { webgpu } = backend;
  step('submissions');
  const meter = webgpu
    ? await webGpuMeter(webgpu.device, webgpu.products, effort, effort.length)
    : await portableMeter(backend, effort);
  try {
    const dispatchMs = await meter.dispatchMs();
    step('transfers');
    const moved = await transfers(backend);
    step('an elementwise kernel');
    const elementwiseBytesPerMs = await meter.elementwiseBytesPerMs();
    const products: ProductRate[] = [];
    for (const n of SIZES) {
      step(`products, n = ${n}`);
      const ms = await meter.productMs(n);
      products.push({ n, flopsPerMs: (2 * cubed(n)) / ms });
      if (ms > effort.limitMs) break;
    }
    const { submissionMs, clock } = meter;
    return { submissionMs, dispatchMs, ...moved, products, elementwiseBytesPerMs, clock };
  } finally {
    meter.close();
  }
}

/** The rates of both devices, without a search for kernels: less than a second where the GPU is not slow itself. */
export async function measureRates(backend: Backend): Promise<Rates> {
  const { clock: _, ...gpu } = await measureGpu(backend, effortOf(backend, true), () => undefined);
  return { gpu, cpu: await measureCpu(QUICK.cpuSizes, CPU_LENGTH, QUICK) };
}

function effortOf(backend: Backend, quick: boolean): Effort {
  const { software } = backend.info;
  return { ...FULL, ...(software && SOFTWARE), ...(quick && QUICK) };
}

/** A calibration of the open device; the table of its kernels is the one found, from then on. */
export async function measure(
  backend: Backend,
  quick: boolean,
  before: Calibration | undefined,
  onProgress: OnProgress = () => undefined,
): Promise<Calibration> {
  const effort = effortOf(backend, quick);
  const { webgpu, info } = backend;
  let table = before?.table;
  let kernels: readonly KernelTime[] = before?.kernels ?? [];
  // Of all steps the search takes most.
  const searchPart = webgpu && !quick ? 0.7 : 0;
  if (webgpu && !quick) {
    const stopwatch = await Stopwatch.on(webgpu.device);
    let tried = 0;
    const candidates = candidatesFor(info.software);
    const expected = candidates.tiles.length * (info.software ? 4 : SIZES.length) + 12;
    try {
      const found = await measureProducts(webgpu.device, stopwatch, candidates, {
        ...effort,
        onKernel: ({ kernel, shape: [m, k, n] }) =>
          onProgress(`${m} x ${k} x ${n}: ${kernel}`, searchPart * Math.min(1, ++tried / expected)),
      });
      ({ table, kernels } = found);
      webgpu.products.table = found.table;
    } finally {
      stopwatch.destroy();
    }
  }
  let done = 0;
  const { clock, ...gpu } = await measureGpu(backend, effort, (what) =>
    onProgress(what, searchPart + (0.9 - searchPart) * Math.min(1, done++ / 8)),
  );
  onProgress('the CPU', 0.9);
  const cpu = await measureCpu(effort.cpuSizes, CPU_LENGTH, effort);
  return {
    format: 'cotangent-calibration',
    formatVersion: 1,
    key: await keyOf(backend),
    date: new Date().toISOString(),
    clock,
    ...(table && { table }),
    rates: { gpu, cpu },
    kernels,
  };
}
