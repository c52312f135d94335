// FusedSteps: elementwise steps that run as one, over one index space of at most two axes.
import { broadcastStrides, type Layout, mergeAxes, sameShape, stridesOf } from '../core/shape.js';
import type { Call, GraphNode } from './node.js';

/** Bounds on a group, so that one block of everything it touches stays in the inner caches. */
const MOST_STEPS = 64;
const MOST_READ = 16;

/** Immutable: adding steps gives a new group. */
export class FusedSteps {
  readonly steps: readonly Call[];
  /** What the steps read but do not compute. */
  readonly read: readonly GraphNode[];
  /** The index space, with strides for the output and for everything in `read`; undefined for a single step. */
  readonly layout: Layout | undefined;

  constructor(steps: readonly Call[], read = readBy(steps, []), layout?: Layout) {
    this.steps = steps;
    this.read = read;
    this.layout = layout;
  }

  has(step: Call): boolean {
    return this.steps.includes(step);
  }

  /** False for a step that this group can never take in. */
  fits({ outputs }: Call): boolean {
    return this.steps.length < MOST_STEPS && sameShape(outputs[0].shape, this.steps[0].outputs[0].shape);
  }

  /** The group with these steps added; undefined if they have another index space, or there would be too many. */
  with(added: readonly Call[]): FusedSteps | undefined {
    const steps = [...this.steps, ...added];
    if (steps.length > MOST_STEPS || !added.every((step) => this.fits(step))) return undefined;
    const read = readBy(steps, this.read, this.steps.length);
    if (read.length > MOST_READ) return undefined;
    const { shape } = steps[0].outputs[0];
    const strides = [stridesOf(shape)];
    for (const node of read) strides.push(broadcastStrides(node.shape, shape));
    const layout = mergeAxes(shape, strides);
    return layout.extents.length > 2 ? undefined : new FusedSteps(steps, read, layout);
  }
}

/** What steps read but do not compute; `read` is what the steps before position `from` read. */
function readBy(steps: readonly Call[], before: readonly GraphNode[], from = 0): GraphNode[] {
  const read = [...before];
  for (let i = from; i < steps.length; i++) {
    for (const input of steps[i].inputs) {
      const { step } = input;
      if ((step === undefined || !steps.includes(step)) && !read.includes(input)) read.push(input);
    }
  }
  return read;
}
