// Nodes of graphs: values, and the operations between them.
import type { DType } from '../core/dtype.js';
import { isPlainObject } from '../core/kind.js';
import { type Shape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Op, TensorSpec } from '../ops/op.js';
import type { Graph } from './graph.js';

/** A value that lies in the memory of another one. */
export interface View {
  /** The value that owns the memory. */
  readonly root: GraphNode;
  /** Offset from the start of that value, in elements. */
  readonly offset: number;
}

/** One call of an operation. */
export interface Call {
  readonly op: Op<unknown>;
  readonly params: unknown;
  readonly inputs: readonly GraphNode[];
  readonly outputs: readonly GraphNode[];
  /** Calls that are repeated on purpose (a checkpoint in the backward pass) have a later epoch than the first ones. */
  readonly epoch: number;
  /** Graphs of what an opaque call does, or of one step of a loop; empty for rows without bodies. */
  readonly bodies: readonly Graph[];
  /** Set in programs if the result lies in the input's memory and nothing runs. */
  view?: View;
}

/** One value of a graph: an argument, a constant, or a result of an operation. */
export class GraphNode implements TensorSpec {
  /** Position in `Graph.nodes`. */
  id = -1;
  readonly kind: 'input' | 'constant' | 'operation';
  readonly shape: Shape;
  readonly dtype: DType;
  /** Which result of the operation it is. */
  readonly output: number;
  /** @internal The call that computes it. */
  readonly step: Call | undefined;
  /** @internal The value of a constant. */
  readonly value: Tensor | undefined;
  /** @internal True for a constant that the function did not make: it is read at every run. */
  readonly captured: boolean;

  constructor(
    kind: 'input' | 'constant' | 'operation',
    { shape, dtype }: TensorSpec,
    from: { output?: number; step?: Call; value?: Tensor; captured?: boolean } = {},
  ) {
    this.kind = kind;
    this.shape = shape;
    this.dtype = dtype;
    this.output = from.output ?? 0;
    this.step = from.step;
    this.value = from.value;
    this.captured = from.captured ?? false;
  }

  /** Graphs of what an opaque call does, or of one step of a loop. */
  get body(): Graph | undefined {
    return this.step?.bodies[0];
  }

  /** @internal The value of a constant, if it is the same in every run. */
  get known(): Tensor | undefined {
    return this.captured ? undefined : this.value;
  }

  /** The operation's name; 'input' or 'constant' for the others. */
  get op(): string {
    return this.step?.op.name ?? this.kind;
  }

  /** The operation's parameters. */
  get params(): unknown {
    return this.step?.params;
  }

  /** The operands. */
  get inputs(): readonly GraphNode[] {
    return this.step?.inputs ?? [];
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }
}

/** A call, with the values that it computes. */
export function makeCall(
  op: Op<unknown>,
  params: unknown,
  inputs: readonly GraphNode[],
  specs: readonly TensorSpec[],
  epoch: number,
  bodies: readonly Graph[] = [],
): Call {
  const outputs: GraphNode[] = [];
  const step: Call = { op, params, inputs, outputs, epoch, bodies, view: undefined };
  for (let output = 0; output < specs.length; output++)
    outputs.push(new GraphNode('operation', specs[output], { output, step }));
  return step;
}

/** A copy of parameters (arrays and plain objects are cloned), so that the caller may change the originals. */
export function cloneParams(params: unknown): unknown {
  if (Array.isArray(params)) return params.map(cloneParams);
  if (!isPlainObject(params)) return params;
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, cloneParams(value)]));
}
