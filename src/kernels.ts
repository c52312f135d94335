// cotangent/kernels: the raw WASM kernels on byte addresses, with an allocator and views. Nothing is checked here.
import { ArgumentError } from './core/errors.js';
import { allocateBytes, runtime } from './core/runtime.js';

export * from './generated/kernels.js';

/** The address of `bytes` bytes of linear memory, aligned to 64. Throws OutOfMemoryError. */
export function alloc(bytes: number): number {
  if (!(Number.isSafeInteger(bytes) && bytes >= 0))
    throw new ArgumentError(`alloc: bytes must be a count, got ${bytes}`);
  return allocateBytes(bytes, 'alloc');
}

/** Releases what `alloc` returned. Throws ArgumentError for any other address, or one that was released already. */
export function free(address: number): void {
  if (!runtime().heap.release(address))
    throw new ArgumentError(`free: ${address} is not the address of an allocation`);
}

/** n doubles at a byte address, as a live view: valid until the memory grows. */
export function f64(address: number, n: number): Float64Array {
  return new Float64Array(runtime().memory.buffer, address, n);
}

/** n singles at a byte address, as a live view: valid until the memory grows. */
export function f32(address: number, n: number): Float32Array {
  return new Float32Array(runtime().memory.buffer, address, n);
}

/** n 32-bit integers at a byte address, as a live view: valid until the memory grows. */
export function i32(address: number, n: number): Int32Array {
  return new Int32Array(runtime().memory.buffer, address, n);
}

/** The linear memory itself. */
export function wasmMemory(): WebAssembly.Memory {
  return runtime().memory;
}
