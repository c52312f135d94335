// GpuExecutable: a placed graph, ready to run: kernels in their order with what they bind, and the transfers between the devices.
import { byteLength } from '../../compiler/buffers.js';
import { own } from '../../compiler/cpu-executable.js';
import type { UnitReport } from '../../compiler/device-plan.js';
import type { Graph } from '../../compiler/graph.js';
import type { GraphNode } from '../../compiler/node.js';
import { offsetInRoot, rootOf } from '../../compiler/views.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { type Tree, unflatten } from '../../core/tree.js';
import type { Backend, WebGpuAccess } from '../backend.js';
import { GpuTensor, lostError, type Owner } from '../gpu-tensor.js';
import { extentOf } from '../operands.js';
import { copyRows } from '../webgpu-products.js';
import { Command } from './command.js';
import type { DeviceProgram } from './device-program.js';
import { DeviceQueue } from './device-queue.js';
import { HostValues, heapBytes } from './host-values.js';
import { type PlacedGroup, rootsRead, rootsWritten, type Unit } from './placement.js';
import { gpuProgramText } from './text.js';
import { GpuValues, homeOf, isOnGpu } from './values.js';

/** An argument: a tensor of the CPU, or one that is on the GPU. */
export type Argument = Tensor | GpuTensor;

/** A unit with what it needs from the other device. */
interface Stage extends Unit {
  readonly commands: readonly Command[];
  /** What the other device has computed and this one reads, for the first time. */
  readonly transfers: readonly GraphNode[];
}

export class GpuExecutable implements DeviceProgram {
  readonly device = 'gpu';
  readonly graph: Graph;
  readonly groups: readonly PlacedGroup[];
  readonly units: readonly Unit[];
  readonly report: readonly UnitReport[];
  readonly #backend: Backend;
  readonly #gpu: WebGpuAccess;
  readonly #download: boolean;
  readonly #owner: Owner & { disposed: boolean };
  readonly #values: GpuValues;
  readonly #host: HostValues;
  readonly #queue: DeviceQueue;
  #stages: readonly Stage[] = [];
  /** Results that the CPU computes. */
  readonly #fromCpu: readonly GraphNode[];
  /** Tensors of results, by the set of buffers that they lie in. */
  readonly #results: (readonly Argument[])[] = [];
  /** Copies of arguments and constants that are results and stay on the CPU. */
  readonly #copies = new Map<GraphNode, Tensor>();
  #failure: Promise<Error | undefined> = Promise.resolve(undefined);

  /** Takes ownership of the graph, whose views are marked. `prepare` comes before the first run. */
  constructor(
    backend: Backend,
    graph: Graph,
    groups: readonly PlacedGroup[],
    {
      units,
      report,
      download,
    }: {
      units: readonly Unit[];
      report: readonly UnitReport[];
      download: boolean;
    },
  ) {
    this.#backend = backend;
    this.#gpu = backend.webgpu as WebGpuAccess;
    this.graph = graph;
    this.groups = groups;
    this.report = report;
    this.units = units;
    this.#download = download;
    this.#queue = new DeviceQueue(this.#gpu.device);
    this.#values = new GpuValues(this.#gpu, graph, groups);
    const onCpu = rootsWritten(groups.filter(({ runs }) => runs === undefined));
    this.#fromCpu = [...this.#values.homes].filter((home) => onCpu.has(home));
    this.#owner = { disposed: false, check: () => this.#values.faults.check() };
    try {
      this.#host = new HostValues(
        graph,
        groups,
        graph.outputs.filter((node) => !isOnGpu(node)),
      );
    } catch (error) {
      this.#values.dispose();
      throw error;
    }
  }

  /** Bytes on both devices. */
  get bytes(): number {
    return this.#values.bytes + this.#host.bytes + this.#queue.bytes + this.graph.constantBytes;
  }

  /** Compiles the kernels, and moves constants to the GPU. */
  async prepare(): Promise<void> {
    const dispatches = this.groups.flatMap(({ runs }) => runs?.dispatches ?? []);
    const { pipelines } = this.#gpu;
    await pipelines.prepare(dispatches.map(({ kernel }) => kernel));
    for (const node of this.#values.given)
      if (node.known !== undefined) this.#send(node, this.#values.copyOf(node));
    // What is on which device; arguments are wherever the caller has them.
    const there = { cpu: new Set<GraphNode>(), gpu: new Set<GraphNode>() };
    this.#stages = this.units.map((unit) => {
      const groups = this.groups.slice(unit.from, unit.to);
      const isComputed = (root: GraphNode) => root.kind === 'operation' && root.size > 0;
      const own = there[unit.device];
      for (const { group } of groups) for (const node of group.written) own.add(rootOf(node));
      const transfers = [...rootsRead(groups)].filter((root) => isComputed(root) && !own.has(root));
      for (const root of transfers) own.add(root);
      const commands = groups.flatMap(({ runs }) =>
        (runs?.dispatches ?? []).map((one) => new Command(one, pipelines, this.#values)),
      );
      return { ...unit, transfers, commands };
    });
  }

  /**
   * Runs the graph. Without download the results belong to the program, and the next run but one overwrites them (the next one, if
   * they are not among its arguments).
   */
  async run(args: readonly Argument[]): Promise<Tree> {
    this.#checkLost();
    this.#queue.begin();
    const [results, failure] = this.#gpu.guarded(() => this.#submitted(args));
    this.#failure = failure;
    try {
      return await results;
    } catch (error) {
      // Work that a loss interrupts fails in many ways, often before the loss itself is reported.
      await new Promise((resume) => setTimeout(resume, 0));
      this.#checkLost();
      throw error;
    }
  }

  #checkLost(): void {
    const reason = this.#backend.lost();
    if (reason !== undefined) throw lostError('compile', this.#backend.info, reason);
  }

  async #submitted(args: readonly Argument[]): Promise<Tree> {
    const { graph } = this;
    this.#give(args);
    for (const stage of this.#stages) {
      if (stage.device === 'gpu') this.#compute(stage);
      else await this.#computeOnCpu(stage);
    }
    this.#finish();
    if (this.#download) return unflatten(graph.structure, await this.#downloaded());
    this.#queue.submit();
    return unflatten(graph.structure, this.#remote() as Tensor[]);
  }

  /** Finds the places of arguments, and moves those that are on the other device. */
  #give(args: readonly Argument[]): void {
    const { graph } = this;
    const values = this.#values;
    const located = args.map((arg) => {
      const resident = arg instanceof GpuTensor ? arg.anyOn('compile', this.#backend) : undefined;
      return resident && this.#gpu.locate(resident);
    });
    values.choose(new Set(located.flatMap((place) => (place ? [place.buffer] : []))));
    values.arguments.clear();
    graph.inputs.forEach((node, i) => {
      const arg = args[i];
      if (!(arg instanceof GpuTensor)) {
        this.#host.place(node, arg.address);
        if (values.given.has(node))
          this.#queue.write(heapBytes(arg.address, byteLength(node)), values.copyOf(node));
        return;
      }
      const place = located[i];
      if (place === undefined) return;
      const { rows, cols, batches } = extentOf(node.shape);
      // A copy without gaps, or of what this run overwrites.
      if (place.pitch !== cols || values.isWritten(place.buffer)) {
        copyRows(this.#queue.commands, place, values.copyOf(node), { rows: rows * batches, n: cols });
        values.arguments.set(node, values.copyOf(node));
      } else values.arguments.set(node, place.buffer);
    });
    for (const node of values.given) if (node.captured) this.#send(node, values.copyOf(node));
  }

  /** Writes a value of the CPU to a buffer, behind what has been submitted. */
  #send(node: GraphNode, to: GPUBuffer, offset = 0): void {
    this.#queue.write(this.#host.bytesOf(node), to, offset);
  }

  #compute({ transfers, commands }: Stage): void {
    if (transfers.length > 0) {
      this.#queue.submit();
      for (const root of transfers) {
        const { buffer, offset } = this.#values.spanOf(root);
        this.#send(root, buffer, offset);
      }
    }
    const pass = this.#queue.commands.beginComputePass();
    for (const command of commands) command.record(pass);
    pass.end();
  }

  async #computeOnCpu({ from, to, transfers }: Stage): Promise<void> {
    const given = [...rootsRead(this.groups.slice(from, to))].filter((root) =>
      this.#values.arguments.has(root),
    );
    const wanted = [...transfers, ...given];
    if (wanted.length > 0) {
      const spans = wanted.map((root) => this.#values.spanOf(root));
      await this.#queue.read(spans, (bytes, i) => {
        const target = this.#host.tensor(wanted[i]).address;
        heapBytes(target, bytes.length).set(bytes);
      });
    }
    for (let t = from; t < to; t++) this.#host.steps[t]?.();
  }

  /** Moves results that are arguments, constants, or from the CPU to where results lie. */
  #finish(): void {
    if (this.#fromCpu.length > 0) {
      this.#queue.submit();
      for (const home of this.#fromCpu) this.#send(home, this.#values.resultOf(home));
    }
    for (const home of this.#values.homes) {
      const root = rootOf(home);
      if (root.kind === 'operation') continue;
      const { buffer } = this.#values.spanOf(root);
      const from = offsetInRoot(home);
      this.#queue.commands.copyBufferToBuffer(buffer, from, this.#values.resultOf(home), 0, byteLength(home));
    }
  }

  /** A result that a GPU cannot have: where it is computed, or a copy of the argument or constant that it is. */
  #hostResult(node: GraphNode): Tensor {
    const here = this.#host.tensor(node);
    if (rootOf(node).kind === 'operation' || node.size === 0) return here;
    let copy = this.#copies.get(node);
    if (copy === undefined) {
      copy = own(node.shape, node.dtype);
      this.#copies.set(node, copy);
    }
    heapBytes(copy.address, byteLength(node)).set(heapBytes(here.address, byteLength(node)));
    return copy;
  }

  /** The results as tensors that belong to the program. */
  #remote(): readonly Argument[] {
    const { set } = this.#values;
    for (const node of this.#copies.keys()) this.#hostResult(node);
    this.#results[set] ??= this.graph.outputs.map((node) => {
      if (node.dtype === 'f64') return this.#hostResult(node);
      const { shape, dtype } = node;
      const owner = { dtype, owner: this.#owner };
      if (node.size === 0) return new GpuTensor(shape, this.#backend, undefined, owner);
      const buffer = this.#values.resultOf(homeOf(node));
      const lent = this.#gpu.lend(buffer, extentOf(shape), () => this.#failure);
      return new GpuTensor(shape, this.#backend, lent, owner);
    });
    return this.#results[set];
  }

  /** The results as tensors of their own. */
  async #downloaded(): Promise<Tensor[]> {
    const homes = [...this.#values.homes];
    const bytes = new Map<GraphNode, Uint8Array>();
    if (homes.length > 0) {
      const spans = homes.map((home) => ({
        ...{ buffer: this.#values.resultOf(home), offset: 0 },
        size: byteLength(home),
      }));
      await this.#queue.read(spans, (part, i) => void bytes.set(homes[i], part.slice()));
    } else this.#queue.submit();
    await this.#values.faults.check();
    const failure = await this.#failure;
    if (failure !== undefined) throw failure;
    return this.graph.outputs.map((node) => {
      const tensor = allocate(node.shape, node.dtype, 'compile');
      if (node.size === 0) return tensor;
      const from = isOnGpu(node)
        ? (bytes.get(homeOf(node)) as Uint8Array)
        : heapBytes(this.#host.tensor(node).address, byteLength(node));
      heapBytes(tensor.address, from.length).set(from);
      return tensor;
    });
  }

  get kernels(): number {
    return this.groups.length;
  }

  toString(): string {
    return gpuProgramText(this);
  }

  dispose(): void {
    this.release();
    this.graph.dispose();
  }

  /** Frees everything but the graph. */
  release(): void {
    this.#owner.disposed = true;
    this.#values.dispose();
    this.#host.dispose();
    this.#queue.dispose();
    for (const copy of this.#copies.values()) copy.dispose();
  }
}
