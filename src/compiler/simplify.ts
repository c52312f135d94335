// Common subexpressions, constant folding, broadcast elimination, rewriting by the rows' rules, inlining of bodies, and
// dead code elimination. Every value keeps its bits, except for what ops/signs.ts says.
import { full } from '../core/create.js';
import { bytesPerElement } from '../core/dtype.js';
import { OutOfMemoryError } from '../core/errors.js';
import { broadcastShapes, type Shape, sameShape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { mulOp } from '../ops/arithmetic.js';
import { reshapeOp } from '../ops/layout.js';
import { applyAll, type Op, type Rewritten, specsOf } from '../ops/op.js';
import { aliasOf, ownedBy } from '../ops/ownership.js';
import { broadcastOp } from '../ops/sum.js';
import { CallTable } from './call-table.js';
import { Graph } from './graph.js';
import { type Call, GraphNode, makeCall } from './node.js';
import { NodeOperand, rewrite } from './rewrite.js';

/** Constants are folded if the result is not larger than this, or than its operands. */
const SMALL = 4096;

/** A simpler graph for the first `results` outputs. The given graph is left as it is. */
export function simplify(graph: Graph, results = graph.outputs.length): Graph {
  const simpler = new Simplifier();
  try {
    return simpler.run(graph, results);
  } catch (error) {
    for (const { value } of simpler.constants) value?.dispose();
    for (const { bodies } of simpler.steps) for (const body of bodies) body.dispose();
    throw error;
  }
}

/** Builds the new graph step by step. Its nodes are numbered as they are made. */
class Simplifier {
  readonly steps: Call[] = [];
  readonly constants: GraphNode[] = [];
  readonly #calls = new CallTable();
  readonly #scalars = new Map<string, GraphNode>();
  readonly #wholes = new Map<GraphNode, GraphNode>();
  #count = 0;

  run(graph: Graph, results: number): Graph {
    const inputs = graph.inputs.map((node) => this.#numbered(new GraphNode('input', node)));
    const outputs = this.#copied(graph, inputs, graph.steps[0]?.epoch ?? 0)
      .slice(0, results)
      .map((node) => this.#whole(node));
    const { examples, structure } = graph;
    return new Graph({ inputs, outputs, steps: this.steps, constants: this.constants, examples, structure });
  }

  #numbered(node: GraphNode): GraphNode {
    node.id = this.#count++;
    return node;
  }

  /** The outputs of a graph when its inputs are these nodes; its first step is in the given epoch. */
  #copied(graph: Graph, inputs: readonly GraphNode[], epoch: number): readonly GraphNode[] {
    /** The new nodes, by the ids of the old ones. */
    const renamed = new Array<GraphNode | undefined>(graph.nodes.length).fill(undefined);
    graph.inputs.forEach((node, i) => {
      renamed[node.id] = inputs[i];
    });
    const found = (node: GraphNode): GraphNode => {
      renamed[node.id] ??= this.#constant(node);
      return renamed[node.id] as GraphNode;
    };
    const later = epoch - (graph.steps[0]?.epoch ?? 0);
    for (const step of graph.steps) {
      const nodes = this.#results(step, step.inputs.map(found), step.epoch + later);
      for (let i = 0; i < nodes.length; i++) renamed[step.outputs[i].id] = nodes[i];
    }
    return graph.outputs.map(found);
  }

  /** The results of a call on other inputs; inlines the body if the row allows it. */
  #results(
    { op, params, bodies, outputs }: Call,
    inputs: readonly GraphNode[],
    epoch: number,
  ): readonly GraphNode[] {
    // What the body returns beyond the results of the call is for derivatives.
    if (op.inline === true) return this.#copied(bodies[0], inputs, epoch).slice(0, outputs.length);
    return this.#compute(op, params, inputs, epoch, bodies);
  }

  /** A constant. If all its elements are equal, it is a broadcast number. A captured one is left as it is. */
  #constant(node: GraphNode): GraphNode {
    const { shape, size, known } = node;
    if (known === undefined || (shape.length > 0 && (size <= 1 || !isUniform(known))))
      return this.#keep(
        ownedBy([], () => aliasOf(node.value as Tensor)),
        node.captured,
      );
    const scalar = this.#scalar(known.data()[0], known);
    if (shape.length === 0) return scalar;
    return this.#call(broadcastOp as Op<unknown>, { shape }, [scalar], 0)[0];
  }

  #scalar(number: number, { dtype }: Pick<Tensor, 'dtype'>): GraphNode {
    const key = `${dtype} ${Object.is(number, -0) ? '-0' : number}`;
    let node = this.#scalars.get(key);
    if (node === undefined) {
      node = this.#keep(ownedBy([], () => full([], number, { dtype })));
      this.#scalars.set(key, node);
    }
    return node;
  }

  #keep(value: Tensor, captured = false): GraphNode {
    const node = this.#numbered(new GraphNode('constant', value, { value, captured }));
    this.constants.push(node);
    return node;
  }

  /** The results of an operation, by the cheapest way that gives the same bits. */
  #compute(
    op: Op<unknown>,
    params: unknown,
    inputs: readonly GraphNode[],
    epoch: number,
    bodies: readonly Graph[] = [],
  ): readonly GraphNode[] {
    if (op.elementwise !== undefined && inputs.some(isRepeated))
      return this.#unrepeated(op, params, inputs, epoch);
    const whole = inputs.some(isRepeated) ? inputs.map((node) => this.#whole(node)) : inputs;
    return (
      this.#identity(op, params, whole) ??
      this.#folded(op, params, whole) ??
      this.#rewritten(op, whole, epoch) ??
      this.#call(op, params, whole, epoch, bodies)
    );
  }

  /** A constant number that is broadcast; materialised if that is small. */
  #whole(node: GraphNode): GraphNode {
    if (!isRepeated(node)) return node;
    let whole = this.#wholes.get(node);
    if (whole === undefined) {
      whole = this.#folded(node.step?.op as Op<unknown>, node.params, node.inputs)?.[0] ?? node;
      this.#wholes.set(node, whole);
    }
    return whole;
  }

  /** A call, or an equal earlier one. */
  #call(
    op: Op<unknown>,
    params: unknown,
    inputs: readonly GraphNode[],
    epoch: number,
    bodies: readonly Graph[] = [],
  ): readonly GraphNode[] {
    return this.#calls.getOrMake(op, params, inputs, epoch, () => {
      const held = bodies.map((body) => body.hold());
      const step = makeCall(op, params, inputs, specsOf(op, inputs, params), epoch, held);
      for (const node of step.outputs) this.#numbered(node);
      this.steps.push(step);
      return step;
    }).outputs;
  }

  /** The call that the row offers instead of this one. */
  #rewritten(op: Op<unknown>, inputs: readonly GraphNode[], epoch: number): readonly GraphNode[] | undefined {
    const found = rewrite(op, inputs, epoch);
    if (found === undefined) return undefined;
    const scalar = (number: number) => this.#scalar(number, inputs[0]);
    const operand = (of: Rewritten): GraphNode => {
      if (typeof of === 'number') return scalar(of);
      if (of instanceof NodeOperand) return of.node;
      const { factor, operand } = of as { factor: number; operand: NodeOperand };
      return this.#compute(mulOp as Op<unknown>, undefined, [scalar(factor), operand.node], epoch)[0];
    };
    return this.#compute(found.op as Op<unknown>, found.params, found.inputs.map(operand), epoch);
  }

  /** An operation on broadcast operands: runs on their distinct elements, and its result is broadcast. */
  #unrepeated(
    op: Op<unknown>,
    params: unknown,
    inputs: readonly GraphNode[],
    epoch: number,
  ): readonly GraphNode[] {
    const { shape } = specsOf(op, inputs, params)[0];
    const sources = inputs.map((node) => {
      let source = node;
      while (isRepeated(source)) source = source.inputs[0];
      return source;
    });
    const nodes = this.#compute(op, params, sources, epoch);
    const [node] = nodes;
    if (sameShape(node.shape, shape)) return nodes;
    return sizeOf(node.shape) === sizeOf(shape)
      ? this.#compute(reshapeOp as Op<unknown>, { shape }, nodes, epoch)
      : this.#call(broadcastOp as Op<unknown>, { shape }, nodes, epoch);
  }

  /** The input, if the operation returns it unchanged: x in 1 x, x / 1, and another handle. */
  #identity(
    op: Op<unknown>,
    params: unknown,
    inputs: readonly GraphNode[],
  ): readonly GraphNode[] | undefined {
    if (op.prepare === undefined)
      return sameShape(specsOf(op, inputs, params)[0].shape, inputs[0].shape) ? inputs : undefined;
    const { name, unit } = op;
    if (unit === undefined) return undefined;
    for (let k = 0; k < 2; k++) {
      const [one, x] = [inputs[k], inputs[1 - k]];
      const isUnit = one.known !== undefined && one.size === 1 && one.known.data()[0] === unit[k];
      if (isUnit && sameShape(broadcastShapes(name, one.shape, x.shape), x.shape)) return [x];
    }
    return undefined;
  }

  /** Folds results that do not depend on the arguments, unless they are much larger than their operands. */
  #folded(op: Op<unknown>, params: unknown, inputs: readonly GraphNode[]): readonly GraphNode[] | undefined {
    if (!inputs.every(({ known }) => known !== undefined)) return undefined;
    const values = inputs.map((node) => node.known as Tensor);
    const have = bytesOf(inputs);
    if (bytesOf(specsOf(op, inputs, params)) > Math.max(SMALL, have)) return undefined;
    try {
      return ownedBy([], () => applyAll(op, values, params)).map((value) => this.#keep(value));
    } catch (error) {
      // A graph that is simplified twice must come out the same, as memory is counted for the first of them.
      if (error instanceof OutOfMemoryError) throw error;
      // The error will come when the plan runs, as it would without a plan.
      return undefined;
    }
  }
}

function isRepeated({ step }: GraphNode): boolean {
  return step?.op.repeats === true;
}

function isUniform(x: Tensor): boolean {
  const data = x.data();
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], data[0])) return false;
  return true;
}

function bytesOf(specs: readonly { shape: Shape; dtype: GraphNode['dtype'] }[]): number {
  return specs.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesPerElement(dtype), 0);
}
