// Scratch as tensors, and rows that run inside a row: all memory is requested when the outer row is prepared.
import { bytesPerElement, type DType, type TypedArray, typedArray } from '../core/dtype.js';
import { runtime } from '../core/runtime.js';
import { type Shape, sizeOf } from '../core/shape.js';
import { type Storage, Tensor } from '../core/tensor.js';
import { type Op, specsOf, type TensorSpec } from '../ops/op.js';
import type { Workspace } from '../ops/workspace.js';

/** A location: a tensor or scratch. Its address is read again in every run. */
export interface Located {
  readonly address: number;
}

/** The address that tells a kernel that a result is not needed. */
export const NOWHERE: Located = { address: 0 };

/** A tensor at another location. It owns nothing. */
class LocatedTensor extends Tensor {
  readonly #at: Located;
  #numbers: TypedArray | undefined;

  constructor(shape: Shape, dtype: DType, at: Located) {
    super(shape, dtype, undefined);
    this.#at = at;
  }

  override get address(): number {
    return this.#at.address;
  }

  override get storage(): Storage {
    return { address: this.address, bytes: 0, owners: 1, born: 0 };
  }

  override get isDisposed(): boolean {
    return false;
  }

  override data(): TypedArray {
    const { address } = this;
    const { buffer } = runtime().memory;
    if (this.#numbers?.buffer !== buffer || this.#numbers.byteOffset !== address)
      this.#numbers = typedArray(this.dtype, buffer, address, this.size);
    return this.#numbers;
  }

  override dispose(): void {}
}

/** Scratch for a tensor's elements. */
export function scratchFor({ shape, dtype }: TensorSpec, space: Workspace): Located {
  return { address: space.scratch(sizeOf(shape) * bytesPerElement(dtype)) };
}

/** Scratch as a tensor. */
export function scratchTensor(spec: TensorSpec, space: Workspace): Tensor {
  return new LocatedTensor(spec.shape, spec.dtype, scratchFor(spec, space));
}

/** The elements of x, at their current address, in another shape. */
export function reshaped(x: Tensor, shape: Shape): Tensor {
  return new LocatedTensor(shape, x.dtype, x);
}

/** i32 numbers, one per matrix, written by a kernel. */
export function integersAt({ address }: Located, count: number): Int32Array {
  return new Int32Array(runtime().memory.buffer, address, count);
}

/** Rows that run one after the other inside a row, with results in its scratch. */
export class RowSequence {
  readonly #space: Workspace;
  readonly #runs: (() => void)[] = [];

  constructor(space: Workspace) {
    this.#space = space;
  }

  /** Prepares a row with results in scratch. */
  apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
    const specs = specsOf(op, inputs, params);
    if (op.prepare === undefined) return [reshaped(inputs[0], specs[0].shape)];
    const outputs = specs.map((spec) => scratchTensor(spec, this.#space));
    this.into(op, outputs, inputs, params);
    return outputs;
  }

  /** Prepares a row that writes to these outputs. */
  into<P>(op: Op<P>, outputs: readonly Tensor[], inputs: readonly Tensor[], params: P): void {
    if (op.prepare !== undefined && outputs.some(({ size }) => size > 0))
      this.#runs.push(op.prepare(outputs, inputs, params, this.#space));
  }

  /** Adds a step that is not a row. */
  step(run: () => void): void {
    this.#runs.push(run);
  }

  /** The function that the outer row runs. */
  readonly run = (): void => {
    for (const run of this.#runs) run();
  };
}
