// parallelMatmul: a matrix product on the CPU or the GPU, whichever is faster for its size.

import { checkTensor } from './core/check.js';
import { describe } from './core/describe.js';
import { ArgumentError, CotangentError, DeviceError, DTypeError } from './core/errors.js';
import { checkOptions, type OptionNames } from './core/options.js';
import { existingRuntime } from './core/runtime.js';
import { show, sizeOf } from './core/shape.js';
import type { Tensor } from './core/tensor.js';
import type { Rates } from './gpu/rates.js';
import { matmul, matmulOp } from './ops/matmul.js';
import { specsOf } from './ops/op.js';
import { untraced } from './ops/untraced.js';

export interface ParallelOptions {
  /**
   * 'cpu' runs the WASM kernel; 'gpu' runs the GPU kernel or throws; 'auto' (default) takes the faster one by a
   * measured model, and the CPU if there is no GPU, or the GPU cannot take the operands or fails.
   */
  device?: 'auto' | 'cpu' | 'gpu';
}

const PARALLEL_OPTIONS: OptionNames<ParallelOptions> = { device: true };

/** Where a result was computed, and why. */
export interface DeviceReport {
  readonly device: 'cpu' | 'gpu';
  readonly backend: 'wasm' | 'webgpu' | 'webgl2';
  /** The name that the GPU reports. */
  readonly adapter?: string;
  /** True if the GPU is emulated on a CPU. */
  readonly software?: boolean;
  readonly reason: string;
}

const reports = new WeakMap<Tensor, DeviceReport>();

/** The device that computed a result of `parallelMatmul`; undefined for any other tensor. */
export function deviceOf(x: Tensor): DeviceReport | undefined {
  return reports.get(x);
}

/**
 * The matrix product a b by NumPy's rules, on the CPU or the GPU; `deviceOf(result)` says on which, and why. Keep the
 * operands alive until the promise resolves. The first 'auto' call with a large enough product looks for a GPU and
 * measures it.
 */
export async function parallelMatmul(a: Tensor, b: Tensor, options: ParallelOptions = {}): Promise<Tensor> {
  checkOptions('parallelMatmul', options, PARALLEL_OPTIONS);
  checkTensor('parallelMatmul', 'a', a);
  checkTensor('parallelMatmul', 'b', b);
  untraced('parallelMatmul', 'a', a, 'use matmul');
  untraced('parallelMatmul', 'b', b, 'use matmul');
  const { device = 'auto' } = options;
  if (device === 'cpu') return onCpu(a, b, 'asked for');
  if (device === 'gpu') {
    for (const x of [a, b]) {
      if (x.dtype !== 'f32') {
        throw new DTypeError(
          `parallelMatmul: an operand is ${x.dtype}, the GPU computes in f32 only: use astype(x, 'f32')`,
        );
      }
    }
    return onGpu(a, b, 'asked for');
  }
  if (device !== 'auto') {
    throw new ArgumentError(`parallelMatmul: device must be 'auto', 'cpu' or 'gpu', got ${describe(device)}`);
  }
  const choice = await choose(a, b);
  if (choice.device === 'cpu') return onCpu(a, b, choice.reason);
  try {
    return await onGpu(a, b, choice.reason);
  } catch (error) {
    if (!(error instanceof CotangentError)) throw error;
    survey = undefined; // the next call looks again: the device may be gone
    return onCpu(a, b, `the GPU failed: ${error.message}`);
  }
}

function onCpu(a: Tensor, b: Tensor, reason: string): Tensor {
  const result = matmul(a, b);
  reports.set(result, { device: 'cpu', backend: 'wasm', reason });
  return result;
}

async function onGpu(a: Tensor, b: Tensor, reason: string): Promise<Tensor> {
  const gpu = await import('./gpu/index.js');
  const info = await gpu.init();
  const used: { dispose(): void }[] = [];
  const own = <T extends { dispose(): void }>(x: T): T => {
    used.push(x);
    return x;
  };
  try {
    const left = own(gpu.upload(a));
    const product = own(gpu.matmul(left, a === b ? left : own(gpu.upload(b))));
    const result = await product.download();
    try {
      checkCorners(a, b, result);
    } catch (error) {
      result.dispose();
      throw error;
    }
    reports.set(result, { device: 'gpu', ...info, reason });
    return result;
  } finally {
    for (const x of used) x.dispose();
  }
}

/**
 * Compares the first and the last entry with sums in f64: a GPU that fails may answer with zeros instead of an
 * error. The bound is Higham's for a sum of k products in f32 (Accuracy and Stability, section 3.1), twice over.
 */
function checkCorners(a: Tensor, b: Tensor, c: Tensor): void {
  if (c.size === 0) return;
  const x = a.data();
  const y = b.data();
  const k = a.shape[a.ndim - 1];
  const n = b.ndim > 1 ? b.shape[b.ndim - 1] : 1;
  for (const last of [false, true]) {
    let sum = 0;
    let size = 0;
    for (let p = 0; p < k; p++) {
      const term = x[last ? x.length - k + p : p] * y[last ? y.length - 1 - (k - 1 - p) * n : p * n];
      sum += term;
      size += Math.abs(term);
    }
    // Beyond the range of f32 there is nothing to compare.
    if (!(size < 1e38)) continue;
    const got = c.data()[last ? c.size - 1 : 0];
    if (!(Math.abs(got - sum) <= 2 * k * 2 ** -24 * size + 1e-30)) {
      throw new DeviceError(
        `parallelMatmul: the GPU computed entry ${last ? 'last' : 'first'} of ${show(c.shape)} as ${got}, not ${sum}`,
      );
    }
  }
}

/** Below this many operations the round trip to a GPU alone takes longer: do not look for one. */
const SMALLEST_FLOPS = 2 * 128 * 128 * 128;

/** Measured rates of the devices of this machine, or why the GPU is not used. */
type Survey = { readonly reason: string } | { readonly rates: Rates };

let survey: Promise<Survey> | undefined;

async function choose(a: Tensor, b: Tensor): Promise<{ device: 'cpu' | 'gpu'; reason: string }> {
  for (const x of [a, b]) {
    if (x.dtype !== 'f32')
      return { device: 'cpu', reason: `${x.dtype} operands: the GPU computes in f32 only` };
  }
  const size = sizeOf(specsOf(matmulOp, [a, b], {})[0].shape);
  const k = a.shape[a.ndim - 1];
  if (2 * size * k < SMALLEST_FLOPS)
    return { device: 'cpu', reason: 'too small to be worth a round trip to a GPU' };
  survey ??= look();
  const known = await survey;
  if ('reason' in known) return { device: 'cpu', reason: known.reason };
  const { cpuProductMs, downloadMs, gpuProductMs, uploadMs } = await import('./gpu/rates.js');
  const { knownRates } = await import('./gpu/in-force.js');
  const rates = knownRates() ?? known.rates; // a calibration may have come since
  const m = a.ndim > 1 ? a.shape[a.ndim - 2] : 1;
  const n = b.ndim > 1 ? b.shape[b.ndim - 1] : 1;
  const product = { batches: size / (m * n), m, n, k };
  const sent = (a === b ? [a] : [a, b]).map((x) => uploadMs(rates, 4 * x.size));
  const gpuMs = sent.reduce((x, y) => x + y) + gpuProductMs(rates, product) + downloadMs(rates, 4 * size);
  const cpuMs = cpuProductMs(rates, product, 'f32', existingRuntime()?.parallel?.pool.threads ?? 1);
  const reason = `predicted ${cpuMs.toPrecision(3)} ms on the CPU, ${gpuMs.toPrecision(3)} ms on the GPU`;
  return { device: gpuMs < cpuMs ? 'gpu' : 'cpu', reason };
}

/** Looks for a GPU, and measures both devices where there is no calibration. */
async function look(): Promise<Survey> {
  const gpu = await import('./gpu/index.js');
  try {
    const info = await gpu.init();
    if (info.software) return { reason: `the GPU is a software adapter (${info.adapter})` };
    const { measuredRates } = await import('./gpu/calibrate.js');
    return { rates: await measuredRates('parallelMatmul') };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}
