// The pool: posts parts of a kernel's work to workers over shared memory, does its own part, takes back parts that no
// worker has begun, and waits for the rest. Even when a part fails, it returns only after no worker is busy any more,
// and repeats failed parts itself if that is possible.
import { DeviceError } from '../errors.js';
import { allocateBytes, releaseBytes, runtime, takeBytes } from '../runtime.js';
import type { KernelModule } from '../wasm/module.js';
import {
  CALL,
  CLAIMED,
  CLOSED,
  DONE,
  HEADER,
  IDLE,
  LEFT,
  MAXIMUM_ARGUMENTS,
  NOT_LOADED,
  POSTED,
  SLOT_BYTES,
} from './protocol.js';
import { type Handle, spawn } from './spawn.js';

/** One call of a kernel, on one part of the work. */
export interface Call {
  /** Its export name in its module. */
  kernel: string;
  args: readonly (number | boolean)[];
  /** Whether it can be repeated from the start: it does not read what it writes. */
  isRepeatable: boolean;
}

/**
 * A module for workers to load: the address of its bytes (0 for the module that they started with) and its kernels'
 * indices.
 */
interface Published {
  address: number;
  length: number;
  kernels: ReadonlyMap<string, number>;
  /** False after a worker failed to load it. */
  isLoadable: boolean;
}

/** A worker and the index of its state word. */
interface Member {
  handle: Handle;
  state: number;
}

/** A worker that was given up may still be busy, so the memory of its part must not be reused. */
export class UnfinishedPartError extends DeviceError {}

/** A worker spins this long after a call, so that the next call starts within a microsecond; then it sleeps. */
const WORKER_SPIN_MS = 0.3;
/** How often the caller polls a busy worker before it blocks. */
const JOIN_SPINS = 20000;
/** How long the caller waits before it checks whether a busy worker is still running. */
const LOOK_MS = 10;
/**
 * A worker is given up after this long, if that is also this many times the caller's own part: parts have equal sizes.
 */
const PATIENCE_MS = 30_000;
const PATIENCE_PARTS = 100;
/** How long a worker may take to end. */
const GRACE_MS = 5000;
/** Outcomes of a part that a worker does not write itself: its thread has ended, or its thread may still be busy. */
const ENDED = -1;
const UNFINISHED = -2;

export class ThreadPool {
  readonly #root: KernelModule<unknown>;
  readonly #slots: number;
  readonly #state: Int32Array;
  readonly #calls: Float64Array;
  #workers: Member[];
  /** Workers that were given up and may still be busy. */
  readonly #unfinished: Member[] = [];
  readonly #published = new Map<KernelModule<unknown>, Published>();

  private constructor(root: KernelModule<unknown>, handles: readonly Handle[], slots: number) {
    this.#root = root;
    this.#workers = handles.map((handle, i) => ({ handle, state: (i * SLOT_BYTES) / 4 }));
    this.#slots = slots;
    const { buffer } = runtime().memory;
    this.#state = new Int32Array(buffer, slots, (handles.length * SLOT_BYTES) / 4);
    this.#calls = new Float64Array(buffer, slots, (handles.length * SLOT_BYTES) / 8);
  }

  /** Working threads, including the caller's; workers that have ended do not count. */
  get threads(): number {
    if (this.#workers.some(({ handle }) => handle.hasExited))
      this.#workers = this.#workers.filter(({ handle }) => !handle.hasExited);
    return this.#workers.length + 1;
  }

  /** Starts `threads` - 1 workers with the kernels of `root`, compiled as `module`. */
  static async start(
    threads: number,
    root: KernelModule<unknown>,
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
    const pool = new ThreadPool(root, workers, slots);
    const failure = started.find((s) => s.status === 'rejected');
    if (failure === undefined) return pool;
    await pool.stop();
    throw failure.reason;
  }

  /** Ends the workers, and releases their memory once none of them can read it. */
  async stop(): Promise<void> {
    const workers = this.#workers.splice(0);
    for (const { state } of workers) {
      Atomics.store(this.#state, state, CLOSED);
      Atomics.notify(this.#state, state);
    }
    const haveLeft = () =>
      workers.every(({ handle, state }) => Atomics.load(this.#state, state) === LEFT || handle.hasEnded());
    for (const start = performance.now(); !haveLeft() && performance.now() - start < GRACE_MS; )
      await new Promise((resolve) => setTimeout(resolve, 1));
    const isFree = haveLeft() && this.#isFinished();
    for (const { handle } of workers) handle.terminate();
    if (!isFree) return;
    releaseBytes(this.#slots);
    for (const { address } of this.#published.values()) if (address !== 0) releaseBytes(address);
    this.#published.clear();
  }

  /** Publishes a module to the workers; false if there is no memory for it, or workers cannot load it. */
  publish(module: KernelModule<unknown>): boolean {
    let published = this.#published.get(module);
    if (published === undefined) {
      const place = this.#place(module);
      if (place === undefined) return false;
      const names = Object.keys(module.exports as object);
      published = { ...place, kernels: new Map(names.map((name, i) => [name, i])), isLoadable: true };
      this.#published.set(module, published);
    }
    return published.isLoadable;
  }

  #place(module: KernelModule<unknown>): { address: number; length: number } | undefined {
    // The user's own WASM contains all kernels, and workers have it from the start.
    if (module === this.#root || runtime().module) return { address: 0, length: 0 };
    const bytes = module.bytes();
    const address = takeBytes(bytes.length);
    if (address === 0) return undefined;
    new Uint8Array(runtime().memory.buffer, address, bytes.length).set(bytes);
    return { address, length: bytes.length };
  }

  /**
   * Runs at most `threads` calls of kernels of one published module, the first of them on this thread, and returns when
   * all are done. Failed parts are repeated on this thread if possible.
   * @throws DeviceError if it is not possible. Even then no worker is busy any more, except for an UnfinishedPartError.
   */
  run<Exports>(calls: readonly Call[], module: KernelModule<Exports>): void {
    const workers = this.#workers;
    const published = this.#published.get(module) as Published;
    if (calls.length > workers.length + 1)
      throw new DeviceError(`ThreadPool.run: ${calls.length} calls for ${workers.length + 1} threads`);
    for (const { kernel, args } of calls) {
      if (!published.kernels.has(kernel) || args.length > MAXIMUM_ARGUMENTS)
        throw new DeviceError(`ThreadPool.run: workers cannot run ${kernel} with ${args.length} arguments`);
    }
    const kernels = module.exports as Record<string, (...args: readonly (number | boolean)[]) => void>;
    let failure: DeviceError | undefined;
    const runHere = ({ kernel, args }: Call): void => {
      if (failure !== undefined) return;
      try {
        kernels[kernel](...args);
      } catch (error) {
        failure = new DeviceError(`${kernel}: a part of the work failed: ${error}`);
      }
    };
    for (let i = 1; i < calls.length; i++) this.#post(workers[i - 1], calls[i], published);
    const start = performance.now();
    runHere(calls[0]);
    const patience = Math.max(PATIENCE_MS, PATIENCE_PARTS * (performance.now() - start));
    const again: Call[] = [];
    for (let i = 1; i < calls.length; i++) {
      const [call, worker] = [calls[i], workers[i - 1]];
      // Not begun: the worker is asleep or not scheduled, so this thread does the part itself.
      if (Atomics.compareExchange(this.#state, worker.state, POSTED, IDLE) === POSTED) {
        runHere(call);
        continue;
      }
      const outcome = this.#join(worker, patience);
      if (outcome === DONE) continue;
      if (outcome === NOT_LOADED) published.isLoadable = false;
      if (outcome === UNFINISHED) {
        failure = new UnfinishedPartError(
          `${call.kernel}: a worker thread has not finished its part after ${Math.round(patience)} ms, and does not end`,
        );
      } else if (outcome === NOT_LOADED || call.isRepeatable) again.push(call);
      else failure ??= new DeviceError(`${call.kernel}: a worker thread failed in the middle of its part`);
    }
    for (const call of again) runHere(call);
    if (failure !== undefined) throw failure;
  }

  #post({ state }: Member, { kernel, args }: Call, { address, length, kernels }: Published): void {
    const at = (4 * state + CALL) / 8;
    this.#calls.set([address, length, kernels.get(kernel) as number, args.length], at);
    this.#calls.set(args.map(Number), at + HEADER);
    Atomics.store(this.#state, state, POSTED);
    Atomics.notify(this.#state, state);
  }

  /** Waits for a part that a worker has taken. Drops the worker if its thread has ended or takes too long. */
  #join(worker: Member, patience: number): number {
    const { handle, state } = worker;
    const start = performance.now();
    let outcome = Atomics.load(this.#state, state);
    for (let i = 0; outcome === CLAIMED; i++) {
      if (i > JOIN_SPINS && this.#pause(state, i)) {
        const isLate = performance.now() - start > patience;
        if (isLate) this.#giveUp(worker);
        if (isLate || handle.hasEnded()) {
          this.#workers = this.#workers.filter((other) => other !== worker);
          outcome = Atomics.load(this.#state, state);
          if (outcome !== CLAIMED) return outcome;
          return handle.hasEnded() ? ENDED : this.#abandon(worker);
        }
      }
      outcome = Atomics.load(this.#state, state);
    }
    Atomics.store(this.#state, state, IDLE);
    return outcome;
  }

  /** Waits briefly for a state other than CLAIMED; true when it is time to check on the worker. */
  #pause(state: number, i: number): boolean {
    // The main thread of a browser must not block; it keeps spinning.
    if (!mayWait()) return (i & 1023) === 0;
    return Atomics.wait(this.#state, state, CLAIMED, LOOK_MS) === 'timed-out';
  }

  /**
   * Ends a worker, and waits until its thread has stopped, its part is done after all, or its state cannot be known.
   */
  #giveUp({ handle, state }: Member): void {
    handle.terminate();
    const start = performance.now();
    for (let i = 0; performance.now() - start < GRACE_MS; i++) {
      if (Atomics.load(this.#state, state) !== CLAIMED || handle.hasEnded()) return;
      this.#pause(state, i);
    }
  }

  /** Holds back memory released from now on until every worker that may still write has reported that it is done. */
  #abandon(worker: Member): number {
    this.#unfinished.push(worker);
    runtime().heap.holdWhile(() => !this.#isFinished());
    return UNFINISHED;
  }

  /** True if no worker that was given up can write any more. */
  #isFinished(): boolean {
    return this.#unfinished.every(
      ({ handle, state }) => Atomics.load(this.#state, state) !== CLAIMED || handle.hasEnded(),
    );
  }
}

/** Whether this thread may block. */
function mayWait(): boolean {
  return typeof (globalThis as { document?: unknown }).document === 'undefined';
}
