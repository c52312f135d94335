// The pool: posts parts of a kernel's work to workers over shared memory, does its own part, takes back what no worker
// has begun, and waits for the rest. It never waits on a worker that is not running.
import type { BlasExports } from '../../generated/blas.js';
import { DeviceError } from '../errors.js';
import { allocateBytes, releaseBytes, runtime } from '../runtime.js';
import {
  ARGUMENTS,
  CLAIMED,
  FAILED,
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

type Kernels = Pick<BlasExports, ParallelKernel>;

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
  #args: Float64Array;

  private constructor(workers: readonly Handle[], slots: number) {
    this.#workers = workers;
    this.threads = workers.length + 1;
    this.#slots = slots;
    const { buffer } = runtime().memory;
    this.#state = new Int32Array(buffer, slots, (workers.length * SLOT_BYTES) / 4);
    this.#args = new Float64Array(buffer, slots, (workers.length * SLOT_BYTES) / 8);
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
  }

  /** Runs all calls, at most `threads` of them, the first on this thread; returns when all are done. */
  run(calls: readonly Call[], kernels: Kernels): void {
    if (calls.length > this.threads)
      throw new DeviceError(`ThreadPool.run: ${calls.length} calls for ${this.threads} threads`);
    for (let i = 1; i < calls.length; i++) this.#post(i - 1, calls[i]);
    const runHere = ({ kernel, args }: Call) =>
      (kernels[kernel] as (...args: readonly (number | boolean)[]) => void)(...args);
    if (calls.length > 0) runHere(calls[0]);
    for (let i = 1; i < calls.length; i++) {
      const state = ((i - 1) * SLOT_BYTES) / 4;
      // Not begun: the worker is asleep or not scheduled, so this thread does the part itself.
      if (Atomics.compareExchange(this.#state, state, POSTED, IDLE) === POSTED) {
        runHere(calls[i]);
      } else this.#join(state);
    }
  }

  #post(worker: number, { kernel, args }: Call): void {
    const at = (worker * SLOT_BYTES + ARGUMENTS) / 8;
    if (args.length >= MAXIMUM_ARGUMENTS)
      throw new DeviceError(`ThreadPool.run: ${kernel} has too many arguments`);
    this.#args[at] = PARALLEL_KERNELS.indexOf(kernel);
    this.#args[at + 1] = args.length;
    this.#args.set(args.map(Number), at + 2);
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
