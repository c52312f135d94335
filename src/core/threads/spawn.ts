// Starting a worker, in Node and in browsers, without blobs and without anything that a bundler could not follow.
import { DeviceError } from '../errors.js';
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

/** Starts the worker script and waits until it is ready. `script` replaces the one that lies beside this file. */
export async function spawn(start: WorkerStart, script?: string | URL): Promise<Handle> {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const node = process?.getBuiltinModule?.('node:worker_threads') as
    | { Worker: new (url: string | URL, options: { execArgv: string[] }) => NodeWorker }
    | undefined;
  if (node) {
    // The name stands in a variable because bundlers for browsers would copy the file for this branch, too.
    const beside = './worker.js';
    // The flags of this process (--input-type, loaders) are not for the worker.
    const worker = new node.Worker(script ?? new URL(beside, import.meta.url), { execArgv: [] });
    await new Promise<unknown>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error) =>
        reject(new DeviceError(`init: a worker thread did not start: ${error}`)),
      );
      worker.once('exit', () =>
        reject(new DeviceError('init: a worker thread ended at once: its script is not cotangent/worker')),
      );
      worker.postMessage(start);
    });
    // A pool must not keep the process alive.
    worker.unref();
    return { terminate: () => void worker.terminate() };
  }
  if (typeof Worker === 'undefined') throw new DeviceError('init: this platform has no workers');
  const worker = script
    ? new Worker(script, { type: 'module' })
    : new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) =>
      reject(
        new DeviceError(
          `init: a worker did not start: ${event.message ?? 'its script could not be loaded'} (a bundler that does not follow ` +
            'new Worker(new URL(…)) needs init({ worker }) with the address of cotangent/worker)',
        ),
      );
    worker.postMessage(start);
  });
  return { terminate: () => worker.terminate() };
}
