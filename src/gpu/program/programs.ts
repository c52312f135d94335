// GpuPrograms: the programs of a compiled function by signature, each placed on the devices.
import type { UnitReport } from '../../compiler/device-plan.js';
import { Graph } from '../../compiler/graph.js';
import { recording, type Traceable } from '../../compiler/graph-trace.js';
import type { GraphNode } from '../../compiler/node.js';
import { schedule } from '../../compiler/schedule.js';
import { collectLeaves, type Signature, signatureOf } from '../../compiler/signature.js';
import { simplify } from '../../compiler/simplify.js';
import { markViews } from '../../compiler/views.js';
import type { DeviceCompiler, DevicePrograms } from '../../core/devices.js';
import { ArgumentError, CotangentError, DeviceError, DisposedError } from '../../core/errors.js';
import { show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { isPlain, type Tree } from '../../core/tree.js';
import { Tracer } from '../../ops/tracer.js';
import type { Backend } from '../backend.js';
import { GpuTensor } from '../gpu-tensor.js';
import { ratesInForce } from '../in-force.js';
import { recovered } from '../session.js';
import { costs, type UnitCost } from './cost.js';
import { type DeviceProgram, onCpu, onGpu } from './device-program.js';
import type { Argument } from './executable.js';
import { placed, placedOnCpu } from './placement.js';
import { ALIGNMENT } from './values.js';

/** Programs that a plan keeps, as on the CPU. */
const MOST_PROGRAMS = 16;

/** Stands for a tensor on the GPU where shapes and dtypes are all that counts. */
class StandIn extends Tensor {
  readonly remote: GpuTensor;

  constructor(remote: GpuTensor) {
    super(remote.shape, remote.dtype, undefined);
    this.remote = remote;
  }
}

/** The arguments with tensors of one kind. */
function standIns(value: Tree): Tree {
  if (value instanceof GpuTensor) return new StandIn(value);
  if (Array.isArray(value)) return value.map(standIns);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, standIns(part)]));
}

function argumentOf(leaf: Tensor): Argument {
  return leaf instanceof StandIn ? leaf.remote : leaf;
}

interface Entry {
  readonly signature: Signature;
  /** Which arguments are on the GPU. */
  readonly remote: readonly boolean[];
  /** The device, or why it runs on the CPU. */
  readonly backend: Backend | string;
  readonly program: DeviceProgram;
}

class GpuPrograms implements DevicePrograms {
  readonly #f: Traceable;
  readonly #options: Parameters<DeviceCompiler>[1];
  readonly #entries: Entry[] = [];

  constructor(f: Traceable, options: Parameters<DeviceCompiler>[1]) {
    this.#f = f;
    this.#options = options;
  }

  get #latest(): DeviceProgram | undefined {
    return this.#entries[this.#entries.length - 1]?.program;
  }

  get bytes(): number {
    return this.#entries.reduce((sum, { program }) => sum + program.bytes, 0);
  }

  get kernels(): number {
    return this.#latest?.kernels ?? 0;
  }

  get device(): 'cpu' | 'gpu' {
    return this.#latest?.device ?? 'cpu';
  }

  get graph(): Graph | undefined {
    return this.#latest?.graph;
  }

  get report(): readonly UnitReport[] {
    return this.#latest?.report ?? [];
  }

  toString(): string {
    return this.#latest?.toString() ?? 'plan, not called yet';
  }

  /**
   * Runs on the open device. If that is lost, and nothing of the arguments was on it, tries once more on the next one; then, with
   * 'auto', on the CPU.
   */
  async call(args: readonly unknown[]): Promise<unknown> {
    const given = args.map(standIns);
    const leaves: Tensor[] = [];
    collectLeaves(given, leaves);
    checkLeaves(leaves);
    let backend = await recovered();
    for (let isSecond = false; typeof backend !== 'string'; isSecond = true) {
      try {
        return await this.#run(backend, given, leaves);
      } catch (error) {
        if (backend.lost() === undefined || leaves.some(isRemote)) throw error;
        if (isSecond) backend = (error as Error).message;
        else backend = await recovered();
      }
    }
    if (this.#options.device === 'gpu') throw new DeviceError(`compile: ${backend}`);
    return this.#run(backend, given, leaves);
  }

  /** Runs on a device, or on the CPU for a reason. */
  async #run(
    backend: Backend | string,
    given: readonly unknown[],
    leaves: readonly Tensor[],
  ): Promise<unknown> {
    const args = leaves.map(argumentOf);
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i];
      if (entry.backend !== backend || !entry.signature(given, [])) continue;
      if (leaves.some((leaf, k) => isRemote(leaf) !== entry.remote[k])) continue;
      if (i !== this.#entries.length - 1) this.#entries.push(...this.#entries.splice(i, 1));
      return entry.program.run(args);
    }
    // Programs of a device that is gone.
    for (let i = this.#entries.length - 1; i >= 0; i--)
      if (this.#entries[i].backend !== backend) this.#entries.splice(i, 1)[0].program.dispose();
    const remote = leaves.map(isRemote);
    const program = await this.#make(backend, given, remote);
    try {
      const result = await program.run(args);
      this.#entries.push({ signature: signatureOf(given), remote, backend, program });
      while (this.#entries.length > MOST_PROGRAMS) this.#entries.shift()?.program.dispose();
      return result;
    } catch (error) {
      // A first run that fails leaves no memory behind.
      program.dispose();
      throw error;
    }
  }

  /** Traces f, and places what it does. */
  async #make(
    backend: Backend | string,
    args: readonly unknown[],
    remote: readonly boolean[],
  ): Promise<DeviceProgram> {
    const recorded = recording('compile', this.#f, args);
    if (recorded.closesOverTraced) {
      recorded.drop();
      throw withinTransformation();
    }
    const traced = new Graph(recorded);
    let graph: Graph;
    try {
      graph = simplify(traced);
    } finally {
      traced.dispose();
    }
    try {
      return await this.#placed(backend, graph, remote);
    } catch (error) {
      graph.dispose();
      throw error;
    }
  }

  /** The program of a graph, which it owns unless this throws. */
  async #placed(backend: Backend | string, graph: Graph, remote: readonly boolean[]): Promise<DeviceProgram> {
    const { device: wanted, download } = this.#options;
    if (typeof backend === 'string') return onCpu(graph, backend, Number.NaN, download);
    const gpu = backend.webgpu;
    if (gpu === undefined) {
      const reason = `programs need WebGPU, and ${backend.info.backend} is open`;
      if (wanted === 'gpu') throw new DeviceError(`compile: ${reason}`);
      return onCpu(graph, reason, Number.NaN, download);
    }
    markViews(graph, ALIGNMENT);
    const groups = schedule(graph);
    const rates = ratesInForce();
    const settings = {
      isRemote: (node: GraphNode) => remote[graph.inputs.indexOf(node)],
      download,
    };
    const adapter = {
      products: gpu.products.table,
      mostArrays: gpu.device.limits.maxStorageBuffersPerShaderStage,
    };
    const all = placed(groups, adapter);
    const units = costs(graph, all, rates, settings);
    if (wanted === 'auto') {
      const local = costs(
        graph,
        groups.map((group) => placedOnCpu(group, 'predicted')),
        rates,
        settings,
      );
      const [there, here] = [total(units), total(local)];
      const reason = `predicted: ${milliseconds(here)} on the CPU, ${milliseconds(there)} on the GPU`;
      if (backend.info.software)
        return onCpu(graph, `the GPU is emulated on the CPU; ${reason}`, here, download);
      if (here <= there) return onCpu(graph, reason, here, download);
      try {
        return await onGpu(backend, graph, all, units, { download, reason });
      } catch (error) {
        if (!(error instanceof CotangentError)) throw error;
        return onCpu(graph, `the GPU cannot run it: ${error.message}`, here, download);
      }
    }
    return onGpu(backend, graph, all, units, { download, reason: 'asked for' });
  }

  dispose(): void {
    for (const { program } of this.#entries.splice(0)) program.dispose();
  }
}

const isRemote = (leaf: Tensor): boolean => leaf instanceof StandIn;

const total = (units: readonly UnitCost[]): number =>
  units.reduce((sum, { predictedMs }) => sum + predictedMs, 0);

const milliseconds = (ms: number): string => `${ms.toPrecision(2)} ms`;

function withinTransformation(): ArgumentError {
  return new ArgumentError(
    'compile: a plan for the GPU is asynchronous and cannot be differentiated or called with traced tensors (differentiate the function itself, and compile that)',
  );
}

function checkLeaves(leaves: readonly Tensor[]): void {
  for (const [i, leaf] of leaves.entries()) {
    if (leaf instanceof Tracer) throw withinTransformation();
    const { isDisposed } = leaf instanceof StandIn ? leaf.remote : leaf;
    if (isDisposed)
      throw new DisposedError(
        `compile: tensor ${i} in the arguments, of shape ${show(leaf.shape)}, has been disposed`,
      );
  }
}

/** The compiler that `gpu.init` offers to `compile`. */
export const compileForGpu: DeviceCompiler = (f, options) => new GpuPrograms(f as Traceable, options);
