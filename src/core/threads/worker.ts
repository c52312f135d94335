// A worker of the pool: waits for calls in its slot, runs the kernel, and reports. For Node's worker_threads and
// browsers.
import { nodeModule } from '../node-module.js';
import {
  CALL,
  CLAIMED,
  CLOSED,
  DONE,
  FAILED,
  HEADER,
  LEFT,
  MAXIMUM_ARGUMENTS,
  NOT_LOADED,
  POSTED,
  type WorkerStart,
} from './protocol.js';

type Kernel = (...args: number[]) => unknown;
type Port = { postMessage(message: unknown): void };
type NodePort = Port & { once(event: 'message', listener: (start: WorkerStart) => void): void };

function serve({ memory, module, slot, spin }: WorkerStart, port: Port): void {
  // A part of a product is not split again.
  const env = { memory, gemm_parallel: () => 0 };
  const kernelsOf = (module: WebAssembly.Module) =>
    Object.values(new WebAssembly.Instance(module, { env }).exports) as Kernel[];
  /** Kernels by the address of their module; 0 is the module that the worker started with. */
  const loaded = new Map([[0, kernelsOf(module)]]);
  const state = new Int32Array(memory.buffer, slot, 1);
  const call = new Float64Array(memory.buffer, slot + CALL, HEADER + MAXIMUM_ARGUMENTS);
  // A worker never returns to its event loop and so receives no messages; modules reach it through the memory.
  const load = (address: number, length: number): Kernel[] => {
    const bytes = new Uint8Array(memory.buffer, address, length).slice() as BufferSource;
    const kernels = kernelsOf(new WebAssembly.Module(bytes));
    loaded.set(address, kernels);
    return kernels;
  };
  const outcomeOfCall = (): number => {
    const [address, length, kernel, count] = call;
    let kernels: Kernel[];
    try {
      kernels = loaded.get(address) ?? load(address, length);
    } catch {
      return NOT_LOADED;
    }
    try {
      kernels[kernel](...call.subarray(HEADER, HEADER + count));
      return DONE;
    } catch {
      return FAILED;
    }
  };
  const tell = (outcome: number): void => {
    Atomics.store(state, 0, outcome);
    Atomics.notify(state, 0);
  };
  port.postMessage('ready');
  for (;;) {
    const rested = performance.now() + spin;
    let seen = Atomics.load(state, 0);
    for (let i = 1; seen !== POSTED; i++) {
      if (seen === CLOSED) {
        tell(LEFT);
        return;
      }
      if ((i & 255) === 0 && performance.now() > rested) Atomics.wait(state, 0, seen);
      seen = Atomics.load(state, 0);
    }
    if (Atomics.compareExchange(state, 0, POSTED, CLAIMED) === POSTED) tell(outcomeOfCall());
  }
}

const browser = globalThis as unknown as Port & { onmessage: unknown };
// Set this before awaiting anything: browsers deliver messages only to a handler that exists when the script has run.
browser.onmessage = (event: { data: WorkerStart }) => serve(event.data, browser);
nodeModule<{ parentPort: NodePort | null }>('node:worker_threads').then((threads) => {
  const port = threads?.parentPort;
  port?.once('message', (start) => serve(start, port));
});
