// Views: values that lie in the memory of another one, at an offset.
import { bytesPerElement } from '../core/dtype.js';
import type { Graph } from './graph.js';
import type { GraphNode } from './node.js';

/** True if the row only gives a value another shape or handle: nothing ever runs. */
function isAlias({ step }: GraphNode): boolean {
  return step !== undefined && step.op.prepare === undefined;
}

/**
 * Marks the steps that need not run. Views of arguments and constants are used whenever the row allows it; views of
 * computed values only if they do not keep much more memory alive than their own and are not results, which get their
 * own memory.
 * @param alignment bytes: views that begin elsewhere than at a multiple of this are copied.
 */
export function markViews(graph: Graph, alignment = 1): void {
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
    if (offset === undefined) continue;
    const total = (x.step?.view?.offset ?? 0) + offset;
    if ((total * bytesPerElement(x.dtype)) % alignment === 0) step.view = { root, offset: total };
  }
}

/** The value in whose memory a node lies: itself, or the value that it is a view of. */
export function rootOf(node: GraphNode): GraphNode {
  return node.step?.view?.root ?? node;
}

/** Bytes from the start of the root's value to the node's. */
export function offsetInRoot(node: GraphNode): number {
  return (node.step?.view?.offset ?? 0) * bytesPerElement(node.dtype);
}
