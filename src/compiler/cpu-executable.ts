// CpuExecutable: runs a layout on the CPU, in heap memory, by closures over addresses.
import type { DType } from '../core/dtype.js';
import { ArgumentError, DisposedError } from '../core/errors.js';
import { runtime } from '../core/runtime.js';
import type { Shape } from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { type Tree, unflatten } from '../core/tree.js';
import { ownedBy } from '../ops/ownership.js';
import type { Workspace } from '../ops/workspace.js';
import { byteLength } from './buffers.js';
import type { Executable, Executor } from './executable.js';
import type { Graph } from './graph.js';
import { prepareGroup } from './group.js';
import type { Layout } from './layout.js';
import type { GraphNode } from './node.js';
import { LINE } from './offsets.js';
import { type Location, PlanTensor, type Slab } from './plan-tensor.js';
import { programText } from './program-text.js';
import type { KernelGroup } from './schedule.js';
import { offsetInRoot, rootOf } from './views.js';
import { PlannedWorkspace, WorkspaceQuery } from './workspaces.js';

/** Runs layouts in the memory of the WASM kernels. */
export const cpuExecutor: Executor = {
  alignment: LINE,
  /** Prepares every group once on tensors without memory, to count the memory that it needs. */
  workspaces(graph, groups) {
    const nowhere: Location = { address: LINE, owner: { disposed: false } };
    const tensorOf = tensorsBy(graph, (node) => new PlanTensor(node.shape, node.dtype, nowhere));
    const query = new WorkspaceQuery();
    try {
      const scratch = ownedBy([], () =>
        groups.map((group) => {
          const before = query.bytes;
          prepared(group, tensorOf, query);
          return query.bytes - before;
        }),
      );
      return { scratch, shared: 4 * query.words };
    } finally {
      query.dispose();
    }
  },
  load: (layout, address) => new CpuExecutable(layout, address),
};

class CpuExecutable implements Executable {
  readonly graph: Graph;
  readonly groups: Layout['groups'];
  readonly buffers: Layout['buffers'];
  readonly sharedBytes: number;
  readonly liveBytes: number;
  readonly slabBytes: number;
  readonly result: Tree;
  readonly #owner: Slab = { disposed: false };
  readonly #from: number;
  readonly #to: number;
  readonly #inputs: Location[];
  /** Copies of arguments that lie in the slab itself: results of the previous run. */
  readonly #staged: (Tensor | undefined)[] = [];
  readonly #steps: (() => void)[] = [];
  readonly #space: PlannedWorkspace;
  #isRunning = false;

  /** Takes ownership of the layout's graph. */
  constructor(layout: Layout, address?: number) {
    this.graph = layout.graph;
    this.groups = layout.groups;
    this.buffers = layout.buffers;
    this.sharedBytes = layout.sharedBytes;
    this.liveBytes = layout.liveBytes;
    this.slabBytes = layout.slabBytes;
    const slab = address === undefined ? own([Math.ceil(this.slabBytes / 4)], 'i32') : undefined;
    this.#owner.slab = slab;
    this.#from = slab?.address ?? (address as number);
    this.#to = this.#from + this.slabBytes;
    this.#inputs = this.graph.inputs.map(() => this.#at(0));
    this.#space = new PlannedWorkspace(this.#from);
    try {
      this.result = ownedBy([], () => this.#prepare(this.#space));
    } catch (error) {
      this.#space.dispose();
      slab?.dispose();
      throw error;
    }
  }

  /** Where a buffer lies. */
  #at(offset: number): Location {
    return { address: this.#from + this.sharedBytes + offset, owner: this.#owner };
  }

  /** Prepares every group, and returns the tree of results. */
  #prepare(space: PlannedWorkspace): Tree {
    const { graph, buffers, groups } = this;
    /** By the ids of the roots. */
    const places = new Array<Location | undefined>(graph.nodes.length).fill(undefined);
    graph.inputs.forEach((node, i) => {
      places[node.id] = this.#inputs[i];
    });
    const placeOf = (root: GraphNode): Location => {
      let place = places[root.id];
      if (place === undefined) {
        place =
          root.value === undefined
            ? this.#at(buffers.of[root.id]?.offset ?? 0)
            : { address: root.value.address, owner: this.#owner };
        places[root.id] = place;
      }
      return place;
    };
    const tensorOf = tensorsBy(
      graph,
      (node) => new PlanTensor(node.shape, node.dtype, placeOf(rootOf(node)), offsetInRoot(node)),
    );
    groups.forEach((group, t) => {
      space.begin(this.#at(buffers.scratch[t]?.offset ?? 0).address);
      this.#steps.push(prepared(group, tensorOf, space));
    });
    const results = graph.outputs.map((node, i) => {
      const copy = buffers.copies[i];
      if (copy === undefined) return tensorOf(node);
      const [from, to] = [tensorOf(node), new PlanTensor(node.shape, node.dtype, this.#at(copy.offset))];
      const bytes = byteLength(node);
      this.#steps.push(() => moveBytes(to.address, from.address, bytes));
      return to;
    });
    return unflatten(graph.structure, results);
  }

  get bytes(): number {
    let held = this.slabBytes + this.graph.constantBytes + this.#space.bytes;
    for (const tensor of this.#staged) held += tensor?.storage.bytes ?? 0;
    return held;
  }

  run(leaves: readonly Tensor[]): Tree {
    if (this.#isRunning) throw calledWithin();
    if (this.#owner.disposed) throw new DisposedError('compile: the plan has been disposed');
    for (let i = 0; i < leaves.length; i++) {
      if (leaves[i].isDisposed)
        throw new DisposedError(`compile: tensor ${i} in the arguments has been disposed`);
      const { address } = leaves[i];
      this.#inputs[i].address =
        address >= this.#from && address < this.#to ? this.#stage(i, leaves[i]) : address;
    }
    this.rerun();
    return this.result;
  }

  rerun(): void {
    if (this.#isRunning) throw calledWithin();
    this.#isRunning = true;
    try {
      for (const step of this.#steps) step();
    } finally {
      this.#isRunning = false;
      if (this.#owner.disposed) this.#free();
    }
  }

  place(index: number, address: number): void {
    this.#inputs[index].address = address;
  }

  /** A copy of an argument that this run overwrites; its memory is kept for the next time. */
  #stage(index: number, leaf: Tensor): number {
    let copy = this.#staged[index];
    if (copy === undefined) {
      copy = own(leaf.shape, leaf.dtype);
      this.#staged[index] = copy;
    }
    moveBytes(copy.address, leaf.address, copy.storage.bytes);
    return copy.address;
  }

  toString(): string {
    return programText(this);
  }

  dispose(): void {
    this.#owner.disposed = true;
    if (!this.#isRunning) this.#free();
  }

  #free(): void {
    this.#owner.slab?.dispose();
    this.#space.dispose();
    for (const tensor of this.#staged) tensor?.dispose();
    this.graph.dispose();
  }
}

function calledWithin(): ArgumentError {
  return new ArgumentError(
    'compile: the plan is called from within one of its own steps, where its memory is in use (call the function itself there)',
  );
}

/** The tensors of a graph's nodes: constants as they are, for others one tensor each, from `make`. */
export function tensorsBy(graph: Graph, make: (node: GraphNode) => Tensor): (node: GraphNode) => Tensor {
  const tensors = new Array<Tensor | undefined>(graph.nodes.length).fill(undefined);
  return (node) => {
    let tensor = tensors[node.id];
    if (tensor === undefined) {
      tensor = node.value ?? make(node);
      tensors[node.id] = tensor;
    }
    return tensor;
  };
}

/** Memory that an executable keeps; the garbage collector frees it if its user forgets to. */
export function own(shape: Shape, dtype: DType): Tensor {
  const tensor = ownedBy([], () => allocate(shape, dtype, 'compile'));
  tensor.watch();
  return tensor;
}

/** Prepares the function that runs a group. */
export function prepared(
  group: KernelGroup,
  tensorOf: (node: GraphNode) => Tensor,
  space: Workspace,
): () => void {
  if (group.layout !== undefined) return prepareGroup(group, tensorOf, space);
  const [{ op, params, inputs, outputs }] = group.steps;
  const prepare = op.prepare as NonNullable<typeof op.prepare>;
  return prepare.call(op, outputs.map(tensorOf), inputs.map(tensorOf), params, space);
}

let bytesView = /* @__PURE__ */ new Uint8Array(0);

function moveBytes(to: number, from: number, bytes: number): void {
  const { buffer } = runtime().memory;
  if (bytesView.buffer !== buffer) bytesView = new Uint8Array(buffer);
  bytesView.copyWithin(to, from, from + bytes);
}
