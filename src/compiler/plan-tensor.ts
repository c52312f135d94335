// PlanTensor: a tensor in memory of a plan; operations of a plan read and write such tensors.
import type { DType, TypedArray } from '../core/dtype.js';
import { typedArray } from '../core/dtype.js';
import { DisposedError } from '../core/errors.js';
import { runtime } from '../core/runtime.js';
import { type Shape, show } from '../core/shape.js';
import { type Storage, Tensor } from '../core/tensor.js';

/** What all locations of a plan share. */
export interface Slab {
  slab?: Tensor;
  disposed: boolean;
}

/** Where values lie. The addresses of arguments change from call to call. */
export interface Location {
  address: number;
  /** The plan's memory, which lives as long as anything in it. */
  readonly owner: Slab;
}

/** What memory that a plan does not own is a part of, a workspace's or an argument's: a view that ends must not free it. */
const FOREIGN: Storage = { address: 0, bytes: 0, owners: Number.POSITIVE_INFINITY, born: 0 };

/** A tensor at a location. It belongs to the plan, so `dispose` does nothing. */
export class PlanTensor extends Tensor {
  readonly #place: Location;
  readonly #offset: number;
  #data: TypedArray | undefined;
  #part: Storage | undefined;

  /** `offset`: bytes after the location. */
  constructor(shape: Shape, dtype: DType, place: Location, offset = 0) {
    super(shape, dtype, undefined);
    this.#place = place;
    this.#offset = offset;
  }

  override get address(): number {
    const { address, owner } = this.#place;
    if (owner.disposed)
      throw new DisposedError(
        `compile: the plan that the tensor of shape ${show(this.shape)} belongs to has been disposed`,
      );
    return address + this.#offset;
  }

  /** A part of the slab; it lives as long as views of it exist. */
  override get storage(): Storage {
    const { address } = this;
    if (this.#part?.address !== address) {
      const base = this.#place.owner.slab?.storage ?? FOREIGN;
      this.#part = { address, bytes: 0, owners: 0, born: 0, base };
    }
    return this.#part;
  }

  override get isDisposed(): boolean {
    return this.#place.owner.disposed;
  }

  override data(): TypedArray {
    const { address } = this;
    const { buffer } = runtime().memory;
    if (this.#data === undefined || this.#data.buffer !== buffer || this.#data.byteOffset !== address)
      this.#data = typedArray(this.dtype, buffer, address, this.size);
    return this.#data;
  }

  override dispose(): void {}
}
