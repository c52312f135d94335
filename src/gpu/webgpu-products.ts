// Products by WGSL kernels of our own: chosen by shape, compiled when first needed, one submission each.
import { bindGroup, type Pipelines } from './pipelines.js';
import { type Pitches, type ProductCall, type ProductSlot, productRuns } from './product-dispatch.js';
import type { ProductTable } from './product-plan.js';
import { USAGE } from './webgpu-usage.js';

/** A matrix stack in a buffer. */
export interface Operand extends Pitches {
  readonly buffer: GPUBuffer;
}

/** One dispatch: recorded in a pass as often as it is to run. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly grid: readonly [number, number, number];
}

/** What a product dispatches, one after the other, and the buffers that only these read and write. */
export interface PreparedProduct {
  readonly dispatches: readonly Dispatch[];
  readonly spare: readonly GPUBuffer[];
}

/** Adds dispatches to a pass. */
export function record(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[]): void {
  for (const { pipeline, bindGroup: group, grid } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...grid);
  }
}

/** The products of one device. */
export class WebGpuProducts {
  /** By which kernels are chosen. */
  table: ProductTable;
  readonly #pipelines: Pipelines;
  readonly #device: GPUDevice;

  constructor(pipelines: Pipelines, table: ProductTable) {
    this.#pipelines = pipelines;
    this.#device = pipelines.device;
    this.table = table;
  }

  /** Queues a product and returns its buffer, rows of n elements without gaps. `c` is read if beta is not 0. */
  run(a: Operand, b: Operand, c: Operand | undefined, call: ProductCall): GPUBuffer {
    const device = this.#device;
    const { batches, m, n, beta } = call;
    const target = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
    const result = device.createBuffer({ size: 4 * batches * m * n, usage: target });
    const { dispatches, spare } = this.prepare(a, b, result, call);
    const encoder = device.createCommandEncoder();
    if (c !== undefined && beta !== 0) copyRows(encoder, c, result, { rows: batches * m, n });
    const pass = encoder.beginComputePass();
    record(pass, dispatches);
    pass.end();
    device.queue.submit([encoder.finish()]);
    // What queued work still reads lives on until it is done.
    for (const buffer of spare) buffer.destroy();
    return result;
  }

  /** What a product into `result` dispatches, which holds C where beta is not 0. */
  prepare(a: Operand, b: Operand, result: GPUBuffer, call: ProductCall): PreparedProduct {
    const device = this.#device;
    const { dispatches, sliceBytes, parameters, batch } = productRuns(a, b, call, this.table);
    const spare: Partial<Record<ProductSlot, GPUBuffer>> = {
      parameters: this.#filled(USAGE.uniform, parameters),
      ...(batch && { batch: this.#filled(USAGE.storage, batch) }),
      ...(sliceBytes > 0 && { slices: device.createBuffer({ size: sliceBytes, usage: USAGE.storage }) }),
    };
    const buffers = { a: a.buffer, b: b.buffer, c: result, ...spare };
    return {
      dispatches: dispatches.map(({ kernel, slots, groups }) => {
        const pipeline = this.#pipelines.get(kernel);
        const resources = slots.map((slot) => slot && { buffer: buffers[slot] as GPUBuffer });
        return { pipeline, bindGroup: bindGroup(device, pipeline, resources), grid: groups };
      }),
      spare: Object.values(spare),
    };
  }

  #filled(usage: number, words: Uint32Array): GPUBuffer {
    const buffer = this.#device.createBuffer({ size: words.byteLength, usage, mappedAtCreation: true });
    new Uint32Array(buffer.getMappedRange()).set(words);
    buffer.unmap();
    return buffer;
  }
}

/** Copies rows of n elements to where they lie without gaps. */
export function copyRows(
  encoder: GPUCommandEncoder,
  from: Omit<Operand, 'stride'>,
  to: GPUBuffer,
  { rows, n }: { rows: number; n: number },
): void {
  if (from.pitch === n) {
    encoder.copyBufferToBuffer(from.buffer, 0, to, 0, 4 * rows * n);
    return;
  }
  for (let row = 0; row < rows; row++)
    encoder.copyBufferToBuffer(from.buffer, 4 * row * from.pitch, to, 4 * row * n, 4 * n);
}
