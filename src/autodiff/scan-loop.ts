// The loop of scan's rows: the graph of a step, and the roles of its operands and results.

import type { Graph } from '../compiler/graph.js';
import type { LoopBody } from '../compiler/loop.js';
import type { Tensor } from '../core/tensor.js';
import type { TensorSpec } from '../ops/op.js';
import type { Schedule } from './schedule.js';

/** Parameters of a loop. */
export interface LoopSettings {
  readonly steps: number;
  readonly reverse: boolean;
  /** Whether the last of the inputs that differ from step to step is the number of the step. */
  readonly isIndexed: boolean;
  readonly schedule: Schedule;
}

export type LoopParams = { length: number; reverse: boolean };

/**
 * A loop: the graph of a step, and how it runs. Operands of a call: the first carry, xs with a row per step, and
 * constants.
 */
export class Loop implements LoopBody {
  readonly graph: Graph;
  readonly carry: number;
  readonly xs: number;
  readonly settings: LoopSettings;

  constructor(graph: Graph, counts: { carry: number; xs: number }, settings: LoopSettings) {
    this.graph = graph;
    this.carry = counts.carry;
    this.xs = counts.xs;
    this.settings = settings;
  }

  get isIndexed(): boolean {
    return this.settings.isIndexed;
  }

  get results(): number {
    return this.graph.outputs.length;
  }

  /** Outputs of a call. */
  get outputs(): number {
    return this.graph.outputs.length;
  }

  get params(): LoopParams {
    return { length: this.settings.steps, reverse: this.settings.reverse };
  }

  /** Operands of a call that have a row per step. */
  get rows(): number {
    return this.xs - Number(this.isIndexed);
  }

  /** Row of step i of the run. */
  at(i: number): number {
    return this.settings.reverse ? this.settings.steps - 1 - i : i;
  }

  /** The operands of a call, split by role. */
  split<T>(operands: readonly T[]): { carry: readonly T[]; xs: readonly T[]; constants: readonly T[] } {
    const [first, last] = [this.carry, this.carry + this.rows];
    return {
      carry: operands.slice(0, first),
      xs: operands.slice(first, last),
      constants: operands.slice(last),
    };
  }

  /** Specs of the operands as a step sees them, and of the number of the step. */
  get specs(): { carry: TensorSpec[]; xs: TensorSpec[]; index: TensorSpec[]; constants: TensorSpec[] } {
    const specs: TensorSpec[] = this.graph.inputs.map(({ shape, dtype }) => ({ shape, dtype }));
    const [first, last] = [this.carry, this.carry + this.rows];
    const index = last + Number(this.isIndexed);
    return {
      carry: specs.slice(0, first),
      xs: specs.slice(first, last),
      index: specs.slice(last, index),
      constants: specs.slice(index),
    };
  }
}

/** A tensor with one more leading axis. */
export const perStep = (steps: number) => (spec: TensorSpec) => ({
  shape: [steps, ...spec.shape],
  dtype: spec.dtype,
});
export const isReal = ({ dtype }: TensorSpec) => dtype !== 'i32';
export const realAt = (specs: readonly TensorSpec[]) => specs.flatMap((spec, i) => (isReal(spec) ? [i] : []));

/** Splits a list of tensors into parts. */
export function parts(list: readonly Tensor[]): (count: number) => Tensor[] {
  let at = 0;
  return (count) => list.slice(at, (at += count));
}
