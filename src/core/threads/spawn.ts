// Starting a worker, in Node and in browsers, without blobs and without anything that a bundler could not follow.
import { DeviceError } from '../errors.js';
import { nodeModule } from '../node-module.js';
import type { WorkerStart } from './protocol.js';

/** A running worker, whatever the platform calls it. */
export interface Handle {
  terminate(): void;
}

interface NodeWorker {
  once(event: string, listener: (value: unknown) => void): void;
  postMessage(message: unknown): void;
  unref(): void;
  terminate(): unknown;
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
  const handle = { terminate: () => worker.terminate() };
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
  const handle = { terminate: () => void worker.terminate() };
  await ready(handle, (resolve, fail) => {
    worker.once('message', resolve);
    worker.once('error', fail);
    worker.once('exit', () => fail('it ended at once'));
    worker.postMessage(start);
  });
  // A pool must not keep the process alive.
  worker.unref();
  return handle;
}

/** Waits for a worker's first message, and ends the worker that sends none. */
async function ready(
  worker: Handle,
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
