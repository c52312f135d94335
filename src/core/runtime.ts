// The only global state: the linear memory, its heap, and the build of the kernels. Made at first use, never on import.
import { DeviceError, OutOfMemoryError } from './errors.js';
import { Heap } from './heap.js';
import { isErrorNamed } from './kind.js';
import type { Parallel } from './threads/parallel.js';
import { relaxedSimdIsSupported } from './wasm/features.js';

const PAGE = 65536;
const MAXIMUM_PAGES = 65536;
const INITIAL_PAGES = 32;
/** The static data of the kernels lies below this address. */
const HEAP_START = PAGE;
/** The memory grows by at least this much, or by half of its size, so that it rarely grows. */
const SMALLEST_GROWTH = 4 * 1024 * 1024;
const LARGEST_GROWTH = 128 * 1024 * 1024;

/** The two builds of every kernel: 128-bit SIMD, and 128-bit SIMD with fused multiply-add. */
export type Build = 'simd' | 'relaxed';

/** The settings of `init`, read when the runtime is made. */
export interface Settings {
  build?: Build;
  memory?: WebAssembly.Memory;
  shared: boolean;
  /** The user's own compiled kernels, all modules in one. */
  module?: WebAssembly.Module;
}

export interface Runtime {
  readonly memory: WebAssembly.Memory;
  readonly heap: Heap;
  readonly shared: boolean;
  build: Build;
  module?: WebAssembly.Module;
  /** Changes whenever `build`, `module` or the memory changes, so that kernel modules are instantiated again. */
  generation: number;
  /** The thread pool, if there is one. Only `init` sets it, so that programs without threads do not bundle the pool. */
  parallel?: Parallel;
}

let current: Runtime | undefined;
/** Number of generations so far. A number is never used again, not even for another memory. */
let generations = 0;

/** The runtime, if it exists already. */
export function existingRuntime(): Runtime | undefined {
  return current;
}

/** The runtime; made now if it does not exist. */
export function runtime(): Runtime {
  current ??= createRuntime({ shared: false });
  return current;
}

/** The build that `auto` selects in this engine. */
export function automaticBuild(): Build {
  return relaxedSimdIsSupported() ? 'relaxed' : 'simd';
}

/** Makes the runtime; only `init` and the first use call this. */
export function createRuntime(settings: Settings): Runtime {
  if (typeof WebAssembly === 'undefined')
    throw new DeviceError('cotangent: this engine has no WebAssembly, in which every tensor lies');
  const memory = settings.memory ?? createMemory(settings.shared);
  const end = memory.buffer.byteLength;
  const heap = new Heap(HEAP_START, end, (wanted) => growMemory(memory, wanted));
  const build = settings.build ?? automaticBuild();
  const { shared, module } = settings;
  current = { memory, heap, shared, build, module, generation: ++generations };
  return current;
}

/** Switches to other kernels over the same memory; every module is instantiated again at its next use. */
export function changeKernels(state: Runtime, build: Build, module: WebAssembly.Module | undefined): void {
  state.build = build;
  state.module = module;
  state.generation = ++generations;
}

/**
 * Below this many multiply-adds, waking threads costs more than it saves; assembly/gemm/threads.ts has the same number.
 */
export const WORTH_THREADS = 2 ** 22;

/** The thread pool for this many multiply-adds; undefined if there is none or the work is too small for it. */
export function threadsFor(multiplyAdds: number): Parallel | undefined {
  return multiplyAdds >= WORTH_THREADS ? runtime().parallel : undefined;
}

/** Discards a runtime that does not work, before anything was allocated in it. */
export function discardRuntime(): void {
  current = undefined;
}

/** A memory that can grow to 4 GiB, or to the largest maximum that this platform accepts. */
function createMemory(shared: boolean): WebAssembly.Memory {
  for (let maximum = MAXIMUM_PAGES; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared });
    } catch (error) {
      if (!isErrorNamed(error, 'RangeError') || maximum <= INITIAL_PAGES) throw error;
    }
  }
}

/** Grows the memory to at least `wanted` bytes, with some extra room if possible; returns its size in bytes. */
export function growMemory(memory: WebAssembly.Memory, wanted: number): number {
  const have = memory.buffer.byteLength;
  if (wanted <= have) return have;
  const spare = Math.min(LARGEST_GROWTH, Math.max(SMALLEST_GROWTH, have / 2));
  for (const target of [Math.max(wanted, have + spare), wanted]) {
    const end = Math.ceil(target / PAGE);
    if (!(end <= MAXIMUM_PAGES)) continue;
    try {
      memory.grow(end - have / PAGE);
      break;
    } catch (error) {
      if (!isErrorNamed(error, 'RangeError')) throw error;
    }
  }
  return memory.buffer.byteLength;
}

/** The address of `bytes` bytes, or 0 where there is no room. */
export function takeBytes(bytes: number): number {
  return runtime().heap.allocate(bytes);
}

/** The address of `bytes` bytes for `user`, the name in the error if there is no room. */
export function allocateBytes(bytes: number, user: string): number {
  const address = takeBytes(bytes);
  if (address === 0) {
    throw new OutOfMemoryError(
      `${user}: ${bytes} bytes do not fit: the heap has ${runtime().memory.buffer.byteLength} bytes, ` +
        `${runtime().heap.used} of them in use, and cannot grow enough (dispose what is not needed, or work in parts)`,
    );
  }
  return address;
}

/** Releases memory. */
export function releaseBytes(address: number): void {
  runtime().heap.release(address);
}

/** Calls `work` with the address of `bytes` bytes of workspace, and releases them when it returns. */
export function withWorkspace<T>(bytes: number, user: string, work: (address: number) => T): T {
  const address = allocateBytes(bytes, user);
  try {
    return work(address);
  } finally {
    releaseBytes(address);
  }
}
