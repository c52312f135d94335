// Products by WGSL kernels of our own: chosen by shape, compiled when first needed, one submission each.
import type { Product } from './backend.js';
import { gridOf, type ProductPlan, type ProductTable, planProduct } from './product-plan.js';
import { USAGE } from './webgpu-usage.js';
import { directSource } from './wgsl/direct-product.js';
import { productSource } from './wgsl/product.js';
import { plainSource, sumSlicesSource, vectorSource } from './wgsl/thin-product.js';

/** A matrix stack in a buffer: matrices `stride` elements apart, rows `pitch`. */
export interface Operand {
  readonly buffer: GPUBuffer;
  readonly pitch: number;
  readonly stride: number;
}

/** alpha op(A) op(B) + beta C. */
export type ProductCall = Omit<Product, 'c' | 'portable'>;

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
  for (const { pipeline, bindGroup, grid } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...grid);
  }
}

/** The kernels of products on one device. */
export class WebGpuProducts {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, GPUComputePipeline>();
  /** By which kernels are chosen. */
  table: ProductTable;

  constructor(device: GPUDevice, table: ProductTable) {
    this.#device = device;
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
    if (c !== undefined && beta !== 0) copyRows(encoder, c, result, call);
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
    const { batches, m, n } = call;
    const plan = planProduct({ ...call, pitchA: a.pitch, pitchB: b.pitch }, this.table);
    const isBatched = !isPlainBatch(call);
    const parameters = this.#parameters(a, b, call, plan);
    const spare = [parameters];
    let table: GPUBuffer | undefined;
    if (isBatched) {
      table = this.#filled(
        USAGE.storage,
        Uint32Array.from(
          { length: 2 * batches },
          (_, i) => (i % 2 === 0 ? call.aBatch : call.bBatch)[i >> 1],
        ),
      );
      spare.push(table);
    }
    const dispatch = (
      pipeline: GPUComputePipeline,
      buffers: readonly (GPUBuffer | undefined)[],
      grid: readonly [number, number, number],
    ): Dispatch => {
      const entries = buffers.flatMap((buffer, binding) =>
        buffer ? [{ binding, resource: { buffer } }] : [],
      );
      const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      return { pipeline, bindGroup, grid };
    };
    const pipeline = this.#pipeline(plan, call, isBatched);
    const grid = gridOf(plan, call);
    if (plan.kind !== 'sliced')
      return {
        dispatches: [dispatch(pipeline, [a.buffer, b.buffer, result, parameters, table], grid)],
        spare,
      };
    const size = 4 * batches * plan.slices * m * n;
    const partial = device.createBuffer({ size, usage: USAGE.storage });
    spare.push(partial);
    const sum = this.#compiled('slices', sumSlicesSource);
    const dispatches = [
      dispatch(pipeline, [a.buffer, b.buffer, partial, parameters, table], grid),
      dispatch(sum, [partial, undefined, result, parameters], gridOf({ kind: 'plain' }, call)),
    ];
    return { dispatches, spare };
  }

  /** The uniform that all kernels read, in the order of `PARAMETERS`. */
  #parameters(a: Operand, b: Operand, { m, n, k, alpha, beta }: ProductCall, plan: ProductPlan): GPUBuffer {
    const [slice, slices] = plan.kind === 'sliced' ? [plan.slice, plan.slices] : [k, 1];
    const words = new Uint32Array(16);
    words.set([m, n, k, a.pitch, b.pitch, n, a.stride, b.stride, m * n, slice, slices]);
    new Float32Array(words.buffer).set([alpha, beta], 11);
    return this.#filled(USAGE.uniform, words);
  }

  #filled(usage: number, words: Uint32Array): GPUBuffer {
    const buffer = this.#device.createBuffer({ size: words.byteLength, usage, mappedAtCreation: true });
    new Uint32Array(buffer.getMappedRange()).set(words);
    buffer.unmap();
    return buffer;
  }

  #pipeline(
    plan: ProductPlan,
    { transposeA, transposeB }: ProductCall,
    batched: boolean,
  ): GPUComputePipeline {
    const layout = { transposeA, transposeB, batched };
    const { kind } = plan;
    if (kind === 'vector') {
      const { matrix, along, contiguous } = plan;
      return this.#compiled(JSON.stringify([kind, matrix, along, contiguous, batched]), () =>
        vectorSource({ matrix, along, contiguous, batched }),
      );
    }
    if (kind === 'plain') return this.#compiled(JSON.stringify([kind, layout]), () => plainSource(layout));
    const { tile, exact, vectors } = plan;
    const kernel = { tile, exact, vectors, ...layout, sliced: kind === 'sliced' };
    return this.#compiled(JSON.stringify(kernel), () =>
      tile.depth === 0 ? directSource(kernel) : productSource(kernel),
    );
  }

  #compiled(key: string, source: () => string): GPUComputePipeline {
    let pipeline = this.#pipelines.get(key);
    if (pipeline === undefined) {
      const module = this.#device.createShaderModule({ code: source(), label: key });
      pipeline = this.#device.createComputePipeline({
        layout: 'auto',
        compute: { module, entryPoint: 'main' },
        label: key,
      });
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }
}

/** Whether matrix z of the result is made of the operands' matrices z. */
function isPlainBatch({ batches, aBatch, bBatch }: ProductCall): boolean {
  for (let z = 0; z < batches; z++) if (aBatch[z] !== z || bBatch[z] !== z) return false;
  return true;
}

/** Copies C to where the result will be. */
function copyRows(
  encoder: GPUCommandEncoder,
  c: Operand,
  to: GPUBuffer,
  { batches, m, n }: ProductCall,
): void {
  if (c.pitch === n) {
    encoder.copyBufferToBuffer(c.buffer, 0, to, 0, 4 * batches * m * n);
    return;
  }
  for (let row = 0; row < batches * m; row++)
    encoder.copyBufferToBuffer(c.buffer, 4 * row * c.pitch, to, 4 * row * n, 4 * n);
}
