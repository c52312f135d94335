// A worker of the pool whose first kernel fails, as WORKER_FAILS says: exits, traps, hangs, or late (by WORKER_LATE milliseconds, and then
// right; the first worker traps). unloadable: no module can be compiled that the worker was not started with.
import { threadId } from 'node:worker_threads';

const { WORKER_FAILS: how, WORKER_LATE: late = '300' } = process.env;
const PARTS = /^(gemm|conv|winograd|rotate)_(?!.*work$)/;
let isFirst = true;

/** Runs instead of the first kernel, or before it. */
function fail() {
  if (how === 'exits') process.exit(9);
  if (how === 'traps' || (how === 'late' && threadId === 1))
    throw new WebAssembly.RuntimeError('unreachable');
  if (how === 'hangs') for (;;);
  if (how === 'late') for (const start = Date.now(); Date.now() - start < Number(late); );
}

const { Instance } = WebAssembly;
if (how === 'unloadable') {
  WebAssembly.Module = class {
    constructor() {
      throw new WebAssembly.CompileError('this worker compiles nothing');
    }
  };
} else {
  WebAssembly.Instance = function instance(module, imports) {
    const { exports } = new Instance(module, imports);
    const failing =
      (kernel) =>
      (...args) => {
        if (isFirst) {
          isFirst = false;
          fail();
        }
        return kernel(...args);
      };
    return {
      exports: Object.fromEntries(
        Object.entries(exports).map(([name, kernel]) => [name, PARTS.test(name) ? failing(kernel) : kernel]),
      ),
    };
  };
}
await import('../../dist/worker.js');
