// Starts workers, in Node and in browsers, without blobs or anything that a bundler cannot follow.
import { DeviceError } from '../errors.js';
import { nodeModule } from '../node-module.js';
import type { WorkerStart } from './protocol.js';

/** A running worker on any platform. */
export interface Handle {
  /** Asks the platform to end it; this takes effect later, if only by microseconds. */
  terminate(): void;
  /** Whether the event of its end has arrived. */
  readonly hasExited: boolean;
  /**
   * Whether its thread has stopped and so cannot write any more. Node can tell while this thread blocks; on other
   * platforms only the event can tell, if anything.
   */
  hasEnded(): boolean;
}

interface NodeWorker {
  once(event: string, listener: (value: unknown) => void): void;
  postMessage(message: unknown): void;
  unref(): void;
  terminate(): unknown;
  /** Missing in environments that imitate Node. */
  performance?: { eventLoopUtilization?(): { idle: number; active: number } };
}

interface WorkerThreads {
  Worker: new (url: string | URL, options: { execArgv: string[] }) => NodeWorker;
}

/** A worker that has not answered after this long is considered dead. */
const PATIENCE_MS = 10_000;
const ADVICE =
  'a bundler that does not follow new Worker(new URL(…)) needs init({ worker }) with the address of cotangent/worker';

/** Starts the worker script and waits until it is ready. `script` replaces the script beside this file. */
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
  // The name is in a variable because browser bundlers would otherwise copy the file for this branch, too.
  const beside = './worker.js';
  // The worker must not inherit the flags of this process (--input-type, loaders).
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
  /** Whether Node reports the event-loop times of the worker. */
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

  /** The worker runs now: record how Node reports a live worker. Bun 1.3 has no such report, and prints a warning. */
  observe(): void {
    this.#tells = !('bun' in process.versions) && this.#loop().active > 0;
  }

  // The 'exit' event needs the event loop of this thread, but the loop times of the worker can be read at any time:
  // Node reports -1 as idle time once the thread has left its loop for good, and zeros after the event.
  hasEnded(): boolean {
    if (this.hasExited || !this.#tells) return this.hasExited;
    const { idle, active } = this.#loop();
    return idle < 0 || active === 0;
  }

  #loop(): { idle: number; active: number } {
    return this.#worker.performance?.eventLoopUtilization?.() ?? { idle: 0, active: 0 };
  }
}

/** Waits for the first message of a worker; ends the worker if none comes. */
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
