// compile: a function as a plan that is made once per signature and then runs any number of times without allocating.

import { checkFlag, checkOneOf } from '../core/check.js';
import { describe } from '../core/describe.js';
import { disposable } from '../core/disposable.js';
import { ArgumentError, DisposedError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { isRecording, Tracer } from '../ops/tracer.js';
import { DevicePlan, type DevicePlanOf } from './device-plan.js';
import type { Executable } from './executable.js';
import { Graph } from './graph.js';
import { recording, type Traceable } from './graph-trace.js';
import { programOf } from './program.js';
import { collectLeaves, type Signature, signatureOf } from './signature.js';

export { programOf };

/** Programs that a plan keeps; the least recently used one is dropped first, with its results. */
const MOST_PROGRAMS = 16;

/** A compiled function, called like the original one. */
export interface PlanOf {
  /** Bytes of memory that it holds for values, scratch and constants of all signatures. */
  readonly bytes: number;
  /** Steps of the program that ran last; fused operations count as one. 0 before the first call. */
  readonly kernels: number;
  readonly device: 'cpu';
  /** The simplified graph of the program that ran last. */
  readonly graph: Graph | undefined;
  /** The program that ran last, as text: steps, fused operations, and where values lie. */
  toString(): string;
  /** Frees everything; results of the plan cannot be read any more. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** The result of `compile`. */
export type Plan<F extends Traceable = Traceable> = F & PlanOf;

/** Options of `compile`. */
export interface CompileOptions {
  /**
   * 'cpu' (default); 'gpu': on the GPU that `gpu.init` has opened, and on the CPU what the GPU has no kernels for; 'auto': where it is
   * predicted to be faster, and on the CPU if there is no GPU.
   */
  device?: 'cpu' | 'gpu' | 'auto';
  /** With 'gpu' and 'auto': give results as tensors of the CPU, which belong to the caller. Default false. */
  download?: boolean;
}

const COMPILE_OPTIONS: OptionNames<CompileOptions> = { device: true, download: true };

/** Programs by signature, the most recently used last. */
class Programs {
  readonly #f: Traceable;
  readonly #entries: { signature: Signature; program: Executable }[] = [];
  #disposed = false;

  constructor(f: Traceable) {
    this.#f = f;
  }

  get latest(): Executable | undefined {
    return this.#entries[this.#entries.length - 1]?.program;
  }

  get bytes(): number {
    return this.#entries.reduce((sum, { program }) => sum + program.bytes, 0);
  }

  call(args: readonly unknown[]): unknown {
    if (this.#disposed) throw new DisposedError('compile: the plan has been disposed');
    if (isRecording()) return this.#f(...args);
    const leaves: Tensor[] = [];
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      leaves.length = 0;
      const entry = this.#entries[i];
      if (!entry.signature(args, leaves)) continue;
      if (leaves.some(isTraced)) return this.#f(...args);
      if (i !== this.#entries.length - 1) this.#entries.push(...this.#entries.splice(i, 1));
      return entry.program.run(leaves);
    }
    leaves.length = 0;
    collectLeaves(args, leaves);
    if (leaves.some(isTraced)) return this.#f(...args);
    for (const [i, leaf] of leaves.entries())
      if (leaf.isDisposed) throw new DisposedError(`compile: tensor ${i} in the arguments has been disposed`);
    const recorded = recording('compile', this.#f, args);
    if (recorded.closesOverTraced) {
      recorded.drop();
      return this.#f(...args);
    }
    const program = programOf(new Graph(recorded));
    const entry = { signature: signatureOf(args), program };
    this.#entries.push(entry);
    let result: unknown;
    try {
      result = program.run(leaves);
    } catch (error) {
      // A first run that fails leaves no memory behind.
      const at = this.#entries.indexOf(entry);
      if (at >= 0) this.#entries.splice(at, 1)[0].program.dispose();
      throw error;
    }
    // Dispose afterwards: the arguments may be results of the program that is dropped.
    while (this.#entries.length > MOST_PROGRAMS) this.#entries.shift()?.program.dispose();
    return result;
  }

  dispose(): void {
    this.#disposed = true;
    for (const { program } of this.#entries.splice(0)) program.dispose();
  }
}

function isTraced(x: Tensor): boolean {
  return x instanceof Tracer;
}

/**
 * Compiles a function of tensors (or trees of them) to a plan. The first call with new shapes, dtypes, structure or
 * non-tensor values traces f; the graph is then simplified, elementwise operations are fused and memory is planned.
 * Later calls only run kernels.
 *
 * The results belong to the plan: every call returns the same tensors and overwrites them, and `dispose` frees them.
 * Copy what you want to keep (a view of a result keeps the memory of the plan alive). Tensors from outside of f are
 * read at every run, so that a plan gives what f would give now; `constant` freezes one. Tensors that f makes itself
 * are computed once, and numbers that f reads with `item` or `data` have their values of the trace: pass what varies as
 * a tensor. Inside another transformation or another traced function the plan is f itself, so that derivatives go
 * through it. The programs of the last 16 signatures are kept.
 *
 * With `device` 'gpu' or 'auto' the plan is asynchronous and takes tensors of both devices; its results are GpuTensors, unless
 * `download` is set or the whole program runs on the CPU. Such a plan cannot be called in other functions that are traced or
 * differentiated: differentiate f, and compile that.
 * @param f written in operations; for equal shapes it must do the same every time.
 * @throws ArgumentError if f is not a function, or reads values (`data`, `item`, …) of traced tensors; a call of a plan for the GPU
 * rejects with a DeviceError if there is none, or it cannot hold the program.
 * @example
 * const step = compile(valueAndGrad((w, x) => sum(square(matmul(x, w)))));
 * const { value, grad } = step(ones([3, 1]), ones([4, 3])); // 36, [[24], [24], [24]]
 */
export function compile<F extends Traceable>(f: F, options?: CompileOptions & { device?: 'cpu' }): Plan<F>;
export function compile<F extends Traceable>(f: F, options: CompileOptions): DevicePlanOf<F>;
export function compile<F extends Traceable>(f: F, options: CompileOptions = {}): Plan<F> | DevicePlanOf<F> {
  if (typeof f !== 'function') throw new ArgumentError(`compile: f must be a function, got ${describe(f)}`);
  checkOptions('compile', options, COMPILE_OPTIONS);
  const { device = 'cpu', download = false } = options;
  checkOneOf('compile', 'device', device, ['cpu', 'gpu', 'auto']);
  checkFlag('compile', 'download', download);
  if (device === 'cpu') {
    if (download) throw new ArgumentError(`compile: download is for device 'gpu' and 'auto', got 'cpu'`);
    return cpuPlan(f);
  }
  return new DevicePlan(f, { device, download }, () => cpuPlan(f)).callable();
}

function cpuPlan<F extends Traceable>(f: F): Plan<F> {
  const programs = new Programs(f);
  const dispose = () => programs.dispose();
  const plan = (...args: unknown[]) => programs.call(args);
  const of: PlanOf = {
    get bytes() {
      return programs.bytes;
    },
    get kernels() {
      return programs.latest?.groups.length ?? 0;
    },
    device: 'cpu',
    get graph() {
      return programs.latest?.graph;
    },
    toString: () => programs.latest?.toString() ?? 'plan, not called yet',
    dispose,
    [Symbol.dispose]: dispose,
  };
  return disposable(Object.defineProperties(plan, Object.getOwnPropertyDescriptors(of)) as Plan<F>);
}
