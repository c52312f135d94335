// Runs a linear map on a block of tangents at once: every value that depends on them has one more leading axis.

import type { Graph } from '../compiler/graph.js';
import type { Call, GraphNode } from '../compiler/node.js';
import { MAXIMUM_AXES } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { reshape } from '../ops/layout.js';
import { applyAll } from '../ops/op.js';
import { broadcastTo } from '../ops/sum.js';

/**
 * The map for a block. It takes the tangents, with a leading axis of `width`, and values for some of the constants; its
 * results have that axis, too. Undefined if a row has no batching rule.
 */
export function blockOf(
  graph: Graph,
  width: number,
): ((tangents: readonly Tensor[], values: Map<GraphNode, Tensor>) => Tensor[]) | undefined {
  const moving = new Set<GraphNode>(graph.inputs);
  /** Parameters of the structural calls that depend on the tangents. */
  const batched = new Map<Call, unknown>();
  for (const step of graph.steps) {
    const { op, params, inputs, outputs } = step;
    if (!inputs.some((node) => moving.has(node))) continue;
    if (op.elementwise === undefined) {
      const found = op.batch?.(params, width, outputs[0].shape, inputs.length);
      if (found === undefined) return undefined;
      batched.set(step, found);
    }
    for (const node of outputs) moving.add(node);
  }
  if (graph.nodes.some(({ shape }) => shape.length >= MAXIMUM_AXES)) return undefined;
  return (tangents, values) => {
    graph.inputs.forEach((node, i) => void values.set(node, tangents[i]));
    const tensorOf = (node: GraphNode) => values.get(node) ?? (node.value as Tensor);
    /**
     * A block whose parts are padded to `rank` axes with extents of 1 in front; other values are broadcast to it.
     */
    const wide = (node: GraphNode, rank: number) => {
      const { shape } = node;
      const ones = new Array<number>(rank - shape.length).fill(1);
      if (moving.has(node))
        return rank === shape.length ? tensorOf(node) : reshape(tensorOf(node), [width, ...ones, ...shape]);
      return broadcastTo(tensorOf(node), [width, ...ones, ...shape]);
    };
    for (const step of graph.steps) {
      const { op, params, inputs, outputs } = step;
      const [{ shape }] = outputs;
      const isMoving = moving.has(outputs[0]);
      const isAligned = op.elementwise !== undefined || op.repeats === true;
      const list = inputs.map((node) => {
        if (!isMoving || (op.elementwise !== undefined && !moving.has(node))) return tensorOf(node);
        return wide(node, isAligned ? shape.length : node.shape.length);
      });
      const results = applyAll(op, list, batched.has(step) ? batched.get(step) : params);
      outputs.forEach((node, i) => void values.set(node, results[i]));
    }
    return graph.outputs.map((node) => wide(node, node.shape.length));
  };
}
