// Simplification: common values once, constants computed now, repeated elements read in place, signs and doublings taken into what they
// are multiplied with, nothing that no output needs. Every value keeps its bits, but for what rewrite.ts says.
import { full } from '../core/create.js';
import { bytesPerElement } from '../core/dtype.js';
import { broadcastShapes, type Shape, sameShape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { divOp, mulOp } from '../ops/arithmetic.js';
import { broadcastOp } from '../ops/broadcast.js';
import { reshapeOp } from '../ops/layout.js';
import { applyAll, type Op, specsOf } from '../ops/op.js';
import { aliasOf, ownedBy } from '../ops/ownership.js';
import { Graph } from './graph.js';
import { type Call, GraphNode, makeCall } from './node.js';
import { overlapOf, overlapOp } from './overlap.js';
import { type Rewritten, rewrite } from './rewrite.js';

/** Constants are computed ahead where that does not take more memory than this, or than what they are made of. */
const SMALL = 4096;

/** The graph in fewer steps. The given one is left as it is. */
export function simplify(graph: Graph): Graph {
  const simpler = new Simplifier();
  try {
    return simpler.run(graph);
  } catch (error) {
    for (const { value } of simpler.constants) value?.dispose();
    throw error;
  }
}

/** Builds the new graph step by step. */
class Simplifier {
  readonly steps: Call[] = [];
  readonly constants: GraphNode[] = [];
  readonly #renamed = new Map<GraphNode, GraphNode>();
  /** Steps by what they compute. */
  readonly #known = new Map<string, Call>();
  readonly #scalars = new Map<string, GraphNode>();
  readonly #wholes = new Map<GraphNode, GraphNode>();
  readonly #ids = new Map<unknown, number>();

  run(graph: Graph): Graph {
    const inputs = graph.inputs.map((node) => new GraphNode('input', node));
    graph.inputs.forEach((node, i) => {
      this.#renamed.set(node, inputs[i]);
    });
    this.#walk(graph);
    const outputs = graph.outputs.map((node) => this.#whole(this.#new(node)));
    const { examples, structure } = graph;
    return new Graph({ inputs, outputs, steps: this.steps, constants: this.constants, examples, structure });
  }

  /** The steps of a graph, and of the bodies of calls that are no loops. */
  #walk(graph: Graph): void {
    for (const { op, params, inputs, outputs, epoch, bodies } of graph.steps) {
      let nodes = inputs.map((node) => this.#new(node));
      if (op.inline) {
        const [body] = bodies;
        body.inputs.forEach((node, i) => void this.#renamed.set(node, nodes[i]));
        this.#walk(body);
        nodes = body.outputs.map((node) => this.#new(node));
      } else if (bodies.length > 0) {
        const step = makeCall(
          op,
          params,
          nodes,
          outputs,
          epoch,
          bodies.map((body) => body.hold()),
        );
        this.steps.push(step);
        nodes = [...step.outputs];
      } else nodes = [...this.#compute(op, params, nodes, epoch)];
      outputs.forEach((node, i) => void this.#renamed.set(node, nodes[i]));
    }
  }

  /** What has become of a node of the old graph. */
  #new(node: GraphNode): GraphNode {
    let found = this.#renamed.get(node);
    if (found === undefined) {
      found = this.#constant(node);
      this.#renamed.set(node, found);
    }
    return found;
  }

  /** A constant; of one value everywhere it is a number that is repeated. */
  #constant({ known: value, value: live }: GraphNode): GraphNode {
    if (value === undefined)
      return this.#keep(
        ownedBy([], () => aliasOf(live as Tensor)),
        true,
      );
    const { shape, size } = value;
    if (shape.length === 0) return this.#scalar(value.data()[0], value);
    if (size <= 1 || !isUniform(value)) return this.#keep(ownedBy([], () => aliasOf(value)));
    const scalar = this.#scalar(value.data()[0], value);
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
    const node = new GraphNode('constant', value, { value, captured });
    this.constants.push(node);
    return node;
  }

  /** The results of an operation, by the cheapest way that gives the same bits. */
  #compute(
    op: Op<unknown>,
    params: unknown,
    inputs: readonly GraphNode[],
    epoch: number,
  ): readonly GraphNode[] {
    if (op.elementwise !== undefined && inputs.some(isRepeated))
      return this.#unrepeated(op, params, inputs, epoch);
    const whole = op.elementwise === undefined ? inputs.map((node) => this.#whole(node)) : inputs;
    return (
      this.#identity(op, params, whole) ??
      this.#folded(op, params, whole) ??
      this.#rewritten(op, whole, epoch) ??
      this.#overlap(op, whole, epoch) ??
      this.#call(op, params, whole, epoch)
    );
  }

  /** A constant number that is repeated, written out where that is small. */
  #whole(node: GraphNode): GraphNode {
    if (!isRepeated(node)) return node;
    let whole = this.#wholes.get(node);
    if (whole === undefined) {
      whole = this.#folded(node.step?.op as Op<unknown>, node.params, node.inputs)?.[0] ?? node;
      this.#wholes.set(node, whole);
    }
    return whole;
  }

  /** A call, or the one before that computes the same. */
  #call(op: Op<unknown>, params: unknown, inputs: readonly GraphNode[], epoch: number): readonly GraphNode[] {
    const key = this.#keyOf(op, params, inputs, epoch);
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known.outputs;
    const step = makeCall(op, params, inputs, specsOf(op, inputs, params), epoch);
    this.steps.push(step);
    if (key !== undefined) this.#known.set(key, step);
    return step.outputs;
  }

  /** The same in fewer steps. */
  #rewritten(op: Op<unknown>, inputs: readonly GraphNode[], epoch: number): readonly GraphNode[] | undefined {
    const found = rewrite(op, inputs, epoch);
    if (found === undefined) return undefined;
    const scalar = (number: number) => this.#scalar(number, inputs[0]);
    const operand = (of: Rewritten): GraphNode => {
      if (of instanceof GraphNode) return of;
      if (typeof of === 'number') return scalar(of);
      return this.#compute(mulOp as Op<unknown>, undefined, [scalar(of.factor), of.node], epoch)[0];
    };
    return this.#compute(found.op as Op<unknown>, undefined, found.inputs.map(operand), epoch);
  }

  /** A sum of two tensors in zeros, as one step. */
  #overlap(op: Op<unknown>, inputs: readonly GraphNode[], epoch: number): readonly GraphNode[] | undefined {
    const found = overlapOf(op, inputs);
    return found && this.#call(overlapOp as Op<unknown>, found.params, found.operands, epoch);
  }

  /** An operation on repeated elements: on the elements themselves, and what comes out of it is repeated. */
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

  /** An input that the operation hands on as it is: x in 1 x, x / 1, and under another handle. */
  #identity(
    op: Op<unknown>,
    params: unknown,
    inputs: readonly GraphNode[],
  ): readonly GraphNode[] | undefined {
    const [a, b] = inputs;
    if (op.prepare === undefined && sameShape(specsOf(op, inputs, params)[0].shape, a.shape)) return inputs;
    const isUnit = (unit: GraphNode, x: GraphNode) =>
      unit.size === 1 &&
      unit.known?.data()[0] === 1 &&
      sameShape(broadcastShapes(op.name, unit.shape, x.shape), x.shape);
    if ((op as unknown) === mulOp && isUnit(a, b)) return [b];
    if (((op as unknown) === mulOp || (op as unknown) === divOp) && isUnit(b, a)) return [a];
    return undefined;
  }

  /** Results that do not depend on the arguments, unless they are much larger than what they are made of. */
  #folded(op: Op<unknown>, params: unknown, inputs: readonly GraphNode[]): readonly GraphNode[] | undefined {
    const values = inputs.map((node) => node.known);
    if (!values.every((value) => value !== undefined)) return undefined;
    const have = bytesOf(inputs);
    if (bytesOf(specsOf(op, inputs, params)) > Math.max(SMALL, have)) return undefined;
    try {
      return ownedBy([], () => applyAll(op, values, params)).map((value) => this.#keep(value));
    } catch {
      // It fails when the plan runs, as it would without one.
      return undefined;
    }
  }

  /** What a call computes, as text; undefined if its parameters are more than plain data. */
  #keyOf(op: Op<unknown>, params: unknown, inputs: readonly GraphNode[], epoch: number): string | undefined {
    let isPlain = true;
    const text = JSON.stringify(params, (_, value: unknown) => {
      if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
        return `#${Object.is(value, -0) ? '-0' : value}`;
      if (typeof value === 'function' || (typeof value === 'object' && !isData(value))) isPlain = false;
      return value;
    });
    if (!isPlain) return undefined;
    return `${this.#id(op)} ${epoch} ${inputs.map((node) => this.#id(node))} ${text}`;
  }

  #id(of: unknown): number {
    let id = this.#ids.get(of);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(of, id);
    }
    return id;
  }
}

function isData(value: object | null): boolean {
  if (value === null || Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isRepeated({ step }: GraphNode): boolean {
  return (step?.op as unknown) === broadcastOp;
}

function isUniform(x: Tensor): boolean {
  const data = x.data();
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], data[0])) return false;
  return true;
}

function bytesOf(specs: readonly { shape: Shape; dtype: GraphNode['dtype'] }[]): number {
  return specs.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesPerElement(dtype), 0);
}
