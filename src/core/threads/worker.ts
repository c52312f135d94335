// A worker of the pool: waits for calls in its slot, runs the kernel, says so. Runs in Node's worker_threads and in browsers.
import {
  ARGUMENTS,
  CLAIMED,
  DONE,
  MAXIMUM_ARGUMENTS,
  PARALLEL_KERNELS,
  POSTED,
  type WorkerStart,
} from './protocol.js';

type Kernel = (...args: number[]) => unknown;
type Port = { postMessage(message: unknown): void };

function serve({ memory, module, slot, spin }: WorkerStart, port: Port): void {
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<string, Kernel>;
  const state = new Int32Array(memory.buffer, slot, 1);
  const args = new Float64Array(memory.buffer, slot + ARGUMENTS, MAXIMUM_ARGUMENTS + 1);
  port.postMessage('ready');
  for (;;) {
    const rested = performance.now() + spin;
    let seen = Atomics.load(state, 0);
    for (let i = 1; seen !== POSTED; i++) {
      if ((i & 255) === 0 && performance.now() > rested) Atomics.wait(state, 0, seen);
      seen = Atomics.load(state, 0);
    }
    if (Atomics.compareExchange(state, 0, POSTED, CLAIMED) !== POSTED) continue;
    exports[PARALLEL_KERNELS[args[0]]](...args.subarray(2, 2 + args[1]));
    Atomics.store(state, 0, DONE);
    Atomics.notify(state, 0);
  }
}

const node = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
const threads = node?.getBuiltinModule?.('node:worker_threads') as
  | { parentPort: (Port & { once: (event: string, listener: (start: WorkerStart) => void) => void }) | null }
  | undefined;
if (threads?.parentPort) {
  const port = threads.parentPort;
  port.once('message', (start: WorkerStart) => serve(start, port));
} else {
  const scope = globalThis as unknown as Port & { onmessage: unknown };
  scope.onmessage = (event: { data: WorkerStart }) => serve(event.data, scope);
}
