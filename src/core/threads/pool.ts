// The pool: posts parts of a kernel's work to workers over shared memory, does its own part, takes back what no worker
// has begun, and waits for the rest. It never waits on a worker that is not running.
import { DeviceError } from '../errors.js';
import { allocateBytes, releaseBytes, runtime, takeBytes } from '../runtime.js';
import type { KernelModule } from '../wasm/module.js';
import {
  CALL,
  CLAIMED,
  FAILED,
  HEADER,
  IDLE,
  MAXIMUM_ARGUMENTS,
  PARALLEL_KERNELS,
  type ParallelKernel,
  POSTED,
  SLOT_BYTES,
} from './protocol.js';
import { type Handle, spawn } from './spawn.js';

/** One call of a kernel on one part of the work. */
export interface Call {
  kernel: ParallelKernel;
  args: readonly (number | boolean)[];
}

/** Where the bytes of a module lie for workers to load. */
type Placed = readonly [address: number, length: number];

/** A worker spins this long after a call, so that the next one starts within a microsecond; then it sleeps. */
const WORKER_SPIN_MS = 0.3;
/** The caller spins this often for a worker that is at it, before it waits. */
const JOIN_SPINS = 20000;

export class ThreadPool {
  /** Threads that work, the caller among them. */
  readonly threads: number;
  readonly #workers: readonly Handle[];
  readonly #slots: number;
  #state: Int32Array;
  #calls: Float64Array;
  /** What workers may have to load. */
  readonly #modules = new Map<KernelModule<unknown>, Placed>();

  private constructor(workers: readonly Handle[], slots: number) {
    this.#workers = workers;
    this.threads = workers.length + 1;
    this.#slots = slots;
    const { buffer } = runtime().memory;
    this.#state = new Int32Array(buffer, slots, (workers.length * SLOT_BYTES) / 4);
    this.#calls = new Float64Array(buffer, slots, (workers.length * SLOT_BYTES) / 8);
  }

  /** Starts `threads` - 1 workers that run `module`. */
  static async start(
    threads: number,
    module: WebAssembly.Module,
    script?: string | URL,
  ): Promise<ThreadPool> {
    const { memory } = runtime();
    const count = threads - 1;
    const slots = allocateBytes(count * SLOT_BYTES, 'init');
    new Uint8Array(memory.buffer, slots, count * SLOT_BYTES).fill(0);
    const started = await Promise.allSettled(
      Array.from({ length: count }, (_, i) =>
        spawn({ memory, module, slot: slots + i * SLOT_BYTES, spin: WORKER_SPIN_MS }, script),
      ),
    );
    const workers = started.filter((s) => s.status === 'fulfilled').map((s) => s.value);
    const failure = started.find((s) => s.status === 'rejected');
    if (failure) {
      for (const worker of workers) worker.terminate();
      releaseBytes(slots);
      throw failure.reason;
    }
    return new ThreadPool(workers, slots);
  }

  /** Ends the workers. */
  stop(): void {
    for (const worker of this.#workers) worker.terminate();
    releaseBytes(this.#slots);
    for (const [address] of this.#modules.values()) releaseBytes(address);
    this.#modules.clear();
  }

  /** Puts a module where workers find it; false where there is no room for it. It stays until the pool ends. */
  offer(module: KernelModule<unknown>): boolean {
    // One's own WASM has all kernels, and workers have it from their start.
    if (this.#modules.has(module) || runtime().module) return true;
    const bytes = module.bytes();
    const address = takeBytes(bytes.length);
    if (address === 0) return false;
    new Uint8Array(runtime().memory.buffer, address, bytes.length).set(bytes);
    this.#modules.set(module, [address, bytes.length]);
    return true;
  }

  /**
   * Runs all calls of kernels of one module, at most `threads` of them, the first on this thread; returns when all are done. A
   * module that workers were not started with must have been offered.
   */
  run<Exports>(calls: readonly Call[], module: KernelModule<Exports>): void {
    if (calls.length > this.threads)
      throw new DeviceError(`ThreadPool.run: ${calls.length} calls for ${this.threads} threads`);
    const placed = this.#modules.get(module) ?? [0, 0];
    for (let i = 1; i < calls.length; i++) this.#post(i - 1, calls[i], placed);
    const kernels = module.exports as Record<string, (...args: readonly (number | boolean)[]) => void>;
    const runHere = ({ kernel, args }: Call) => kernels[kernel](...args);
    if (calls.length > 0) runHere(calls[0]);
    for (let i = 1; i < calls.length; i++) {
      const state = ((i - 1) * SLOT_BYTES) / 4;
      // Not begun: the worker is asleep or not scheduled, so this thread does the part itself.
      if (Atomics.compareExchange(this.#state, state, POSTED, IDLE) === POSTED) {
        runHere(calls[i]);
      } else this.#join(state);
    }
  }

  #post(worker: number, { kernel, args }: Call, placed: Placed): void {
    const at = (worker * SLOT_BYTES + CALL) / 8;
    if (args.length > MAXIMUM_ARGUMENTS)
      throw new DeviceError(`ThreadPool.run: ${kernel} has too many arguments`);
    this.#calls.set([PARALLEL_KERNELS.indexOf(kernel), args.length, ...placed], at);
    this.#calls.set(args.map(Number), at + HEADER);
    const state = (worker * SLOT_BYTES) / 4;
    Atomics.store(this.#state, state, POSTED);
    Atomics.notify(this.#state, state);
  }

  #join(state: number): void {
    for (let i = 0; Atomics.load(this.#state, state) === CLAIMED; i++) {
      if (i > JOIN_SPINS && mayWait()) Atomics.wait(this.#state, state, CLAIMED);
    }
    const failed = Atomics.load(this.#state, state) === FAILED;
    Atomics.store(this.#state, state, IDLE);
    if (failed) throw new DeviceError('ThreadPool.run: a kernel trapped on a worker thread');
  }
}

/** A browser's main thread must not block; it goes on spinning, on a part that is running already. */
function mayWait(): boolean {
  return typeof (globalThis as { document?: unknown }).document === 'undefined';
}
