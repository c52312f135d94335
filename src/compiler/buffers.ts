// Which values need memory, during which groups, and which may overwrite an operand.
import { bytesPerElement } from '../core/dtype.js';
import type { Graph } from './graph.js';
import type { GraphNode } from './node.js';
import { aligned, type Buffer } from './offsets.js';
import type { KernelGroup } from './schedule.js';
import { rootOf } from './views.js';

/** The buffers of a layout. */
export interface BufferPlan {
  /** By the id of the root: values; views share the buffer of what they are views of. */
  readonly of: readonly (Buffer | undefined)[];
  /** By position in the order: scratch of each group that needs any. */
  readonly scratch: readonly (Buffer | undefined)[];
  /** By position in the result: copies of results that are arguments or constants. */
  readonly copies: readonly (Buffer | undefined)[];
  readonly all: readonly Buffer[];
  /** By id: the operand that a value overwrites. */
  readonly inPlace: readonly (GraphNode | undefined)[];
}

/** Bytes of a value. */
export function byteLength({ size, dtype }: GraphNode): number {
  return size * bytesPerElement(dtype);
}

/**
 * Lifetimes, counted in groups.
 * @param scratch the bytes of scratch that each group needs.
 * @param alignment of every buffer, in bytes.
 */
export function planBuffers(
  graph: Graph,
  groups: readonly KernelGroup[],
  scratch: readonly number[],
  alignment: number,
): BufferPlan {
  const after = groups.length;
  const count = graph.nodes.length;
  /** By root: the last group that touches it. */
  const end = new Int32Array(count).fill(-1);
  groups.forEach(({ read, written }, t) => {
    for (const node of read) end[rootOf(node).id] = t;
    for (const node of written) end[rootOf(node).id] = t;
  });
  for (const node of graph.outputs) end[rootOf(node).id] = after;

  const of = new Array<Buffer | undefined>(count).fill(undefined);
  const inPlace = new Array<GraphNode | undefined>(count).fill(undefined);
  const all: Buffer[] = [];
  const add = (bytes: number, start: number, stop: number): Buffer => {
    const buffer = { bytes: aligned(Math.max(1, bytes), alignment), start, end: stop, offset: 0 };
    all.push(buffer);
    return buffer;
  };
  const needs = groups.map((group, t) => {
    const taken: GraphNode[] = [];
    const isFree = (root: GraphNode) =>
      end[root.id] === t && of[root.id] !== undefined && !taken.includes(root);
    for (const node of group.written) {
      const under = operandUnder(group, node, isFree);
      if (under === undefined) {
        of[node.id] = add(byteLength(node), t, end[node.id]);
        continue;
      }
      const buffer = of[rootOf(under).id] as Buffer;
      taken.push(rootOf(under));
      buffer.end = end[node.id];
      of[node.id] = buffer;
      inPlace[node.id] = under;
    }
    return scratch[t] > 0 ? add(scratch[t], t, t) : undefined;
  });
  const copies = graph.outputs.map((node) => {
    const root = rootOf(node);
    if (root.kind !== 'operation') return add(byteLength(node), after, after);
    // No group computes results without elements.
    of[root.id] ??= add(byteLength(root), after, after);
    return undefined;
  });
  return { of, scratch: needs, copies, all, inPlace };
}

/**
 * An operand that an elementwise group may overwrite with a result: this is its last use, and it is read element by
 * element.
 */
function operandUnder(
  { steps, read }: KernelGroup,
  node: GraphNode,
  isFree: (root: GraphNode) => boolean,
): GraphNode | undefined {
  if (steps.some(({ op, outputs }) => op.elementwise === undefined || outputs.length !== 1)) return undefined;
  const at = steps.findIndex(({ outputs }) => outputs[0] === node);
  const fits = (other: GraphNode) =>
    other.size === node.size && bytesPerElement(other.dtype) === bytesPerElement(node.dtype);
  return read.find((operand) => {
    const root = rootOf(operand);
    if (!isFree(root) || !fits(root)) return false;
    const same = read.filter((other) => rootOf(other) === root);
    return same.every(
      (other) => fits(other) && steps.every(({ inputs }, i) => i <= at || !inputs.includes(other)),
    );
  });
}
