// Products by WGSL kernels of our own: chosen by shape, compiled when first needed, one submission each.
import type { Product } from './backend.js';
import { gridOf, type ProductPlan, type ProductTable, planProduct } from './product-plan.js';
import { USAGE } from './webgpu-usage.js';
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

/** The kernels of products on one device. */
export class WebGpuProducts {
  readonly #device: GPUDevice;
  readonly #table: ProductTable;
  readonly #pipelines = new Map<string, GPUComputePipeline>();

  constructor(device: GPUDevice, table: ProductTable) {
    this.#device = device;
    this.#table = table;
  }

  /** Queues a product and returns its buffer, rows of n elements without gaps. `c` is read if beta is not 0. */
  run(a: Operand, b: Operand, c: Operand | undefined, call: ProductCall): GPUBuffer {
    const device = this.#device;
    const { batches, m, n, beta } = call;
    const plan = planProduct({ ...call, pitchA: a.pitch, pitchB: b.pitch }, this.#table);
    const isBatched = !isPlainBatch(call);
    const target = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
    const result = device.createBuffer({ size: 4 * batches * m * n, usage: target });
    const spare: GPUBuffer[] = [];
    const encoder = device.createCommandEncoder();
    if (c !== undefined && beta !== 0) copyRows(encoder, c, result, call);
    const slices = plan.kind === 'sliced' ? plan.slices : 1;
    const parameters = this.#parameters(a, b, call, plan);
    spare.push(parameters);
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
    const pass = encoder.beginComputePass();
    const dispatch = (
      pipeline: GPUComputePipeline,
      buffers: readonly (GPUBuffer | undefined)[],
      grid: readonly [number, number, number],
    ) => {
      pass.setPipeline(pipeline);
      const entries = buffers.flatMap((buffer, binding) =>
        buffer ? [{ binding, resource: { buffer } }] : [],
      );
      pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(...grid);
    };
    const pipeline = this.#pipeline(plan, call, isBatched);
    const grid = gridOf(plan, call);
    if (plan.kind === 'sliced') {
      const partial = device.createBuffer({ size: 4 * batches * slices * m * n, usage: USAGE.storage });
      spare.push(partial);
      dispatch(pipeline, [a.buffer, b.buffer, partial, parameters, table], grid);
      const sum = this.#compiled('slices', sumSlicesSource);
      dispatch(sum, [partial, undefined, result, parameters], gridOf({ kind: 'plain' }, call));
    } else dispatch(pipeline, [a.buffer, b.buffer, result, parameters, table], grid);
    pass.end();
    device.queue.submit([encoder.finish()]);
    // What queued work still reads lives on until it is done.
    for (const buffer of spare) buffer.destroy();
    return result;
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
    return this.#compiled(JSON.stringify(kernel), () => productSource(kernel));
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
