// The WebGPU backend: flat storage buffers, multiplied by gpu.js kernels on its own device.

import { DeviceError, OutOfMemoryError } from '../core/errors.js';
import * as kernels from '../generated/gpu-kernels.js';
import {
  type Backend,
  type DeviceBuffer,
  type DeviceInfo,
  describe,
  elements,
  type MatrixStack,
  type Product,
  padded,
  type RowSums,
} from './backend.js';
import {
  type BufferHandle,
  kernelSettings,
  loadGpuJs,
  type WebGpuContext,
  type WebGpuKernel,
} from './gpujs.js';
import { Pipelines } from './pipelines.js';
import { type Argument, isBuffer, type PortableKernel } from './portable.js';
import { DEFAULT_TABLE, SOFTWARE_TABLE } from './product-plan.js';
import { first, guarded, toError } from './webgpu-errors.js';
import { WebGpuKernels } from './webgpu-kernels.js';
import { WebGpuProducts } from './webgpu-products.js';
import { MAP_READ, USAGE } from './webgpu-usage.js';

/** Rows and columns of the outputs of one workgroup: gpu.js starts 8 x 8 threads, and each makes four columns. */
const ROWS_PER_GROUP = 8;
const COLS_PER_GROUP = 32;

interface BufferResident extends DeviceBuffer {
  readonly handle: BufferHandle;
  /** Distance between rows, in elements. */
  readonly pitch: number;
}

/** Opens a device on `adapter`, with all memory that the adapter allows, and compiles the kernels. */
export async function openWebGpu(adapter: GPUAdapter, name: string, software: boolean): Promise<Backend> {
  const gpujs = await loadGpuJs();
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage },
    // For calibration, which times kernels by them.
    requiredFeatures: (['timestamp-query'] as const).filter((feature) => adapter.features.has(feature)),
  });
  const context: WebGpuContext = { adapter, device, isLost: false };
  const info: DeviceInfo = { backend: 'webgpu', adapter: name, software };
  const { limits } = device;
  // Kernels index with 32-bit integers.
  const maximumBytes = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize, 4 * (2 ** 31 - 1));
  const groups = limits.maxComputeWorkgroupsPerDimension;
  let lostBecause: string | undefined;
  device.lost.then((loss) => {
    context.isLost = true;
    lostBecause ??= loss.message || loss.reason || 'unknown reason';
  });

  const fenced = <T>(work: () => T, refused: (error: Error) => Error) => guarded(device, work, refused);

  function resident(
    buffer: GPUBuffer,
    extent: MatrixStack,
    pitch: number,
    failure: Promise<Error | undefined>,
  ): BufferResident {
    const handle = new gpujs.WebGPUBufferResult({
      buffer,
      output: [pitch, extent.rows, extent.batches],
      componentCount: 1,
      context,
      kernel: null,
    });
    return { extent, pitch, bytes: buffer.size, failure, handle, release: () => buffer.destroy() };
  }

  function checkSize(caller: string, extent: MatrixStack): void {
    const bytes = 4 * extent.batches * extent.rows * padded(extent.cols);
    if (bytes > maximumBytes) {
      throw new DeviceError(
        `${caller}: ${describe(extent)} needs a buffer of ${bytes} bytes, this GPU allows ${maximumBytes}`,
      );
    }
  }

  function checkGrid(caller: string, extent: MatrixStack): void {
    const most = { batches: groups, rows: groups * ROWS_PER_GROUP, cols: groups * COLS_PER_GROUP };
    if (extent.batches > most.batches || extent.rows > most.rows || extent.cols > most.cols) {
      throw new DeviceError(
        `${caller}: one call on this GPU makes at most ${describe(most)}, got ${describe(extent)}; split the work`,
      );
    }
  }

  function upload(values: Float32Array, extent: MatrixStack): BufferResident {
    const size = 4 * elements(extent);
    const [buffer, failures] = fenced(
      () => {
        const buffer = device.createBuffer({
          size,
          usage: USAGE.storage | USAGE.copySource,
          mappedAtCreation: true,
        });
        new Float32Array(buffer.getMappedRange()).set(values);
        buffer.unmap();
        return buffer;
      },
      ({ message }) => new OutOfMemoryError(`gpu.upload: the GPU gave no ${size} bytes: ${message}`),
    );
    return resident(buffer, extent, extent.cols, first(failures));
  }

  const stages: Record<string, WebGpuKernel> = {};
  const pipelines = new Pipelines(device);
  const products = new WebGpuProducts(pipelines, software ? SOFTWARE_TABLE : DEFAULT_TABLE);
  const portable = new WebGpuKernels(device, gpujs);

  const operandOf = ({ handle, pitch, extent }: BufferResident) => ({
    buffer: handle.buffer,
    pitch,
    stride: extent.rows * pitch,
  });

  /** Runs a kernel for `extent`; what it reads may have failed for the reasons in `before`. */
  function run(
    caller: string,
    kernel: WebGpuKernel,
    extent: MatrixStack,
    args: unknown[],
    before: Promise<Error | undefined>[],
  ): BufferResident {
    const columns = padded(extent.cols);
    const [ran, failures] = fenced(
      () => {
        kernel.setOutput([columns / 4, extent.rows, extent.batches]);
        return kernel.run(...args).then(() => undefined, toError);
      },
      ({ message }) => new DeviceError(`${caller}: ${message}`),
    );
    // gpu.js would keep the buffer until its next run, so the tensor takes it.
    const buffer = kernel.outputBuffer;
    kernel.outputBuffer = null;
    if (!buffer) throw new DeviceError(`${caller}: gpu.js gave no result buffer`);
    return resident(buffer, extent, columns, first([...before, ran, ...failures]));
  }

  function multiply(a: BufferResident, b: BufferResident, product: Product): BufferResident {
    const { batches, m, n, k, portable } = product;
    const extent = { batches, rows: m, cols: n };
    if (!portable) {
      const c = product.c as BufferResident | undefined;
      const [buffer, failures] = fenced(
        () => products.run(operandOf(a), operandOf(b), c && operandOf(c), product),
        toError,
      );
      const before = [a, b, ...(c ? [c] : [])].map(({ failure }) => failure);
      return resident(buffer, extent, n, first([...before, ...failures]));
    }
    const kernel = stages[`${product.transposeA ? 'T' : 'N'}${product.transposeB ? 'T' : 'N'}`];
    const lengths = [index(product.aBatch), index(product.bBatch), Math.floor(k / 4), k % 4];
    return run('gpu.matmul', kernel, extent, [a.handle, b.handle, ...lengths], [a.failure, b.failure]);
  }

  function combineRows(source: BufferResident, { indices, weights }: RowSums): BufferResident {
    const { extent } = source;
    const args = [source.handle, table(indices, extent.rows), table(weights, extent.rows)];
    return run('gpu.applyGivens', stages.rows, extent, args, [source.failure]);
  }

  function launch(
    caller: string,
    kernel: PortableKernel,
    args: readonly Argument[],
    extent: MatrixStack,
  ): BufferResident {
    const columns = padded(extent.cols);
    const bound = args.map((argument) => {
      if (!isBuffer(argument)) return argument;
      const { handle, pitch, extent } = argument as BufferResident;
      return { buffer: handle.buffer, extents: [pitch, extent.rows, extent.batches] as const };
    });
    const [buffer, failures] = fenced(
      () => portable.run(kernel, bound, [columns / 4, extent.rows, extent.batches]),
      ({ message }) => new DeviceError(`${caller}: ${message}`),
    );
    const before = args.filter(isBuffer).map(({ failure }) => failure);
    return resident(buffer, extent, columns, first([...before, ...failures]));
  }

  const index = (values: Float32Array) => new gpujs.Input(values, [values.length]);
  /** Rows of numbers, one after the other. */
  const table = (values: Float32Array, width: number) =>
    new gpujs.Input(values, [width, values.length / width]);

  async function read(source: BufferResident): Promise<Float32Array> {
    const { extent, pitch, handle } = source;
    const { rows, cols, batches } = extent;
    const size = 4 * batches * rows * pitch;
    const [staging, failures] = fenced(() => {
      const staging = device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(handle.buffer, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      return staging;
    }, toError);
    try {
      const mapped = staging.mapAsync(MAP_READ).then(() => undefined, toError);
      const failure = await first([source.failure, ...failures, mapped]);
      if (failure) throw failure;
      const padded = new Float32Array(staging.getMappedRange());
      if (pitch === cols) return padded.slice();
      const values = new Float32Array(elements(extent));
      for (let row = 0; row < batches * rows; row++) {
        values.set(padded.subarray(row * pitch, row * pitch + cols), row * cols);
      }
      return values;
    } finally {
      staging.destroy();
    }
  }

  async function build(stage: string, source: string, types: string[], ...example: unknown[]): Promise<void> {
    const kernel = new gpujs.WebGPUKernel(source, {
      ...kernelSettings,
      // Every result gets its own buffer; otherwise the next run would overwrite it.
      immutable: true,
      argumentTypes: types,
    });
    // gpu.js asks its context for a device when it builds, and would open one with default limits.
    gpujs.WebGPUContext.acquire = () => Promise.resolve(context);
    await kernel.build(...example);
    stages[stage] = kernel;
  }

  try {
    const one = index(new Float32Array(1));
    const four = table(new Float32Array(4), 1);
    const product = ['WebGPUBuffer', 'WebGPUBuffer', 'Input', 'Input', 'Integer', 'Integer'];
    await Promise.all([
      build('NN', kernels.matmulBuffersNN, product, one, one, one, one, 1, 1),
      build('NT', kernels.matmulBuffersNT, product, one, one, one, one, 1, 1),
      build('TN', kernels.matmulBuffersTN, product, one, one, one, one, 1, 1),
      build('TT', kernels.matmulBuffersTT, product, one, one, one, one, 1, 1),
      build('rows', kernels.combineRowsBuffers, ['WebGPUBuffer', 'Input', 'Input'], one, four, four),
    ]);
  } catch (error) {
    device.destroy();
    throw new DeviceError(
      `gpu.init: a kernel does not compile on ${name}: ${(error as Error).message.split('\n', 2).join(' ')}`,
    );
  }

  const { vendor, architecture, device: model, description } = adapter.info;
  return {
    info,
    driver: [vendor, architecture, model, description].filter(Boolean).join(', '),
    webgpu: {
      device,
      pipelines,
      products,
      maximumBytes,
      lend(buffer, extent, failure) {
        const lent = resident(buffer, extent, extent.cols, Promise.resolve(undefined));
        return Object.defineProperties(lent, {
          failure: { get: failure },
          release: { value: () => undefined },
        });
      },
      locate: (source) => {
        const { handle, pitch } = source as BufferResident;
        return { buffer: handle.buffer, pitch };
      },
      guarded(work) {
        const [value, failures] = fenced(work, toError);
        return [value, first(failures)];
      },
    },
    lost: () => lostBecause,
    checkSize,
    checkGrid,
    upload,
    multiply: multiply as Backend['multiply'],
    combineRows: combineRows as Backend['combineRows'],
    launch,
    read: read as Backend['read'],
    sync: () => device.queue.onSubmittedWorkDone(),
    destroy() {
      lostBecause ??= 'gpu.destroy() was called';
      context.isLost = true;
      device.destroy();
    },
    simulateLoss: () => device.destroy(),
  };
}
