// The pool: posts parts of a kernel's work to workers over shared memory, does its own part, takes back what no worker has begun,
// and waits for the rest. Whatever fails, it returns only when nobody is at a part any more, and does itself what can be repeated.
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

/** One call of a kernel on one part of the work. */
export interface Call {
  /** Its name among the exports of its module. */
  kernel: string;
  args: readonly (number | boolean)[];
  /** Whether it may be done again from the start: what it writes is not what it reads. */
  isRepeatable: boolean;
}

/** A module that workers can load: where its bytes lie (0 for the one that they have), and the places of its kernels. */
interface Published {
  address: number;
  length: number;
  kernels: ReadonlyMap<string, number>;
  /** False once a worker could not load it. */
  isLoadable: boolean;
}

/** A worker and the index of its state word. */
interface Member {
  handle: Handle;
  state: number;
}

/** A worker that was given up is still at its part, as far as is known: what it was given must not be used again. */
export class UnfinishedPartError extends DeviceError {}

/** A worker spins this long after a call, so that the next one starts within a microsecond; then it sleeps. */
const WORKER_SPIN_MS = 0.3;
/** The caller spins this often for a worker that is at it, before it waits. */
const JOIN_SPINS = 20000;
/** How long the caller waits before it looks whether a worker that is at it still runs. */
const LOOK_MS = 10;
/** A worker is given up after this long, and this many times what the caller's own part took: parts are of one size. */
const PATIENCE_MS = 30_000;
const PATIENCE_PARTS = 100;
/** How long a worker that is to end may take to do so. */
const GRACE_MS = 5000;
/** Outcomes of a part beside those that a worker writes: its thread has ended, and its thread may still be at it. */
const ENDED = -1;
const UNFINISHED = -2;

export class ThreadPool {
  readonly #root: KernelModule<unknown>;
  readonly #slots: number;
  readonly #state: Int32Array;
  readonly #calls: Float64Array;
  #workers: Member[];
  /** Workers that were given up and may still be at a part. */
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

  /** Threads that work, the caller among them; workers that have ended count no more. */
  get threads(): number {
    if (this.#workers.some(({ handle }) => handle.hasExited))
      this.#workers = this.#workers.filter(({ handle }) => !handle.hasExited);
    return this.#workers.length + 1;
  }

  /** Starts `threads` - 1 workers that have the kernels of `root`, compiled as `module`. */
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

  /** Ends the workers, and gives their memory back when none of them can read it any more. */
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

  /** Puts a module where workers find it; false where there is no room for it, or where they cannot load it. */
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
    // The user's own WASM has all kernels, and workers have it from their start.
    if (module === this.#root || runtime().module) return { address: 0, length: 0 };
    const bytes = module.bytes();
    const address = takeBytes(bytes.length);
    if (address === 0) return undefined;
    new Uint8Array(runtime().memory.buffer, address, bytes.length).set(bytes);
    return { address, length: bytes.length };
  }

  /**
   * Runs all calls of kernels of one module that has been published, at most `threads` of them, the first on this thread; returns
   * when all are done. Parts that failed are done again here where that is possible.
   * @throws DeviceError where it is not; then, too, no worker is at a part any more, but for UnfinishedPartError.
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

  /** Waits for a part that a worker has taken. The worker is dropped where its thread has ended, or takes too long. */
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

  /** Waits a moment for a state other than CLAIMED; true where it is time to look after the worker. */
  #pause(state: number, i: number): boolean {
    // A browser's main thread must not block; it goes on spinning.
    if (!mayWait()) return (i & 1023) === 0;
    return Atomics.wait(this.#state, state, CLAIMED, LOOK_MS) === 'timed-out';
  }

  /** Ends a worker, and waits until its thread runs no more, its part is done after all, or nothing can be known. */
  #giveUp({ handle, state }: Member): void {
    handle.terminate();
    const start = performance.now();
    for (let i = 0; performance.now() - start < GRACE_MS; i++) {
      if (Atomics.load(this.#state, state) !== CLAIMED || handle.hasEnded()) return;
      this.#pause(state, i);
    }
  }

  /** What is released from now on is not used again before a worker that may still write has said that it is done. */
  #abandon(worker: Member): number {
    this.#unfinished.push(worker);
    runtime().heap.holdWhile(() => !this.#isFinished());
    return UNFINISHED;
  }

  /** Whether none of the workers that were given up can write any more. */
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
