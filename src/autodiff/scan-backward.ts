// Backward pass through a loop, in the memory of a workspace: states are kept by the schedule, the others recomputed.

import { fixed, LoopStep, rowsOf, type Strided } from '../compiler/loop.js';
import { ceilLog2 } from '../core/scalars.js';
import type { Tensor } from '../core/tensor.js';
import type { Workspace } from '../ops/workspace.js';
import type { Loop } from './scan-loop.js';
import { keptEvery, segmentOf, splitOf } from './schedule.js';

/** Addresses that one run reads and writes. */
export interface BackwardOperands {
  readonly carry: readonly Tensor[];
  readonly xs: readonly Tensor[];
  readonly constants: readonly Tensor[];
  /** Cotangents of the last carry, and of the outputs of the steps. */
  readonly last: readonly Tensor[];
  readonly cts: readonly Tensor[];
  /** Constants that only the pullback has. */
  readonly captures: readonly Tensor[];
  /** States at the starts of segments, if the loop has kept them. */
  readonly states: readonly Tensor[];
  /** Cotangents of the first carry and sums for constants; cotangents of xs. */
  readonly outputs: { readonly carry: readonly Tensor[]; readonly xs: readonly Tensor[] };
}

/** Walks back through a loop by the loop of its pullback, whose xs begin with the state before the step. */
export class Backward {
  readonly #loop: Loop;
  readonly #forward: LoopStep;
  readonly #back: LoopStep;
  /** Kept states, one after the other. */
  readonly #slots: number;
  readonly #hasStates: boolean;

  constructor(loop: Loop, back: Loop, hasStates: boolean, space: Workspace) {
    this.#loop = loop;
    this.#hasStates = hasStates;
    // The forward pass needs only states.
    const { graph, carry, xs, isIndexed } = loop;
    this.#forward = new LoopStep({ graph, carry, xs, isIndexed, results: carry }, space);
    this.#back = new LoopStep(back, space);
    this.#slots = space.scratch(this.#count() * this.#forward.carry.bytes);
  }

  /** Number of states that are kept at a time. */
  #count(): number {
    const { steps, schedule } = this.#loop.settings;
    const segment = segmentOf(steps);
    if (this.#hasStates) return keptEvery(schedule, steps) ?? 0;
    switch (schedule.kind) {
      case 'none':
        return steps;
      case 'sqrt':
        return segment + Math.ceil(steps / segment);
      case 'log':
        return 2 + ceilLog2(Math.max(2, steps));
      default:
        return 2 + schedule.snapshots;
    }
  }

  #slot(i: number): number {
    return this.#slots + i * this.#forward.carry.bytes;
  }

  run({ carry, xs, constants, captures, last, cts, states, outputs }: BackwardOperands): void {
    const [forward, back] = [this.#forward, this.#back];
    const rows = rowsOf(xs);
    const placed: undefined[] = carry.map(() => undefined);
    forward.begin(rows, constants);
    back.begin([...placed, ...rows, ...rowsOf(cts)], [...constants, ...captures], rowsOf(outputs.xs));
    back.load(fixed(last));
    back.clear(last.length);
    forward.load(fixed(carry));
    this.#walk(rowsOf(states));
    back.store(fixed(outputs.carry));
  }

  #walk(states: readonly Strided[]): void {
    const { steps, schedule } = this.#loop.settings;
    if (steps === 0) return;
    if (this.#hasStates || schedule.kind === 'sqrt') {
      this.#segments(states);
      return;
    }
    if (schedule.kind === 'none') {
      this.#segment(0, steps, 0);
      return;
    }
    this.#forward.storeBlock(this.#slot(0));
    this.#halves(0, steps, 0, schedule.snapshots);
  }

  /** Runs steps from the loaded state, keeping each state, and walks back. */
  #segment(from: number, to: number, slot: number): void {
    const [loop, forward] = [this.#loop, this.#forward];
    for (let i = from; i < to; i++) {
      forward.storeBlock(this.#slot(slot + i - from));
      if (i < to - 1) forward.run(loop.at(i));
    }
    for (let i = to - 1; i >= from; i--) this.#step(i, this.#slot(slot + i - from));
  }

  #segments(states: readonly Strided[]): void {
    const [loop, forward] = [this.#loop, this.#forward];
    const { steps, schedule } = loop.settings;
    const length = keptEvery(schedule, steps) ?? 1;
    const count = Math.ceil(steps / length);
    if (!this.#hasStates) {
      for (let i = 0; i < (count - 1) * length; i++) {
        if (i % length === 0) forward.storeBlock(this.#slot(length + i / length));
        forward.run(loop.at(i));
      }
      forward.storeBlock(this.#slot(length + count - 1));
    }
    for (let k = count - 1; k >= 0; k--) {
      if (this.#hasStates) forward.load(states, k);
      else forward.loadBlock(this.#slot(length + k));
      this.#segment(k * length, Math.min(steps, (k + 1) * length), 0);
    }
  }

  /**
   * Walks back from `to` to `from`, whose state is in a slot; the slots after it are free, and `kept` of them may be
   * used.
   */
  #halves(from: number, to: number, slot: number, kept: number): void {
    const [loop, forward] = [this.#loop, this.#forward];
    const { schedule } = loop.settings;
    const length = to - from;
    if (length === 1) {
      this.#step(from, this.#slot(slot));
      return;
    }
    if (schedule.kind === 'binomial' && kept <= 1) {
      for (let i = to - 1; i >= from; i--) {
        forward.loadBlock(this.#slot(slot));
        for (let j = from; j < i; j++) forward.run(loop.at(j));
        forward.storeBlock(this.#slot(slot + 1));
        this.#step(i, this.#slot(slot + 1));
      }
      return;
    }
    const middle = from + splitOf(schedule, length, kept);
    forward.loadBlock(this.#slot(slot));
    for (let j = from; j < middle; j++) forward.run(loop.at(j));
    forward.storeBlock(this.#slot(slot + 1));
    this.#halves(middle, to, slot + 1, kept - 1);
    this.#halves(from, middle, slot, kept);
  }

  /** Walks back through one step; the state before it lies at an address. */
  #step(i: number, state: number): void {
    const { offsets } = this.#forward.carry;
    for (let k = 0; k < offsets.length; k++) this.#back.place(k, state + offsets[k]);
    this.#back.run(this.#loop.at(i));
  }
}
