// Views: values that lie in the memory of another one, at an offset.
import { bytesPerElement } from '../core/dtype.js';
import { type Shape, sizeOf, stridesOf } from '../core/shape.js';
import { type SliceParams, sliceOp } from '../ops/slice.js';
import type { Graph } from './graph.js';
import type { GraphNode } from './node.js';

/** Where in a dense tensor of shape `large` a slice begins, in elements, if its own elements follow on each other there. */
export function offsetOfSlice(large: Shape, { begin, step, shape }: SliceParams): number | undefined {
  if (sizeOf(shape) === 0) return undefined;
  const strides = stridesOf(large);
  let [offset, whole] = [0, true];
  for (let i = large.length - 1; i >= 0; i--) {
    // Outside of an axis that is taken in part there is one element.
    if (shape[i] > 1 && (step[i] !== 1 || !whole)) return undefined;
    whole &&= shape[i] === large[i];
    offset += begin[i] * strides[i];
  }
  return offset;
}

/**
 * Marks the steps that need not run. Slices of arguments and constants are views where they can be; of what is computed only
 * those that do not keep much more alive than themselves, and that are no results, whose memory should be their own.
 */
export function markViews(graph: Graph): void {
  const returned = new Set<GraphNode>();
  for (const output of graph.outputs) {
    for (let node = output; ; node = node.inputs[0]) {
      returned.add(node);
      if (node.step === undefined || (node.step.op.prepare !== undefined && !isSlice(node))) break;
    }
  }
  for (const step of graph.steps) {
    const [out] = step.outputs;
    if (step.op.prepare === undefined) step.view = 0;
    else if (isSlice(out)) {
      const [x] = step.inputs;
      const root = rootOf(x);
      const isCheap = root.kind !== 'operation' || (!returned.has(out) && 2 * out.size >= root.size);
      step.view = isCheap ? offsetOfSlice(x.shape, step.params as SliceParams) : undefined;
    }
  }
}

function isSlice({ step }: GraphNode): boolean {
  return (step?.op as unknown) === sliceOp;
}

/** The value whose memory a node's value lies in: itself, or what it is a view of. */
export function rootOf(node: GraphNode): GraphNode {
  let root = node;
  while (root.step?.view !== undefined) root = root.step.inputs[0];
  return root;
}

/** Bytes from where the root's value begins to where a node's does. */
export function offsetInRoot(node: GraphNode): number {
  let offset = 0;
  for (let at = node; at.step?.view !== undefined; at = at.step.inputs[0]) offset += at.step.view;
  return offset * bytesPerElement(node.dtype);
}
