// The order of the steps, and which of them run as one: chains of elementwise operations over one index space.
import { broadcastStrides, type Layout, mergeAxes, sameShape, stridesOf } from '../core/shape.js';
import type { Graph } from './graph.js';
import type { Call, GraphNode } from './node.js';
import { rootOf } from './views.js';

/** What runs at once: a single operation, or elementwise ones block by block. */
export interface KernelGroup {
  readonly steps: readonly Call[];
  /** Where there are several steps: the index space, with strides for the output and for every node of `read`. */
  readonly layout?: Layout;
  /** What the unit reads and does not compute. */
  readonly read: readonly GraphNode[];
  /** What it computes that is needed later. */
  readonly written: readonly GraphNode[];
}

/** Bounds on a group, so that one block of all that it touches stays in the inner caches. */
const MOST_STEPS = 64;
const MOST_READ = 16;
/** How many steps are looked at together to see whether they take no more memory than they free. */
const MOST_AHEAD = 12;

/** True for a call that runs something. */
function runs({ view, outputs }: Call): boolean {
  return view === undefined && outputs.some((node) => node.size > 0);
}

function isElementwise({ op, outputs, inputs }: Call): boolean {
  return op.elementwise !== undefined && outputs.length === 1 && inputs.length <= 3;
}

/** The units of a graph whose views are marked. */
export function schedule(graph: Graph): KernelGroup[] {
  return new Scheduler(graph).run();
}

class Scheduler {
  readonly #steps: readonly Call[];
  /** Where an epoch begins, every step at its turn. */
  readonly #epochs: number[] = [];
  readonly #position = new Map<Call, number>();
  /** Steps that still have to read a value, or a view of it. */
  readonly #readers = new Map<GraphNode, Set<Call>>();
  readonly #outputs: ReadonlySet<GraphNode>;
  readonly #done = new Set<Call>();

  constructor(graph: Graph) {
    this.#steps = graph.steps.filter(runs);
    this.#outputs = new Set(graph.outputs.map(rootOf));
    let epoch = 0;
    this.#steps.forEach((step, i) => {
      epoch = Math.max(epoch, step.epoch);
      this.#epochs.push(epoch);
      this.#position.set(step, i);
      for (const input of step.inputs) {
        const root = rootOf(input);
        const readers = this.#readers.get(root) ?? new Set();
        this.#readers.set(root, readers.add(step));
      }
    });
  }

  run(): KernelGroup[] {
    const units: KernelGroup[] = [];
    for (let next = 0; next < this.#steps.length; next++) {
      const step = this.#steps[next];
      if (this.#done.has(step)) continue;
      units.push(isElementwise(step) ? this.#group(next) : this.#unit(new Group([step])));
    }
    return units;
  }

  /** The group that a step opens: what follows it in order, and later steps after which a value less is alive. */
  #group(first: number): KernelGroup {
    const epoch = this.#epochs[first];
    const group = new Group([this.#steps[first]]);
    this.#take(group.steps[0]);
    let next = first;
    const isNear = (step: Call) =>
      this.#epochs[this.#position.get(step) as number] === epoch && isElementwise(step);
    const isOpen = (step: Call) => isNear(step) && this.#isReady(step, group);
    for (;;) {
      while (next < this.#steps.length && this.#done.has(this.#steps[next])) next++;
      const following = this.#steps[next];
      let found =
        following !== undefined && isOpen(following) && group.add(following) ? following : undefined;
      found ??= this.#consumers(group).find((step) => isOpen(step) && this.#frees(step) && group.add(step));
      const taken = found === undefined ? this.#ahead(group, isNear) : [found];
      if (taken === undefined) return this.#unit(group);
      for (const step of taken) this.#take(step);
    }
  }

  /** Later steps that the group takes in together, after all of which no more is alive than before; undefined where there are none. */
  #ahead(group: Group, isNear: (step: Call) => boolean): Call[] | undefined {
    const added: Call[] = [];
    for (let reach = group; ; ) {
      const wider = this.#wider(reach, isNear, MOST_AHEAD - added.length);
      if (wider === undefined) return undefined;
      added.push(...wider.steps);
      reach = wider.group;
      if (this.#growth(added) > 0) continue;
      for (const step of added) group.add(step);
      return added;
    }
  }

  /** A copy of the group with the first of its consumers that fits, and what that waits for: at most `room` steps. */
  #wider(
    group: Group,
    isNear: (step: Call) => boolean,
    room: number,
  ): { group: Group; steps: readonly Call[] } | undefined {
    for (const consumer of this.#consumers(group)) {
      if (group.has(consumer) || !isNear(consumer)) continue;
      const steps = this.#withProducers(consumer, group, isNear);
      if (steps === undefined || steps.length > room) continue;
      const wider = group.copy();
      if (steps.every((step) => wider.add(step))) return { group: wider, steps };
    }
    return undefined;
  }

  /** A step, and before it those that it still waits for, if a group could take all of them. */
  #withProducers(step: Call, group: Group, isNear: (step: Call) => boolean, depth = 2): Call[] | undefined {
    const steps: Call[] = [];
    for (const input of step.inputs) {
      const { step: producer } = rootOf(input);
      if (producer === undefined || !runs(producer)) continue;
      const isInside = group.has(producer) || steps.includes(producer);
      if (!isInside && this.#done.has(producer)) continue;
      // A view of what the group computes is not there before the group has run.
      if (input.step !== producer) return undefined;
      if (isInside) continue;
      const before =
        depth > 0 && isNear(producer) ? this.#withProducers(producer, group, isNear, depth - 1) : undefined;
      if (before === undefined) return undefined;
      steps.push(...before.filter((one) => !steps.includes(one)));
    }
    return [...steps, step];
  }

  /** By how many elements more is alive after these steps than before. */
  #growth(steps: readonly Call[]): number {
    const all = new Set(steps);
    const isOver = (node: GraphNode) =>
      !this.#outputs.has(node) && [...(this.#readers.get(node) ?? [])].every((reader) => all.has(reader));
    const read = new Set(steps.flatMap(({ inputs }) => inputs.map(rootOf)));
    let growth = 0;
    for (const step of steps) {
      const [out] = step.outputs;
      read.delete(out);
      if (!isOver(out)) growth += out.size;
    }
    for (const root of read) if (root.kind === 'operation' && isOver(root)) growth -= root.size;
    return growth;
  }

  /** Steps that read what the group computes, in order. */
  #consumers(group: Group): Call[] {
    const all = new Set(group.steps.flatMap((step) => [...(this.#readers.get(step.outputs[0]) ?? [])]));
    const at = (step: Call) => this.#position.get(step) as number;
    return [...all].sort((a, b) => at(a) - at(b));
  }

  /** Whether everything that a step reads is there: computed before, or in the group and not through a view. */
  #isReady({ inputs }: Call, group: Group): boolean {
    return inputs.every((input) => {
      const { step } = rootOf(input);
      if (step === undefined || !runs(step)) return true;
      return group.has(step) ? input.step === step : this.#done.has(step);
    });
  }

  /** Whether a step is the last to read a value of the size of its result. */
  #frees(step: Call): boolean {
    return step.inputs.some((input) => {
      const root = rootOf(input);
      const readers = this.#readers.get(root) as Set<Call>;
      return (
        root.kind === 'operation' &&
        !this.#outputs.has(root) &&
        root.size >= step.outputs[0].size &&
        readers.size === 1 &&
        readers.has(step)
      );
    });
  }

  #take(step: Call): void {
    this.#done.add(step);
    for (const input of step.inputs) this.#readers.get(rootOf(input))?.delete(step);
  }

  #unit(group: Group): KernelGroup {
    for (const step of group.steps) this.#take(step);
    const written = group.steps
      .flatMap((step) => step.outputs)
      .filter(
        (node) =>
          group.steps.length === 1 || this.#outputs.has(node) || (this.#readers.get(node)?.size ?? 0) > 0,
      );
    return { steps: group.steps, layout: group.layout, read: [...group.read], written };
  }
}

/** Steps that run as one. */
class Group {
  readonly steps: Call[];
  read: Set<GraphNode>;
  layout: Layout | undefined;
  readonly #members: Set<Call>;

  constructor(steps: readonly Call[]) {
    this.steps = [...steps];
    this.#members = new Set(steps);
    this.read = new Set(
      steps
        .flatMap(({ inputs }) => inputs)
        .filter(({ step }) => step === undefined || !this.#members.has(step)),
    );
  }

  copy(): Group {
    return new Group(this.steps);
  }

  has(step: Call): boolean {
    return this.#members.has(step);
  }

  /** Takes a step in, if it works over the same index space, which stays one of at most two axes; else false. */
  add(step: Call): boolean {
    const { shape } = this.steps[0].outputs[0];
    if (this.steps.length >= MOST_STEPS || !sameShape(step.outputs[0].shape, shape)) return false;
    const read = new Set(this.read);
    for (const input of step.inputs) {
      if (input.step === undefined || !this.#members.has(input.step)) read.add(input);
    }
    if (read.size > MOST_READ) return false;
    const strides = [...read].map((node) => broadcastStrides(node.shape, shape));
    const layout = mergeAxes(shape, [stridesOf(shape), ...strides]);
    if (layout.extents.length > 2) return false;
    this.steps.push(step);
    this.#members.add(step);
    this.read = read;
    this.layout = layout;
    return true;
  }
}
