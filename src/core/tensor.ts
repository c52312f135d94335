/// <reference lib="esnext.disposable" preserve="true" />
// Tensor: a shape over dense, row-major storage in linear memory.

import { disposable } from './disposable.js';
import { bytesPerElement, type DType, type TypedArray, typedArray } from './dtype.js';
import { DisposedError, ShapeError } from './errors.js';
import { allocateBytes, existingRuntime, releaseBytes, runtime } from './runtime.js';
import { enter } from './scope-stack.js';
import { type Shape, show, sizeOf } from './shape.js';

/** Numbers in nested arrays, as `toArray` gives them. */
export type NestedArray = number | NestedArray[];

/** Memory that a tensor shares with its views. */
export interface Storage {
  readonly address: number;
  readonly bytes: number;
  owners: number;
  /** Increases from storage to storage; Infinity if no user can reach the memory to change it. */
  born: number;
  /** The storage that this is a part of, which must live as long. */
  readonly base?: Storage;
}

const live = { tensors: 0, bytes: 0 };
let births = 0;

/** The `born` of the storage that was made last. */
export function lastBirth(): number {
  return births;
}

/** The last resort for tensors that are never disposed. It cannot run during a synchronous loop. */
const finalizer = /* @__PURE__ */ new FinalizationRegistry<Storage>((storage) => drop(storage));

/**
 * Small tensors that were made last. Most are disposed soon, and telling the finalizer about each takes as long as a small operation: it is told only
 * of those that leave here alive.
 */
const newborn: (Tensor | undefined)[] = [];
const NEWBORN = 32;
/** Bytes of a small tensor. If everything is forgotten, at most NEWBORN of them stay. */
const SMALL = 65536;
let turn = 0;
/** Not among the newborn: not yet, or the finalizer knows of it. */
const NOWHERE = -1;
const REGISTERED = -2;

function drop(storage: Storage): void {
  live.tensors--;
  let last = storage;
  while (--last.owners === 0) {
    if (last.base === undefined) {
      live.bytes -= last.bytes;
      releaseBytes(last.address);
      return;
    }
    last = last.base;
  }
}

/**
 * A dense array of numbers in WASM memory. Make one with `tensor`, `zeros` and friends; free it with `dispose`,
 * `using` or `scope`.
 */
export class Tensor {
  /** Extents, outermost first; `[]` for a scalar. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  #storage: Storage | undefined;
  #view: TypedArray | undefined;
  /** Its place among the newborn. */
  #place = NOWHERE;

  /**
   * For internal use: make tensors with `tensor`, `zeros` and friends. A tensor without storage stands for a future
   * value.
   */
  constructor(shape: Shape, dtype: DType, storage: Storage | undefined) {
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.#storage = storage;
    if (storage !== undefined) {
      if (storage.owners++ === 0 && storage.base !== undefined) storage.base.owners++;
      live.tensors++;
    }
    disposable(this);
    if (!enter(this)) this.watch();
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** True once `dispose` has been called. */
  get isDisposed(): boolean {
    return this.#storage === undefined;
  }

  /** Byte address of the first element in linear memory, for raw kernels. */
  get address(): number {
    return this.#owned('address').address;
  }

  /** @internal Storage for a view of the same elements. */
  get storage(): Storage {
    return this.#owned('storage');
  }

  /** @internal Lets the garbage collector free this tensor if its user forgets to. */
  watch(): void {
    const storage = this.#storage;
    if (this.#place !== NOWHERE || storage === undefined) return;
    if (storage.bytes > SMALL || storage.base !== undefined) {
      this.#register();
      return;
    }
    const oldest = newborn[turn];
    if (oldest !== undefined) oldest.#register();
    newborn[turn] = this;
    this.#place = turn;
    turn = (turn + 1) % NEWBORN;
  }

  #register(): void {
    this.#place = REGISTERED;
    finalizer.register(this, this.#owned('watch'), this);
  }

  /**
   * The elements as a live view of WASM memory: no copy, writes go through. Valid until the next allocation,
   * which may move the memory; ask again instead of keeping it. Length `size`.
   */
  data(): TypedArray {
    const { address } = this.#owned('data');
    const { buffer } = runtime().memory;
    if (this.#view === undefined || this.#view.buffer !== buffer || this.#view.byteOffset !== address) {
      this.#view = typedArray(this.dtype, buffer, address, this.size);
    }
    return this.#view;
  }

  /** A copy of the elements, row-major. */
  toTypedArray(): TypedArray {
    return this.data().slice();
  }

  /** Nested JavaScript arrays; a scalar gives a number. */
  toArray(): NestedArray {
    const data = this.data();
    let at = 0;
    const level = (axis: number): NestedArray => {
      if (axis === this.shape.length) return data[at++];
      return Array.from({ length: this.shape[axis] }, () => level(axis + 1));
    };
    return level(0);
  }

  /** The one element of a tensor of size 1. Throws `ShapeError` for any other size. */
  item(): number {
    if (this.size !== 1)
      throw new ShapeError(`item: a tensor of one element is wanted, got shape ${show(this.shape)}`);
    return this.data()[0];
  }

  /** Frees the memory, unless a view still needs it. Calling it again does nothing. */
  dispose(): void {
    const storage = this.#storage;
    if (storage === undefined) return;
    this.#storage = undefined;
    this.#view = undefined;
    if (this.#place === REGISTERED) finalizer.unregister(this);
    else if (this.#place !== NOWHERE) newborn[this.#place] = undefined;
    drop(storage);
  }

  /** `using x = tensor(…)` disposes at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Shape, dtype and, for small tensors, the values. */
  toString(): string {
    const head = `Tensor(${this.dtype}, ${show(this.shape)}`;
    if (this.isDisposed) return `${head}, disposed)`;
    return this.size <= 32 ? `${head}, ${JSON.stringify(this.toArray())})` : `${head})`;
  }

  #owned(user: string): Storage {
    if (this.#storage === undefined) {
      throw new DisposedError(`${user}: the tensor of shape ${show(this.shape)} has been disposed`);
    }
    return this.#storage;
  }
}

/** A tensor with uninitialised elements, for kernels that write every element. */
export function allocate(shape: Shape, dtype: DType, user = 'allocate'): Tensor {
  const bytes = sizeOf(shape) * bytesPerElement(dtype);
  const address = allocateBytes(bytes, user);
  live.bytes += bytes;
  return new Tensor(shape, dtype, { address, bytes, owners: 0, born: ++births, base: undefined });
}

/** A tensor of its own with the same elements; x must have values. */
export function copyOf(x: Tensor, user?: string): Tensor {
  const copy = allocate(x.shape, x.dtype, user);
  copy.data().set(x.data());
  return copy;
}

/** Another shape over the same elements; the caller has checked the size. */
export function viewOf(x: Tensor, shape: Shape): Tensor {
  return new Tensor(shape, x.dtype, x.storage);
}

/** What is allocated: tensors (views included), the bytes of their elements, and the size of the linear memory. */
export function memory(): { tensors: number; bytes: number; heapBytes: number } {
  return { ...live, heapBytes: existingRuntime()?.memory.buffer.byteLength ?? 0 };
}
