// Products by WGSL kernels of our own: chosen by shape, compiled when first needed, one submission each.
import { bindGroup, type Pipelines } from './pipelines.js';
import { type Pitches, type ProductCall, type ProductSlot, productRuns } from './product-dispatch.js';
import type { ProductTable } from './product-plan.js';
import { USAGE } from './webgpu-usage.js';

/** A matrix stack in a buffer. */
export interface Operand extends Pitches {
  readonly buffer: GPUBuffer;
}

/** The products of one device. */
export class WebGpuProducts {
  readonly table: ProductTable;
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
    const { dispatches, sliceBytes, parameters, batch } = productRuns(a, b, call, this.table);
    const target = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
    const result = device.createBuffer({ size: 4 * batches * m * n, usage: target });
    const spare = {
      parameters: this.#filled(USAGE.uniform, parameters),
      ...(batch && { batch: this.#filled(USAGE.storage, batch) }),
      ...(sliceBytes > 0 && { slices: device.createBuffer({ size: sliceBytes, usage: USAGE.storage }) }),
    };
    const buffers: Partial<Record<ProductSlot, GPUBuffer>> = {
      a: a.buffer,
      b: b.buffer,
      c: result,
      ...spare,
    };
    const encoder = device.createCommandEncoder();
    if (c !== undefined && beta !== 0) copyRows(encoder, c, result, { rows: batches * m, n });
    const pass = encoder.beginComputePass();
    for (const { kernel, slots, groups } of dispatches) {
      const pipeline = this.#pipelines.get(kernel);
      const resources = slots.map((slot) => slot && { buffer: buffers[slot] as GPUBuffer });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup(device, pipeline, resources));
      pass.dispatchWorkgroups(...groups);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
    // What queued work still reads lives on until it is done.
    for (const buffer of Object.values(spare)) buffer.destroy();
    return result;
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
