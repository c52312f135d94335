// A worker of the pool: waits for calls in its slot, runs the kernel, says so. Runs in Node's worker_threads and in browsers.
import { nodeModule } from '../node-module.js';
import {
  CALL,
  CLAIMED,
  DONE,
  FAILED,
  HEADER,
  MAXIMUM_ARGUMENTS,
  PARALLEL_KERNELS,
  POSTED,
  type WorkerStart,
} from './protocol.js';

type Kernel = (...args: number[]) => unknown;
type Port = { postMessage(message: unknown): void };
type NodePort = Port & { once(event: 'message', listener: (start: WorkerStart) => void): void };

function serve({ memory, module, slot, spin }: WorkerStart, port: Port): void {
  // A part of a product is not split again.
  const env = { memory, gemm_parallel: () => 0 };
  const kernels: Record<string, Kernel> = {};
  const add = (more: WebAssembly.Module) =>
    Object.assign(kernels, new WebAssembly.Instance(more, { env }).exports);
  add(module);
  const state = new Int32Array(memory.buffer, slot, 1);
  const call = new Float64Array(memory.buffer, slot + CALL, HEADER + MAXIMUM_ARGUMENTS);
  port.postMessage('ready');
  for (;;) {
    const rested = performance.now() + spin;
    let seen = Atomics.load(state, 0);
    for (let i = 1; seen !== POSTED; i++) {
      if ((i & 255) === 0 && performance.now() > rested) Atomics.wait(state, 0, seen);
      seen = Atomics.load(state, 0);
    }
    if (Atomics.compareExchange(state, 0, POSTED, CLAIMED) !== POSTED) continue;
    let outcome = DONE;
    try {
      const [number, count, bytes, length] = call;
      const name = PARALLEL_KERNELS[number];
      // A worker never returns to its event loop, so that modules reach it through the memory.
      if (!(name in kernels))
        add(new WebAssembly.Module(new Uint8Array(memory.buffer, bytes, length).slice() as BufferSource));
      kernels[name](...call.subarray(HEADER, HEADER + count));
    } catch {
      outcome = FAILED;
    }
    Atomics.store(state, 0, outcome);
    Atomics.notify(state, 0);
  }
}

const browser = globalThis as unknown as Port & { onmessage: unknown };
// At once, before anything is awaited: a browser delivers messages only to a handler that stands when the script has run.
browser.onmessage = (event: { data: WorkerStart }) => serve(event.data, browser);
nodeModule<{ parentPort: NodePort | null }>('node:worker_threads').then((threads) => {
  const port = threads?.parentPort;
  port?.once('message', (start) => serve(start, port));
});
