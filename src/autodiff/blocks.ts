// A linear map on a block of tangents at once: every value that depends on them has one more leading axis, their number.
import { MAXIMUM_AXES, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Graph } from '../graph/graph.js';
import type { GraphNode } from '../graph/node.js';
import { broadcastOp, broadcastTo } from '../ops/broadcast.js';
import { concatOp, splitOp } from '../ops/concat.js';
import { flipOp, rollOp } from '../ops/flip.js';
import { reshape, reshapeOp, transposeOp } from '../ops/layout.js';
import { applyAll, type Op } from '../ops/op.js';
import { padOp, padTransposeOp } from '../ops/pad.js';
import { sumOp } from '../ops/reduce.js';
import { sliceOp, unsliceOp } from '../ops/slice.js';

/** Parameters under which an operation does with every part of a block what it did with one tensor; `shape` of its result. */
type Rule = (params: never, width: number, shape: Shape) => unknown;

const later = (axes: readonly number[]) => axes.map((axis) => axis + 1);

/** Each gives every part the bits that it would have alone. Elementwise operations need none: only ranks are aligned. */
function rulesOfBlocks(): Map<unknown, Rule> {
  const rules = new Map<unknown, Rule>();
  const add = <P>(ops: readonly Op<P>[], rule: (params: P, width: number, shape: Shape) => P) => {
    for (const op of ops) rules.set(op, rule as Rule);
  };
  add([sliceOp, unsliceOp], ({ begin, step, shape }, width) => ({
    begin: [0, ...begin],
    step: [1, ...step],
    shape: [width, ...shape],
  }));
  add([padOp, padTransposeOp], ({ widths, mode }) => ({ widths: [[0, 0] as const, ...widths], mode }));
  add([reshapeOp, broadcastOp], (_, width, shape) => ({ shape: [width, ...shape] }));
  add([transposeOp], ({ axes }) => ({ axes: [0, ...later(axes)] }));
  add([flipOp], ({ axes }) => ({ axes: later(axes) }));
  add([rollOp], ({ axis, shift }) => ({ axis: axis + 1, shift }));
  add([concatOp], ({ axis }) => ({ axis: axis + 1 }));
  add([splitOp], ({ axis, sizes }) => ({ axis: axis + 1, sizes }));
  add([sumOp], ({ axes, keepDims }) => ({ axes: later(axes), keepDims }));
  return rules;
}

/**
 * The map for a block: takes the tangents with a leading axis of `width`, and values of some of the constants, to results with
 * that axis. Undefined where it does what has no rule.
 */
export function blockOf(
  graph: Graph,
  width: number,
): ((tangents: readonly Tensor[], values: Map<GraphNode, Tensor>) => Tensor[]) | undefined {
  const rules = rulesOfBlocks();
  const moving = new Set<GraphNode>(graph.inputs);
  for (const { op, inputs, outputs } of graph.steps) {
    if (!inputs.some((node) => moving.has(node))) continue;
    // A value to pad with has no axes, so that it would have to be another one in every part.
    const isPadded = (op as unknown) === padOp && inputs.length > 1;
    if ((op.elementwise === undefined && !rules.has(op)) || isPadded) return undefined;
    for (const node of outputs) moving.add(node);
  }
  if (graph.nodes.some(({ shape }) => shape.length >= MAXIMUM_AXES)) return undefined;
  return (tangents, values) => {
    graph.inputs.forEach((node, i) => void values.set(node, tangents[i]));
    const tensorOf = (node: GraphNode) => values.get(node) ?? (node.value as Tensor);
    /** A block whose parts have `rank` axes, with extents of 1 in front; what is the same for all parts, once for each. */
    const wide = (node: GraphNode, rank: number) => {
      const { shape } = node;
      const ones = new Array<number>(rank - shape.length).fill(1);
      if (moving.has(node))
        return rank === shape.length ? tensorOf(node) : reshape(tensorOf(node), [width, ...ones, ...shape]);
      return broadcastTo(tensorOf(node), [width, ...ones, ...shape]);
    };
    for (const { op, params, inputs, outputs } of graph.steps) {
      const [{ shape }] = outputs;
      const isMoving = moving.has(outputs[0]);
      const isAligned = op.elementwise !== undefined || (op as unknown) === broadcastOp;
      const list = inputs.map((node) => {
        if (!isMoving || (op.elementwise !== undefined && !moving.has(node))) return tensorOf(node);
        return wide(node, isAligned ? shape.length : node.shape.length);
      });
      const rule = isMoving ? rules.get(op) : undefined;
      const results = applyAll(op, list, rule === undefined ? params : rule(params as never, width, shape));
      outputs.forEach((node, i) => void values.set(node, results[i]));
    }
    return graph.outputs.map((node) => wide(node, node.shape.length));
  };
}
