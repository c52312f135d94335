// Starting a worker, in Node and in browsers, without blobs and without anything that a bundler could not follow.
import { DeviceError } from '../errors.js';
import { nodeModule } from '../node-module.js';
import type { WorkerStart } from './protocol.js';

/** A worker that was started, whatever the platform calls it. */
export interface Handle {
  /** Asks the platform to end it, which takes effect later, if only by microseconds. */
  terminate(): void;
  /** Whether the event of its end has come. */
  readonly hasExited: boolean;
  /**
   * Whether its thread runs no more and so writes nothing more. Node can tell while this thread blocks; elsewhere it is known from
   * the event alone, if at all.
   */
  hasEnded(): boolean;
}

interface NodeWorker {
  once(event: string, listener: (value: unknown) => void): void;
  postMessage(message: unknown): void;
  unref(): void;
  terminate(): unknown;
  /** Absent where Node is imitated. */
  performance?: { eventLoopUtilization?(): { idle: number; active: number } };
}

interface WorkerThreads {
  Worker: new (url: string | URL, options: { execArgv: string[] }) => NodeWorker;
}

/** A worker that has not answered after this long never will. */
const PATIENCE_MS = 10_000;
const ADVICE =
  'a bundler that does not follow new Worker(new URL(…)) needs init({ worker }) with the address of cotangent/worker';

/** Starts the worker script and waits until it is ready. `script` replaces the one that lies beside this file. */
export async function spawn(start: WorkerStart, script?: string | URL): Promise<Handle> {
  const node = await nodeModule<WorkerThreads>('node:worker_threads');
  if (node) return spawnInNode(node, start, script);
  if (typeof Worker === 'undefined') throw new DeviceError('init: this platform has no workers');
  const worker = script
    ? new Worker(script, { type: 'module' })
    : new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  // Browsers have no event for it: a worker ends when it is terminated, or with its page.
  const handle = { terminate: () => worker.terminate(), hasExited: false, hasEnded: () => false };
  await ready(handle, (resolve, fail) => {
    worker.onmessage = resolve;
    worker.onerror = (event) => fail(event.message ?? 'its script could not be loaded');
    worker.postMessage(start);
  });
  return handle;
}

async function spawnInNode(node: WorkerThreads, start: WorkerStart, script?: string | URL): Promise<Handle> {
  // The name stands in a variable because bundlers for browsers would copy the file for this branch, too.
  const beside = './worker.js';
  // The flags of this process (--input-type, loaders) are not for the worker.
  const worker = new node.Worker(script ?? new URL(beside, import.meta.url), { execArgv: [] });
  const handle = new NodeHandle(worker);
  await ready(handle, (resolve, fail) => {
    worker.once('message', resolve);
    worker.once('error', fail);
    worker.once('exit', () => fail('it ended at once'));
    worker.postMessage(start);
  });
  // A pool must not keep the process alive.
  worker.unref();
  handle.observe();
  return handle;
}

class NodeHandle implements Handle {
  readonly #worker: NodeWorker;
  hasExited = false;
  /** Whether Node tells what the event loop of the worker has done. */
  #tells = false;

  constructor(worker: NodeWorker) {
    this.#worker = worker;
    worker.once('exit', () => {
      this.hasExited = true;
    });
  }

  terminate(): void {
    void this.#worker.terminate();
  }

  /** The worker is running: what is known of it now is how it looks alive. */
  observe(): void {
    this.#tells = this.#loop().active > 0;
  }

  // The event 'exit' waits for the event loop of this thread. The times of the worker's loop can be read at any time: Node gives -1
  // for the idle time once the thread has left its loop for good, and zeros after the event.
  hasEnded(): boolean {
    if (this.hasExited || !this.#tells) return this.hasExited;
    const { idle, active } = this.#loop();
    return idle < 0 || active === 0;
  }

  #loop(): { idle: number; active: number } {
    return this.#worker.performance?.eventLoopUtilization?.() ?? { idle: 0, active: 0 };
  }
}

/** Waits for a worker's first message, and ends the worker that sends none. */
async function ready(
  worker: Pick<Handle, 'terminate'>,
  listen: (resolve: () => void, fail: (reason: unknown) => void) => void,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: unknown) =>
        reject(new DeviceError(`init: a worker did not start: ${reason} (${ADVICE})`));
      timer = setTimeout(() => fail(`no answer after ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
      listen(resolve, fail);
    });
  } catch (error) {
    worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
