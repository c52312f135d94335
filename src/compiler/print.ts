// Graphs as text: one line per operation, and names for arguments and results.
import { show } from '../core/shape.js';
import { flatten, type Tree } from '../core/tree.js';
import type { TensorSpec } from '../ops/op.js';
import type { Graph } from './graph.js';
import type { GraphNode } from './node.js';

/** A spec, such as f64[2, 3]. */
export function specText({ shape, dtype }: TensorSpec): string {
  return `${dtype}${show(shape)}`;
}

/** A reference to a node, such as %3. */
export function nameOf(node: GraphNode): string {
  return `%${node.id}`;
}

/** Parameters as an object literal without quotes; empty if there are none. */
export function paramsText(params: unknown): string {
  if (params === undefined || params === null) return '';
  if (typeof params !== 'object') return String(params);
  const entries = Object.entries(params).filter(([, value]) => value !== undefined);
  return entries.map(([key, value]) => `${key}: ${valueText(value)}`).join(', ');
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{${paramsText(value)}}`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** The value of a scalar constant. */
export function constantText({ value, size }: GraphNode): string {
  return value !== undefined && size === 1 && !value.isDisposed ? String(value.data()[0]) : '';
}

/**
 * %3 = mul %1 %2 : f64[2, 3] for a leaf, or for the call whose first value is this node; undefined for other values.
 */
export function lineOf(node: GraphNode): string | undefined {
  const { step } = node;
  if (step === undefined)
    return `${nameOf(node)} = ${[node.kind, constantText(node)].filter(Boolean).join(' ')} : ${specText(node)}`;
  if (node.output !== 0) return undefined;
  const params = paramsText(step.params);
  const parts = [step.op.name, ...step.inputs.map(nameOf), ...(params && [`{${params}}`])];
  return `${step.outputs.map(nameOf).join(', ')} = ${parts.join(' ')} : ${step.outputs.map(specText).join(', ')}`;
}

/** The whole graph. */
export function textOf(graph: Graph): string {
  const lines = graph.nodes.map(lineOf).filter((line) => line !== undefined);
  let next = 0;
  const result = graph.structure.print(() => {
    const node = graph.outputs[next++];
    return node === undefined ? '*' : nameOf(node);
  });
  return [...lines, `return ${result}`].join('\n');
}

/** Names of the tensors in the arguments: x1, x2.weight; x if there is only one argument. */
export function inputNames(graph: Graph): string[] {
  const { examples } = graph;
  return examples.flatMap((example, i) => pathsOf(example, examples.length === 1 ? 'x' : `x${i + 1}`));
}

/** Names of the tensors in the result: y, y.grad[0]. */
export function outputNames(graph: Graph): string[] {
  return pathsOf(graph.result, 'y');
}

/** The paths of the tensors in a tree, depth first. */
function pathsOf(tree: Tree, path: string): string[] {
  const { leaves } = flatten(tree);
  if (leaves.length === 0) return [];
  if (leaves.length === 1 && leaves[0] === tree) return [path];
  if (Array.isArray(tree)) return tree.flatMap((part, i) => pathsOf(part, `${path}[${i}]`));
  return Object.entries(tree as Record<string, Tree>).flatMap(([key, part]) =>
    pathsOf(part, `${path}.${key}`),
  );
}
