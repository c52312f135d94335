// Program: a graph made ready to run any number of times in memory that is planned once.
import type { DType } from '../core/dtype.js';
import { DisposedError } from '../core/errors.js';
import { runtime } from '../core/runtime.js';
import type { Shape } from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { type Tree, unflatten } from '../core/tree.js';
import { ownedBy } from '../ops/ownership.js';
import type { Workspace } from '../ops/workspace.js';
import { type BufferPlan, byteLength, planBuffers } from './buffers.js';
import type { Graph } from './graph.js';
import { prepareGroup } from './group.js';
import type { GraphNode } from './node.js';
import { aligned, assignOffsets, LINE, liveBytes } from './offsets.js';
import { type Location, PlanTensor, type Slab } from './plan-tensor.js';
import { programText } from './program-text.js';
import { type KernelGroup, schedule } from './schedule.js';
import { markViews, offsetInRoot, rootOf } from './views.js';
import { PlannedWorkspace, WorkspaceQuery } from './workspaces.js';

/** One graph, its memory, and what runs. */
export class Program {
  readonly graph: Graph;
  readonly units: readonly KernelGroup[];
  readonly buffers: BufferPlan;
  /** The most bytes that values and scratch take at any time, and the bytes of the slab that holds them. */
  readonly liveBytes: number;
  readonly slabBytes: number;
  /** The result, the same tensors after every run. */
  readonly result: Tree;
  readonly #owner: Slab = { disposed: false };
  readonly #from: number;
  readonly #to: number;
  readonly #inputs: Location[];
  /** Copies of arguments that lie in the slab itself: results of the run before. */
  readonly #staged: (Tensor | undefined)[] = [];
  readonly #steps: (() => void)[] = [];

  /** Takes the graph over. */
  constructor(graph: Graph) {
    this.graph = graph;
    markViews(graph);
    this.units = schedule(graph);
    const nowhere: Location = { address: LINE, owner: this.#owner };
    const blank = new Map<GraphNode, Tensor>();
    const [words, scratch] = [new WorkspaceQuery(), [] as number[]];
    ownedBy([], () => {
      for (const node of graph.nodes)
        blank.set(node, node.value ?? new PlanTensor(node.shape, node.dtype, nowhere));
      for (const unit of this.units) {
        const before = words.bytes;
        prepareUnit(unit, (node) => blank.get(node) as Tensor, words);
        scratch.push(words.bytes - before);
      }
    });
    this.buffers = planBuffers(graph, this.units, scratch);
    const head = aligned(4 * words.words);
    const bytes = assignOffsets(this.buffers.all);
    this.liveBytes = liveBytes(this.buffers.all);
    this.slabBytes = head + bytes;
    const slab = own([Math.ceil((head + bytes) / 4)], 'i32');
    this.#owner.slab = slab;
    this.#from = slab.address;
    this.#to = slab.address + head + bytes;
    const at = (offset: number): Location => ({ address: slab.address + head + offset, owner: this.#owner });
    this.#inputs = graph.inputs.map(() => at(0));
    try {
      this.result = ownedBy([], () => this.#prepare(at, new PlannedWorkspace(slab.address)));
    } catch (error) {
      slab.dispose();
      throw error;
    }
  }

  /** Gets every unit ready, and returns the tree of results. */
  #prepare(at: (offset: number) => Location, space: PlannedWorkspace): Tree {
    const { graph, buffers, units } = this;
    const places = new Map<GraphNode, Location>();
    graph.inputs.forEach((node, i) => void places.set(node, this.#inputs[i]));
    for (const [root, { offset }] of buffers.of) places.set(root, at(offset));
    const tensors = new Map<GraphNode, Tensor>();
    const tensorOf = (node: GraphNode): Tensor => {
      let tensor = tensors.get(node);
      if (tensor === undefined) {
        const root = rootOf(node);
        const where =
          root.value === undefined ? places.get(root) : { address: root.value.address, owner: this.#owner };
        tensor = node.value ?? new PlanTensor(node.shape, node.dtype, where ?? at(0), offsetInRoot(node));
        tensors.set(node, tensor);
      }
      return tensor;
    };
    for (const unit of units) {
      space.begin(at(buffers.scratch.get(unit)?.offset ?? 0).address);
      this.#steps.push(prepareUnit(unit, tensorOf, space));
    }
    const results = graph.outputs.map((node, i) => {
      const copy = buffers.copies.get(i);
      if (copy === undefined) return tensorOf(node);
      const [from, to] = [tensorOf(node), new PlanTensor(node.shape, node.dtype, at(copy.offset))];
      const bytes = byteLength(node);
      this.#steps.push(() => moveBytes(to.address, from.address, bytes));
      return to;
    });
    return unflatten(graph.structure, results);
  }

  /** Bytes of the slab, of the constants, of arguments that had to be copied, and of what steps hold. */
  get bytes(): number {
    const staged = this.#staged.reduce((sum, tensor) => sum + (tensor?.storage.bytes ?? 0), 0);
    let held = 0;
    for (const { steps } of this.units) for (const { op } of steps) held += op.bytes?.() ?? 0;
    return this.slabBytes + this.graph.constantBytes + staged + held;
  }

  /** Runs it for arguments of the right shapes and dtypes; the result is overwritten by the next run. */
  run(leaves: readonly Tensor[]): Tree {
    if (this.#owner.disposed) throw new DisposedError('compile: the plan has been disposed');
    for (let i = 0; i < leaves.length; i++) {
      if (leaves[i].isDisposed)
        throw new DisposedError(`compile: tensor ${i} in the arguments has been disposed`);
      const { address } = leaves[i];
      this.#inputs[i].address =
        address >= this.#from && address < this.#to ? this.#stage(i, leaves[i]) : address;
    }
    this.again();
    return this.result;
  }

  /** Runs it again for the same arguments, whose values may have changed. */
  again(): void {
    for (const step of this.#steps) step();
  }

  /** A copy of an argument that this run writes over; its memory is kept for the next time. */
  #stage(index: number, leaf: Tensor): number {
    let copy = this.#staged[index];
    if (copy === undefined) {
      copy = own(leaf.shape, leaf.dtype);
      this.#staged[index] = copy;
    }
    moveBytes(copy.address, leaf.address, copy.storage.bytes);
    return copy.address;
  }

  /** What runs, step by step, and where values lie. */
  toString(): string {
    return programText(this);
  }

  /** Frees everything; the results go with it. */
  dispose(): void {
    this.#owner.disposed = true;
    this.#owner.slab?.dispose();
    for (const tensor of this.#staged) tensor?.dispose();
    for (const { steps } of this.units) for (const { op } of steps) op.dispose?.();
    this.graph.dispose();
  }
}

/** Memory that a program keeps; the garbage collector frees it if its user forgets to. */
function own(shape: Shape, dtype: DType): Tensor {
  const tensor = ownedBy([], () => allocate(shape, dtype, 'compile'));
  tensor.watch();
  return tensor;
}

function prepareUnit(unit: KernelGroup, tensorOf: (node: GraphNode) => Tensor, space: Workspace): () => void {
  if (unit.layout !== undefined) return prepareGroup(unit, tensorOf, space);
  const [{ op, params, inputs, outputs }] = unit.steps;
  const prepare = op.prepare as NonNullable<typeof op.prepare>;
  return prepare.call(op, outputs.map(tensorOf), inputs.map(tensorOf), params, space);
}

let bytesView = /* @__PURE__ */ new Uint8Array(0);

function moveBytes(to: number, from: number, bytes: number): void {
  const { buffer } = runtime().memory;
  if (bytesView.buffer !== buffer) bytesView = new Uint8Array(buffer);
  bytesView.copyWithin(to, from, from + bytes);
}
