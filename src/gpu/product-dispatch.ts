// A product as runs of kernels: which, on what, and with which parameters. Pure: nothing here touches a device.
import type { Product } from './backend.js';
import type { Kernel, KernelRun } from './pipelines.js';
import { gridOf, type ProductPlan, type ProductTable, planProduct } from './product-plan.js';
import { directSource } from './wgsl/direct-product.js';
import { productSource } from './wgsl/product.js';
import { plainSource, sumSlicesSource, vectorSource } from './wgsl/thin-product.js';

/** Where the matrices of an operand lie in its buffer: `stride` elements apart, rows `pitch`. */
export interface Pitches {
  readonly pitch: number;
  readonly stride: number;
}

/** alpha op(A) op(B) + beta C. */
export type ProductCall = Omit<Product, 'c' | 'portable'>;

/** What the kernels of a product read and write: operands, the result, slices of sums, the uniform, the table of a batch. */
export type ProductSlot = 'a' | 'b' | 'c' | 'slices' | 'parameters' | 'batch';

/** A product, ready to run. */
export interface ProductRuns {
  readonly dispatches: readonly KernelRun<ProductSlot>[];
  /** Bytes of the slices of sums; 0 if there are none. */
  readonly sliceBytes: number;
  /** The uniform, in the order of `PARAMETERS`. */
  readonly parameters: Uint32Array<ArrayBuffer>;
  /** For each matrix of the result those of the operands; undefined if they are the same. */
  readonly batch: Uint32Array<ArrayBuffer> | undefined;
}

/** The runs of a product whose result has rows of n elements without gaps. */
export function productRuns(a: Pitches, b: Pitches, call: ProductCall, table: ProductTable): ProductRuns {
  const { batches, m, n, k, alpha, beta } = call;
  const plan = planProduct({ ...call, pitchA: a.pitch, pitchB: b.pitch }, table);
  const batch = isPlainBatch(call) ? undefined : batchTable(call);
  const [slice, slices] = plan.kind === 'sliced' ? [plan.slice, plan.slices] : [k, 1];
  const parameters = new Uint32Array(16);
  parameters.set([m, n, k, a.pitch, b.pitch, n, a.stride, b.stride, m * n, slice, slices]);
  new Float32Array(parameters.buffer).set([alpha, beta], 11);
  const of = (result: ProductSlot): KernelRun<ProductSlot> => ({
    kernel: kernelOf(plan, call, batch !== undefined),
    slots: ['a', 'b', result, 'parameters', batch && 'batch'],
    writes: [2],
    groups: gridOf(plan, call),
  });
  if (plan.kind !== 'sliced') return { dispatches: [of('c')], sliceBytes: 0, parameters, batch };
  const sum: KernelRun<ProductSlot> = {
    kernel: { key: 'slices', source: sumSlicesSource },
    slots: ['slices', undefined, 'c', 'parameters'],
    writes: [2],
    groups: gridOf({ kind: 'plain' }, call),
  };
  return { dispatches: [of('slices'), sum], sliceBytes: 4 * batches * slices * m * n, parameters, batch };
}

/** Whether matrix z of the result is made of the operands' matrices z. */
function isPlainBatch({ batches, aBatch, bBatch }: ProductCall): boolean {
  for (let z = 0; z < batches; z++) if (aBatch[z] !== z || bBatch[z] !== z) return false;
  return true;
}

function batchTable({ batches, aBatch, bBatch }: ProductCall): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: 2 * batches }, (_, i) => (i % 2 === 0 ? aBatch : bBatch)[i >> 1]);
}

function kernelOf(plan: ProductPlan, { transposeA, transposeB }: ProductCall, batched: boolean): Kernel {
  const layout = { transposeA, transposeB, batched };
  const { kind } = plan;
  if (kind === 'vector') {
    const { matrix, along, contiguous } = plan;
    const key = JSON.stringify([kind, matrix, along, contiguous, batched]);
    return { key, source: () => vectorSource({ matrix, along, contiguous, batched }) };
  }
  if (kind === 'plain') return { key: JSON.stringify([kind, layout]), source: () => plainSource(layout) };
  const { tile, exact, vectors } = plan;
  const kernel = { tile, exact, vectors, ...layout, sliced: kind === 'sliced' };
  const source = () => (tile.depth === 0 ? directSource(kernel) : productSource(kernel));
  return { key: JSON.stringify(kernel), source };
}
