// What the rates of a GPU are made of, measured on a WebGPU device directly, and on WebGL2 by the calls of its backend.

import type { Backend, DeviceBuffer, Product } from '../backend.js';
import type { Dispatch, WebGpuProducts } from '../webgpu-products.js';
import { USAGE } from '../webgpu-usage.js';
import { LEAST_MS, medianMs, repeats } from './clock.js';
import { Stopwatch, type TimingOptions } from './stopwatch.js';

export interface Meter {
  readonly clock: 'timestamps' | 'sync';
  readonly submissionMs: number;
  /** Milliseconds of a dispatch that does next to nothing. */
  dispatchMs(): Promise<number>;
  /** Milliseconds of a product of n x n matrices that are on the device. */
  productMs(n: number): Promise<number>;
  /** Bytes that an elementwise kernel reads and writes in a millisecond. */
  elementwiseBytesPerMs(): Promise<number>;
  close(): void;
}

/** Whole numbers from -2 to 2, which are summed exactly. */
export function smallIntegers(count: number): Float32Array {
  const values = new Float32Array(count);
  const first = Math.min(count, 4099); // a prime: rows do not repeat
  for (let i = 0; i < first; i++) values[i] = (((i * 7) % 11) % 5) - 2;
  for (let filled = first; filled < count; filled *= 2) values.copyWithin(filled, 0, filled);
  return values;
}

const square = (n: number): Omit<Product, 'aBatch' | 'bBatch' | 'portable'> => ({
  ...{ batches: 1, m: n, n, k: n, transposeA: false, transposeB: false },
  ...{ alpha: 1, beta: 0 },
});
const FIRST = new Float32Array(1);

const SUM = `@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.y * groups.x * 64u + id.x;
  if (i < arrayLength(&c)) { c[i] = a[i] + b[i]; }
}`;

/** A buffer of small integers. */
export function operand(device: GPUDevice, count: number): GPUBuffer {
  const usage = USAGE.storage | USAGE.copySource;
  const buffer = device.createBuffer({ size: 4 * count, usage, mappedAtCreation: true });
  new Float32Array(buffer.getMappedRange()).set(smallIntegers(count));
  buffer.unmap();
  return buffer;
}

/** A dispatch of a kernel whose buffers are its bindings, in order. */
export function dispatchOf(
  device: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
  grid: Dispatch['grid'],
): Dispatch {
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return { pipeline, bindGroup, grid };
}

/** Measures a device with the kernels that `products` chooses. */
export async function webGpuMeter(
  device: GPUDevice,
  products: WebGpuProducts,
  options: TimingOptions,
  /** Numbers of each operand of the elementwise kernel: a power of two. */
  length: number,
): Promise<Meter> {
  const stopwatch = await Stopwatch.on(device);
  return {
    get clock() {
      return stopwatch.clock;
    },
    submissionMs: stopwatch.submissionMs,
    dispatchMs: () => stopwatch.dispatchMs(options),
    async productMs(n) {
      const call = { ...square(n), aBatch: FIRST, bBatch: FIRST };
      const used = [operand(device, n * n), device.createBuffer({ size: 4 * n * n, usage: USAGE.storage })];
      const side = { buffer: used[0], pitch: n, stride: n * n };
      const { dispatches, spare } = products.prepare(side, side, used[1], call);
      try {
        return await stopwatch.time(dispatches, options);
      } finally {
        for (const buffer of [...used, ...spare]) buffer.destroy();
      }
    },
    async elementwiseBytesPerMs() {
      const out = device.createBuffer({ size: 4 * length, usage: USAGE.storage });
      const used = [operand(device, length), operand(device, length), out];
      try {
        const groups = length / 64;
        const dispatch = dispatchOf(device, SUM, used, [
          Math.min(groups, 2 ** 14),
          Math.ceil(groups / 2 ** 14),
          1,
        ]);
        return (12 * length) / (await stopwatch.time([dispatch], options));
      } finally {
        for (const buffer of used) buffer.destroy();
      }
    },
    close: () => stopwatch.destroy(),
  };
}

/** Measures a backend by its calls alone: each is a submission of its own. */
export async function portableMeter(
  backend: Backend,
  { leastMs = 10, rounds = 5 }: TimingOptions,
): Promise<Meter> {
  const one = backend.upload(FIRST, { batches: 1, rows: 1, cols: 1 });
  const multiply = (x: DeviceBuffer, n: number) => {
    const product = { ...square(n), aBatch: FIRST, bBatch: FIRST, portable: true };
    return backend.multiply(x, x, product);
  };
  /** Milliseconds of a call, among as many as take `leastMs`. */
  const time = async (call: () => DeviceBuffer, idle: number): Promise<number> => {
    const run = async (count: number) => {
      for (let i = 0; i < count; i++) call().release();
      await backend.sync();
    };
    const count = repeats((await medianMs(1, () => run(1))) - idle, leastMs);
    return Math.max(((await medianMs(rounds, () => run(count))) - idle) / count, LEAST_MS);
  };
  const submissionMs = await medianMs(15, async () => {
    multiply(one, 1).release();
    await backend.sync();
  });
  return {
    clock: 'sync',
    submissionMs,
    dispatchMs: () => time(() => multiply(one, 1), submissionMs),
    async productMs(n) {
      const x = backend.upload(smallIntegers(n * n), { batches: 1, rows: n, cols: n });
      try {
        return await time(() => multiply(x, n), submissionMs);
      } finally {
        x.release();
      }
    },
    async elementwiseBytesPerMs() {
      const n = 1024;
      const x = backend.upload(smallIntegers(n * n), { batches: 1, rows: n, cols: n });
      // Each row is itself: a read and a write.
      const indices = new Float32Array(4 * n).fill(-1);
      for (let row = 0; row < n; row++) indices[row] = row;
      const weights = new Float32Array(4 * n).fill(1);
      try {
        return (8 * n * n) / (await time(() => backend.combineRows(x, { indices, weights }), submissionMs));
      } finally {
        x.release();
      }
    },
    close: () => one.release(),
  };
}
