// Views: values that lie in the memory of another one, at an offset.
import { bytesPerElement } from '../core/dtype.js';
import type { Graph } from './graph.js';
import type { GraphNode } from './node.js';

/** True where the row only gives a value another shape or handle: nothing ever runs. */
function isAlias({ step }: GraphNode): boolean {
  return step !== undefined && step.op.prepare === undefined;
}

/**
 * Marks the steps that need not run. Views of arguments and constants are taken wherever the row has them; of computed values
 * only those that do not keep much more alive than themselves and are not results, whose memory should be their own.
 */
export function markViews(graph: Graph): void {
  const returned = new Set<GraphNode>();
  for (const output of graph.outputs) {
    for (let node = output; !returned.has(node); node = node.inputs[0]) {
      returned.add(node);
      if (!isAlias(node) && node.step?.op.view === undefined) break;
    }
  }
  for (const step of graph.steps) {
    const { op, params, inputs, outputs } = step;
    if (op.prepare !== undefined && op.view === undefined) continue;
    const [x] = inputs;
    const [out] = outputs;
    const root = rootOf(x);
    const isFree = op.prepare === undefined || root.kind !== 'operation';
    if (!isFree && (returned.has(out) || 2 * out.size < root.size)) continue;
    const offset = op.view === undefined ? 0 : op.view(params, x.shape);
    if (offset !== undefined) step.view = { root, offset: (x.step?.view?.offset ?? 0) + offset };
  }
}

/** The value whose memory a node's value lies in: itself, or what it is a view of. */
export function rootOf(node: GraphNode): GraphNode {
  return node.step?.view?.root ?? node;
}

/** Bytes from where the root's value begins to where a node's does. */
export function offsetInRoot(node: GraphNode): number {
  return (node.step?.view?.offset ?? 0) * bytesPerElement(node.dtype);
}
