// The order of the steps, and which of them run as one: elementwise operations over one index space form groups.
import type { Layout } from '../core/shape.js';
import { FusedSteps } from './fused-steps.js';
import type { Graph } from './graph.js';
import type { Call, GraphNode } from './node.js';
import { rootOf } from './views.js';

/** A kernel group: a single operation, or elementwise ones that run block by block. */
export interface KernelGroup {
  readonly steps: readonly Call[];
  /** If there are several steps: the index space, with strides for the output and for every node of `read`. */
  readonly layout?: Layout;
  /** What the group reads but does not compute. */
  readonly read: readonly GraphNode[];
  /** Values that it computes and that are needed later. */
  readonly written: readonly GraphNode[];
}

/** How many steps are examined together to see whether they take no more memory than they free. */
const MOST_AHEAD = 12;

/** True for a call that runs a kernel. */
function runs({ view, outputs }: Call): boolean {
  return view === undefined && outputs.some((node) => node.size > 0);
}

function isElementwise({ op, outputs, inputs }: Call): boolean {
  return op.elementwise !== undefined && outputs.length === 1 && inputs.length <= 3;
}

/** The groups of a graph whose views are marked. */
export function schedule(graph: Graph): KernelGroup[] {
  return new Scheduler(graph).run();
}

/**
 * Greedy fusion. Values are numbered by their ids, steps by their positions in order, and all data about them lies in
 * arrays: every step takes constant time, apart from values with many readers.
 */
class Scheduler {
  readonly #steps: readonly Call[];
  /** The starts of epochs: steps do not move across them. */
  readonly #epochs: Int32Array;
  readonly #done: Uint8Array;
  /** By value: the position of the step that computes it; -1 if no step does. */
  readonly #producer: Int32Array;
  readonly #isOutput: Uint8Array;
  /** By root: how many steps have yet to read it, or a view of it. */
  readonly #left: Int32Array;
  /** The positions of the readers of root `id`, ascending: from `#first[id]` to `#first[id + 1]` in `#readers`. */
  readonly #first: Int32Array;
  readonly #readers: Int32Array;

  constructor(graph: Graph) {
    const count = graph.nodes.length;
    this.#steps = graph.steps.filter(runs);
    this.#epochs = new Int32Array(this.#steps.length);
    this.#done = new Uint8Array(this.#steps.length);
    this.#producer = new Int32Array(count).fill(-1);
    this.#isOutput = new Uint8Array(count);
    for (const node of graph.outputs) this.#isOutput[rootOf(node).id] = 1;
    let epoch = 0;
    this.#steps.forEach((step, at) => {
      epoch = Math.max(epoch, step.epoch);
      this.#epochs[at] = epoch;
      for (const node of step.outputs) this.#producer[node.id] = at;
    });
    this.#left = new Int32Array(count);
    this.#eachRead((root) => {
      this.#left[root]++;
    });
    this.#first = new Int32Array(count + 1);
    for (let id = 0; id < count; id++) this.#first[id + 1] = this.#first[id] + this.#left[id];
    this.#readers = new Int32Array(this.#first[count]);
    const next = this.#first.slice();
    this.#eachRead((root, at) => {
      this.#readers[next[root]++] = at;
    });
  }

  /** Every step with every root that it reads, once each. */
  #eachRead(visit: (root: number, at: number) => void): void {
    const last = new Int32Array(this.#isOutput.length).fill(-1);
    this.#steps.forEach(({ inputs }, at) => {
      for (const input of inputs) {
        const { id } = rootOf(input);
        if (last[id] === at) continue;
        last[id] = at;
        visit(id, at);
      }
    });
  }

  run(): KernelGroup[] {
    const groups: KernelGroup[] = [];
    for (let next = 0; next < this.#steps.length; next++) {
      const step = this.#steps[next];
      if (this.#done[next] === 1) continue;
      groups.push(isElementwise(step) ? this.#fused(next) : this.#single(step));
    }
    return groups;
  }

  /** The group that a step opens: the steps that follow it, and later steps that leave one value less alive. */
  #fused(first: number): KernelGroup {
    const epoch = this.#epochs[first];
    let group = new FusedSteps([this.#steps[first]]);
    this.#take(first);
    let next = first;
    const isNear = (at: number) =>
      this.#done[at] === 0 && this.#epochs[at] === epoch && isElementwise(this.#steps[at]);
    for (;;) {
      while (next < this.#steps.length && this.#done[next] === 1) next++;
      let wider: FusedSteps | undefined;
      if (next < this.#steps.length && isNear(next) && this.#isReady(next, group))
        wider = group.with([this.#steps[next]]);
      wider ??= this.#withConsumer(group, isNear) ?? this.#ahead(group, isNear);
      if (wider === undefined) return this.#closed(group);
      for (let i = group.steps.length; i < wider.steps.length; i++) this.#take(this.#at(wider.steps[i]));
      group = wider;
    }
  }

  /** The group with the first of its consumers that can run now and frees a value. */
  #withConsumer(group: FusedSteps, isNear: (at: number) => boolean): FusedSteps | undefined {
    for (const at of this.#consumers(group)) {
      if (!isNear(at) || !this.#frees(at) || !this.#isReady(at, group)) continue;
      const wider = group.with([this.#steps[at]]);
      if (wider !== undefined) return wider;
    }
    return undefined;
  }

  /** The group with later steps that leave no more alive than before; undefined if there are none. */
  #ahead(group: FusedSteps, isNear: (at: number) => boolean): FusedSteps | undefined {
    for (let reach = group; ; ) {
      const room = MOST_AHEAD - (reach.steps.length - group.steps.length);
      const wider = this.#wider(reach, isNear, room);
      if (wider === undefined) return undefined;
      reach = wider;
      if (this.#growth(reach.steps.slice(group.steps.length)) <= 0) return reach;
    }
  }

  /**
   * The group with the first of its consumers that fits, and with the steps that this one waits for: at most `room`
   * steps.
   */
  #wider(group: FusedSteps, isNear: (at: number) => boolean, room: number): FusedSteps | undefined {
    for (const at of this.#consumers(group)) {
      const consumer = this.#steps[at];
      if (!isNear(at) || !group.fits(consumer) || group.has(consumer)) continue;
      const steps = this.#withProducers(consumer, group, isNear);
      if (steps === undefined || steps.length > room) continue;
      const wider = group.with(steps);
      if (wider !== undefined) return wider;
    }
    return undefined;
  }

  /** A step, preceded by the steps that it still waits for, if a group could take all of them. */
  #withProducers(
    step: Call,
    group: FusedSteps,
    isNear: (at: number) => boolean,
    depth = 2,
  ): Call[] | undefined {
    const steps: Call[] = [];
    for (const input of step.inputs) {
      const at = this.#producer[rootOf(input).id];
      if (at < 0) continue;
      const producer = this.#steps[at];
      const isInside = group.has(producer) || steps.includes(producer);
      if (!isInside && this.#done[at] === 1) continue;
      // A view of a value that the group computes exists only after the group has run.
      if (input.step !== producer) return undefined;
      if (isInside) continue;
      const before =
        depth > 0 && isNear(at) ? this.#withProducers(producer, group, isNear, depth - 1) : undefined;
      if (before === undefined) return undefined;
      for (const one of before) if (!steps.includes(one)) steps.push(one);
    }
    steps.push(step);
    return steps;
  }

  /** By how many elements the live memory grows with these steps. */
  #growth(steps: readonly Call[]): number {
    /** Whether nothing reads a value after these steps. */
    const isOver = (node: GraphNode) => {
      if (this.#isOutput[node.id] === 1 || this.#left[node.id] > steps.length) return false;
      let readers = 0;
      for (const { inputs } of steps) if (inputs.some((input) => rootOf(input) === node)) readers++;
      return readers === this.#left[node.id];
    };
    const read = new Set<GraphNode>();
    for (const { inputs } of steps) for (const input of inputs) read.add(rootOf(input));
    let growth = 0;
    for (const step of steps) {
      const [out] = step.outputs;
      read.delete(out);
      if (!isOver(out)) growth += out.size;
    }
    for (const root of read) if (root.kind === 'operation' && isOver(root)) growth -= root.size;
    return growth;
  }

  /** The steps that have yet to read what the group computes, in order. */
  #consumers(group: FusedSteps): Int32Array | readonly number[] {
    const found: number[] = [];
    for (const { outputs } of group.steps) {
      const [{ id }] = outputs;
      if (this.#left[id] === 0) continue;
      for (let k = this.#first[id]; k < this.#first[id + 1]; k++)
        if (this.#done[this.#readers[k]] === 0) found.push(this.#readers[k]);
    }
    return group.steps.length === 1 || found.length < 2 ? found : Int32Array.from(found).sort();
  }

  #at({ outputs }: Call): number {
    return this.#producer[outputs[0].id];
  }

  /**
   * Whether everything that a step reads is available: computed before, or in the group and not read through a view.
   */
  #isReady(at: number, group: FusedSteps): boolean {
    for (const input of this.#steps[at].inputs) {
      const producer = this.#producer[rootOf(input).id];
      if (producer < 0) continue;
      if (this.#done[producer] === 0) return false;
      const step = this.#steps[producer];
      if (input.step !== step && group.has(step)) return false;
    }
    return true;
  }

  /** Whether a step is the last to read a value of the size of its result. */
  #frees(at: number): boolean {
    const { inputs, outputs } = this.#steps[at];
    return inputs.some((input) => {
      const root = rootOf(input);
      return (
        root.kind === 'operation' &&
        this.#left[root.id] === 1 &&
        this.#isOutput[root.id] === 0 &&
        root.size >= outputs[0].size
      );
    });
  }

  /** Puts a step in the order. */
  #take(at: number): void {
    this.#done[at] = 1;
    const { inputs } = this.#steps[at];
    if (inputs.length <= 3) {
      for (let i = 0; i < inputs.length; i++) {
        const root = rootOf(inputs[i]);
        let isFirst = true;
        for (let j = 0; j < i; j++) if (rootOf(inputs[j]) === root) isFirst = false;
        if (isFirst) this.#left[root.id]--;
      }
      return;
    }
    for (const { id } of new Set(inputs.map(rootOf))) this.#left[id]--;
  }

  #single(step: Call): KernelGroup {
    this.#take(this.#at(step));
    const { inputs, outputs } = step;
    return { steps: [step], read: distinct(inputs), written: outputs };
  }

  #closed({ steps, read, layout }: FusedSteps): KernelGroup {
    const isNeeded = ({ id }: GraphNode) => this.#isOutput[id] === 1 || this.#left[id] > 0;
    const outputs = steps.map((step) => step.outputs[0]);
    return { steps, layout, read, written: steps.length === 1 ? outputs : outputs.filter(isNeeded) };
  }
}

function distinct(nodes: readonly GraphNode[]): readonly GraphNode[] {
  if (nodes.length < 2) return nodes;
  if (nodes.length === 2) return nodes[0] === nodes[1] ? [nodes[0]] : nodes;
  return [...new Set(nodes)];
}
