// Twin: what a row of the table of operations is on the GPU.
import type { Call } from '../../compiler/node.js';
import type { ProductTable } from '../product-plan.js';
import type { Runs } from './shader.js';

/** What the kernels of a program may know of the device. */
export interface Adapter {
  readonly products: ProductTable;
  /** Arrays that a kernel may bind. */
  readonly mostArrays: number;
}

/** The kernels of a call, or undefined if it cannot run on the GPU. No result is empty. */
export type Twin = (call: Call, adapter: Adapter) => Runs | undefined;
