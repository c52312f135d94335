// The order of the steps, and which of them run as one: chains of elementwise operations over one index space.
import { broadcastStrides, type Layout, mergeAxes, sameShape, stridesOf } from '../core/shape.js';
import type { Graph } from './graph.js';
import type { GraphNode, Step } from './node.js';
import { rootOf } from './views.js';

/** What runs at once: a single operation, or elementwise ones block by block. */
export interface Unit {
  readonly steps: readonly Step[];
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

/** True for a call that runs something. */
function runs({ view, outputs }: Step): boolean {
  return view === undefined && outputs.some((node) => node.size > 0);
}

function isElementwise({ op, outputs, inputs }: Step): boolean {
  return op.elementwise !== undefined && outputs.length === 1 && inputs.length <= 3;
}

/** The units of a graph whose views are marked. */
export function schedule(graph: Graph): Unit[] {
  return new Scheduler(graph).run();
}

class Scheduler {
  readonly #steps: readonly Step[];
  /** Where an epoch begins, every step at its turn. */
  readonly #epochs: number[] = [];
  readonly #position = new Map<Step, number>();
  /** Steps that still have to read a value, or a view of it. */
  readonly #readers = new Map<GraphNode, Set<Step>>();
  readonly #outputs: ReadonlySet<GraphNode>;
  readonly #done = new Set<Step>();

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

  run(): Unit[] {
    const units: Unit[] = [];
    for (let next = 0; next < this.#steps.length; next++) {
      const step = this.#steps[next];
      if (this.#done.has(step)) continue;
      units.push(isElementwise(step) ? this.#group(next) : this.#unit(new Group(step)));
    }
    return units;
  }

  /** The group that a step opens: what follows it in order, and later steps after which a value less is alive. */
  #group(first: number): Unit {
    const epoch = this.#epochs[first];
    const group = new Group(this.#steps[first]);
    this.#take(group.steps[0]);
    let next = first;
    const isOpen = (step: Step) =>
      this.#epochs[this.#position.get(step) as number] === epoch &&
      isElementwise(step) &&
      this.#isReady(step, group);
    for (;;) {
      while (next < this.#steps.length && this.#done.has(this.#steps[next])) next++;
      const following = this.#steps[next];
      let found =
        following !== undefined && isOpen(following) && group.add(following) ? following : undefined;
      found ??= this.#consumers(group).find((step) => isOpen(step) && this.#frees(step) && group.add(step));
      if (found === undefined) return this.#unit(group);
      this.#take(found);
    }
  }

  /** Steps that read what the group computes, in order. */
  #consumers(group: Group): Step[] {
    const all = new Set(group.steps.flatMap((step) => [...(this.#readers.get(step.outputs[0]) ?? [])]));
    const at = (step: Step) => this.#position.get(step) as number;
    return [...all].sort((a, b) => at(a) - at(b));
  }

  /** Whether everything that a step reads is there: computed before, or in the group and not through a view. */
  #isReady({ inputs }: Step, group: Group): boolean {
    return inputs.every((input) => {
      const { step } = rootOf(input);
      if (step === undefined || !runs(step)) return true;
      return group.has(step) ? input.step === step : this.#done.has(step);
    });
  }

  /** Whether a step is the last to read a value of the size of its result. */
  #frees(step: Step): boolean {
    return step.inputs.some((input) => {
      const root = rootOf(input);
      const readers = this.#readers.get(root) as Set<Step>;
      return (
        root.kind === 'operation' &&
        !this.#outputs.has(root) &&
        root.size >= step.outputs[0].size &&
        readers.size === 1 &&
        readers.has(step)
      );
    });
  }

  #take(step: Step): void {
    this.#done.add(step);
    for (const input of step.inputs) this.#readers.get(rootOf(input))?.delete(step);
  }

  #unit(group: Group): Unit {
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
  readonly steps: Step[];
  read: Set<GraphNode>;
  layout: Layout | undefined;
  readonly #members: Set<Step>;

  constructor(first: Step) {
    this.steps = [first];
    this.#members = new Set(this.steps);
    this.read = new Set(first.inputs);
  }

  has(step: Step): boolean {
    return this.#members.has(step);
  }

  /** Takes a step in, if it works over the same index space, which stays one of at most two axes; else false. */
  add(step: Step): boolean {
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
