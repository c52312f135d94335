// Graph: what a function does to its arguments, as values and the operations between them.
import { disposable } from '../core/disposable.js';
import { DisposedError } from '../core/errors.js';
import { type Storage, Tensor } from '../core/tensor.js';
import { leavesLike, type Structure, type Tree, unflatten } from '../core/tree.js';
import { applyAll } from '../ops/op.js';
import { aliasOf, collectResults } from '../ops/ownership.js';
import { Tracer } from '../ops/tracer.js';
import { mermaidOf } from './mermaid.js';
import type { Call, GraphNode } from './node.js';
import { textOf } from './print.js';

/** The parts of a graph. */
export interface GraphParts {
  readonly inputs: readonly GraphNode[];
  readonly outputs: readonly GraphNode[];
  /** Calls in an order in which they can run; those that no output needs are left out of the graph. */
  readonly steps: readonly Call[];
  /** Constants; the graph takes ownership of their values. */
  readonly constants: readonly GraphNode[];
  /** The arguments, with tensors of the inputs' shapes and dtypes. */
  readonly examples: readonly Tree[];
  /** The structure of the result. */
  readonly structure: Structure;
}

/** The computational graph of a function, made by `trace` and `compile`. */
export class Graph {
  /** Inputs, then everything that the outputs need; every node comes after those that it reads. */
  readonly nodes: readonly GraphNode[];
  /** The tensors in the arguments, depth first. */
  readonly inputs: readonly GraphNode[];
  /** The tensors in the result, depth first. */
  readonly outputs: readonly GraphNode[];
  /** @internal Calls in the order of `nodes`. */
  readonly steps: readonly Call[];
  /** @internal The arguments, with tensors without values. */
  readonly examples: readonly Tree[];
  /** How the result is nested. */
  readonly structure: Structure;
  /** The last step that reads each value; computed when the graph is first evaluated. */
  #lastUse: Map<GraphNode, Call> | undefined;
  #owners = 1;

  constructor({ inputs, outputs, steps, constants, examples, structure }: GraphParts) {
    disposable(this);
    this.inputs = inputs;
    this.outputs = outputs;
    this.examples = examples;
    this.structure = structure;
    const needed = new Set<GraphNode>(outputs);
    this.steps = [...steps]
      .reverse()
      .filter((step) => {
        if (!step.outputs.some((node) => needed.has(node))) {
          for (const body of step.bodies) body.dispose();
          return false;
        }
        for (const input of step.inputs) needed.add(input);
        return true;
      })
      .reverse();
    const nodes: GraphNode[] = [];
    // A node in the list has its position as id.
    const add = (node: GraphNode) => {
      if (nodes[node.id] === node) return;
      node.id = nodes.length;
      nodes.push(node);
    };
    for (const input of inputs) add(input);
    for (const step of this.steps) {
      for (const input of step.inputs) add(input);
      for (const output of step.outputs) add(output);
    }
    for (const output of outputs) add(output);
    this.nodes = nodes;
    for (const constant of constants) if (nodes[constant.id] !== constant) constant.value?.dispose();
    for (const constant of nodes) constant.value?.watch();
  }

  /** @internal Nothing to do: each constant is registered by itself. */
  watch(): void {}

  /** @internal Adds an owner, which must dispose of the graph as well. */
  hold(): this {
    this.#owners++;
    return this;
  }

  /**
   * Runs the function, operation by operation, on arguments of the shapes and dtypes of the examples. Derivatives go
   * through it.
   * @throws ArgumentError if the arguments differ from the examples.
   * @example
   * const graph = trace((x) => mul(x, x), tensor([1, 2]));
   * graph.run(tensor([3, 4])); // [9, 16]
   */
  // biome-ignore lint/suspicious/noExplicitAny: the result has the structure of what the function returned
  readonly run = (...inputs: Tree[]): any => {
    if (this.#owners <= 0) throw new DisposedError('run: the graph has been disposed');
    const leaves = leavesLike('run', 'the arguments', inputs, this.examples);
    return unflatten(
      this.structure,
      collectResults(() => this.evaluate(leaves)),
    );
  };

  /** @internal The outputs for these inputs, with other `values` for some constants. */
  evaluate(leaves: readonly Tensor[], values = new Map<GraphNode, Tensor>()): Tensor[] {
    this.inputs.forEach((node, i) => {
      values.set(node, leaves[i]);
    });
    const tensorOf = (node: GraphNode) => values.get(node) ?? (node.value as Tensor);
    const kept = new Set(this.outputs);
    this.#lastUse ??= new Map(
      this.steps.flatMap((step) => step.inputs.map((input) => [input, step] as const)),
    );
    for (const step of this.steps) {
      const results = applyAll(step.op, step.inputs.map(tensorOf), step.params);
      step.outputs.forEach((node, i) => {
        values.set(node, results[i]);
      });
      for (const node of new Set([...step.inputs, ...step.outputs])) {
        const isLast = (this.#lastUse.get(node) ?? step) === step;
        if (isLast && node.kind === 'operation' && !kept.has(node)) values.get(node)?.dispose();
      }
    }
    const given = new Set<GraphNode>();
    return this.outputs.map((node) => {
      const first = node.kind === 'operation' && !given.has(node);
      given.add(node);
      return first ? tensorOf(node) : aliasOf(tensorOf(node));
    });
  }

  /** @internal The result, with tensors without values. */
  get result(): Tree {
    const leaves = this.outputs.map(({ shape, dtype }) => new Tensor(shape, dtype, undefined));
    return unflatten(this.structure, leaves);
  }

  /** One line per operation: `%3 = mul %1 %2 : f64[2, 3]`. */
  toString(): string {
    return textOf(this);
  }

  /**
   * A flow chart in the language of Mermaid: inputs x1, x2, …, constants, operations and outputs have different shapes
   * and colours.
   * @example
   * trace((a, b) => mul(a, b), tensor(1), tensor(2)).toMermaid(); // 'flowchart TD …'
   */
  toMermaid(): string {
    return mermaidOf(this);
  }

  /** @internal Memory of the constants, including those of bodies, without tensors from outside of the function. */
  storages(found = new Set<Storage>()): Set<Storage> {
    for (const { value, captured } of this.nodes)
      if (value !== undefined && !captured && !(value instanceof Tracer)) found.add(value.storage);
    for (const { bodies } of this.steps) for (const body of bodies) body.storages(found);
    return found;
  }

  /** Bytes of the constants, including those of bodies, without tensors from outside of the function. */
  get constantBytes(): number {
    return [...this.storages()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Frees the constants. The graph can still be read, but not run. */
  dispose(): void {
    if (--this.#owners > 0) return;
    for (const { value } of this.nodes) value?.dispose();
    for (const { bodies } of this.steps) for (const body of bodies) body.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
