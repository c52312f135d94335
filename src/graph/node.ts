// What graphs are made of: values, and the operations between them.
import type { DType } from '../core/dtype.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Op, TensorSpec } from '../ops/op.js';

/** One call of an operation. */
export interface Call {
  readonly op: Op<unknown>;
  readonly params: unknown;
  readonly inputs: readonly GraphNode[];
  readonly outputs: readonly GraphNode[];
  /** What runs again on purpose (a checkpoint on the way back) has a later epoch than what ran before. */
  readonly epoch: number;
  /** Set in programs, where the result lies in the input's memory and nothing runs: elements from where that begins. */
  view?: number;
}

/** One value of a graph: an argument, a constant, or a result of an operation. */
export class GraphNode implements TensorSpec {
  /** Position in `Graph.nodes`. */
  id = -1;
  readonly kind: 'input' | 'constant' | 'operation';
  readonly shape: Shape;
  readonly dtype: DType;
  /** Which of the operation's results it is. */
  readonly output: number;
  /** @internal The call that gives it. */
  readonly step: Call | undefined;
  /** @internal The value of a constant. */
  readonly value: Tensor | undefined;

  constructor(
    kind: 'input' | 'constant' | 'operation',
    { shape, dtype }: TensorSpec,
    from: { output?: number; step?: Call; value?: Tensor } = {},
  ) {
    this.kind = kind;
    this.shape = shape;
    this.dtype = dtype;
    this.output = from.output ?? 0;
    this.step = from.step;
    this.value = from.value;
  }

  /** The operation's name; 'input' and 'constant' for the others. */
  get op(): string {
    return this.step?.op.name ?? this.kind;
  }

  /** The operation's parameters. */
  get params(): unknown {
    return this.step?.params;
  }

  /** What the operation reads. */
  get inputs(): readonly GraphNode[] {
    return this.step?.inputs ?? [];
  }

  /** The number of elements. */
  get size(): number {
    return this.shape.reduce((product, extent) => product * extent, 1);
  }
}

/** A call and the values that it gives. */
export function makeCall(
  op: Op<unknown>,
  params: unknown,
  inputs: readonly GraphNode[],
  specs: readonly TensorSpec[],
  epoch: number,
): Call {
  const outputs: GraphNode[] = [];
  const step: Call = { op, params, inputs, outputs, epoch, view: undefined };
  specs.forEach((spec, output) => {
    outputs.push(new GraphNode('operation', spec, { output, step }));
  });
  return step;
}

/** Parameters as they are now: arrays and plain objects copied, so that their owner may change his. */
export function cloneParams(params: unknown): unknown {
  if (Array.isArray(params)) return params.map(cloneParams);
  if (typeof params !== 'object' || params === null) return params;
  const prototype = Object.getPrototypeOf(params);
  if (prototype !== Object.prototype && prototype !== null) return params;
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, cloneParams(value)]));
}
