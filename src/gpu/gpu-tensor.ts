/// <reference lib="esnext.disposable" preserve="true" />
// GpuTensor: a tensor of f32 or i32 in the memory of the GPU.

import { disposable } from '../core/disposable.js';
import { DeviceError, DisposedError, DTypeError } from '../core/errors.js';
import { type Shape, show, sizeOf } from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';
import type { Backend, DeviceBuffer, DeviceInfo } from './backend.js';

const live = { tensors: 0, bytes: 0 };

/** The last resort for tensors that are never disposed: the garbage collector does not see the memory of a GPU. */
const finalizer = /* @__PURE__ */ new FinalizationRegistry<DeviceBuffer>(release);

function release(resident: DeviceBuffer): void {
  live.tensors--;
  live.bytes -= resident.bytes;
  resident.release();
}

/** What is allocated on the GPU: tensors, and the bytes of their elements with padding. */
export function memory(): { tensors: number; bytes: number } {
  return { ...live };
}

/** What owns the memory of a tensor that is not its own. */
export interface Owner {
  readonly disposed: boolean;
  /** Rejects with what went wrong in the work that computed the tensor. */
  check(): Promise<void>;
}

/** What a GpuTensor may be besides a tensor of floats with memory of its own. */
interface Kind {
  readonly dtype?: 'f32' | 'i32';
  /** A plan whose result it is. */
  readonly owner?: Owner;
}

/**
 * A tensor on the GPU, of f32 or, for indices and labels, of i32. `gpu.upload` and the functions of `gpu` make such tensors; they
 * queue work and return at once, and `download` throws the errors of that work. The results of a plan belong to it, as on the CPU:
 * `dispose` does nothing to them.
 */
export class GpuTensor {
  /** Extents, outermost first. */
  readonly shape: Shape;
  readonly dtype: 'f32' | 'i32';
  /** Number of elements. */
  readonly size: number;
  /** The GPU that holds the elements. */
  readonly device: DeviceInfo;
  #backend: Backend;
  /** Undefined for a tensor without elements, which takes no memory on the device. */
  #resident: DeviceBuffer | undefined;
  readonly #owner: Owner | undefined;
  #disposed = false;

  /** For internal use: make GPU tensors with `upload` and `matmul`. */
  constructor(
    shape: Shape,
    backend: Backend,
    resident: DeviceBuffer | undefined,
    { dtype = 'f32', owner }: Kind = {},
  ) {
    this.dtype = dtype;
    this.#owner = owner;
    this.shape = Object.freeze([...shape]);
    this.size = sizeOf(shape);
    this.device = backend.info;
    this.#backend = backend;
    this.#resident = resident;
    disposable(this);
    if (!resident || owner) return;
    live.tensors++;
    live.bytes += resident.bytes;
    finalizer.register(this, resident, this);
  }

  /** True once `dispose` has been called. */
  get isDisposed(): boolean {
    return this.#disposed || this.#owner?.disposed === true;
  }

  /**
   * @internal The elements on `backend`, or undefined if there are none, for functions of floats. Throws for integers, another backend,
   * or a lost one.
   */
  on(caller: string, backend: Backend): DeviceBuffer | undefined {
    if (this.dtype !== 'f32')
      throw new DTypeError(
        `${caller}: the GpuTensor must be f32, got ${this.dtype} of shape ${show(this.shape)}`,
      );
    return this.anyOn(caller, backend);
  }

  /** @internal The same for elements of either dtype. */
  anyOn(caller: string, backend: Backend): DeviceBuffer | undefined {
    this.#usable(caller);
    if (backend !== this.#backend) {
      throw new DeviceError(
        `${caller}: the GpuTensor of shape ${show(this.shape)} belongs to a device that is closed; upload it again`,
      );
    }
    return this.#resident;
  }

  /** Waits for the work that computes this tensor, and copies it into a new tensor in WASM memory. */
  async download(): Promise<Tensor> {
    this.#usable('download');
    const values = this.#resident ? await this.#read(this.#resident) : new Float32Array(0);
    await this.#owner?.check();
    const tensor = allocate(this.shape, this.dtype, 'download');
    tensor
      .data()
      .set(this.dtype === 'f32' ? values : new Int32Array(values.buffer, values.byteOffset, values.length));
    return tensor;
  }

  async #read(resident: DeviceBuffer): Promise<Float32Array> {
    try {
      return await this.#backend.read(resident);
    } catch (error) {
      // Work interrupted by a loss fails in many ways, often before the loss itself is reported.
      await new Promise((resume) => setTimeout(resume, 0));
      throw this.#loss('download') ?? error;
    }
  }

  /** Frees the memory on the device; queued work can still use it. Calling it again does nothing. */
  dispose(): void {
    if (this.#disposed || this.#owner) return;
    this.#disposed = true;
    if (!this.#resident) return;
    finalizer.unregister(this);
    release(this.#resident);
    this.#resident = undefined;
  }

  /** `using x = gpu.upload(…)` disposes at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return `GpuTensor(${this.dtype}, ${show(this.shape)}, ${this.device.backend}${this.isDisposed ? ', disposed' : ''})`;
  }

  #usable(caller: string): void {
    if (this.isDisposed) {
      const what = this.#owner ? 'plan of the GpuTensor' : 'GpuTensor';
      throw new DisposedError(`${caller}: the ${what} of shape ${show(this.shape)} has been disposed`);
    }
    const loss = this.#loss(caller);
    if (loss) throw loss;
  }

  #loss(caller: string): DeviceError | undefined {
    const reason = this.#backend.lost();
    return reason === undefined ? undefined : lostError(caller, this.device, reason);
  }
}

/** The message for a lost device. */
export function lostError(caller: string, device: DeviceInfo, reason: string): DeviceError {
  return new DeviceError(
    `${caller}: the GPU (${device.backend}, ${device.adapter}) was lost: ${reason}; await gpu.init() and upload again`,
  );
}
