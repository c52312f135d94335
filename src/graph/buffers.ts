// Which values need memory, from when to when, and which may be written over what they are made of.
import { bytesPerElement } from '../core/dtype.js';
import type { Graph } from './graph.js';
import type { GraphNode } from './node.js';
import { aligned, type Buffer } from './offsets.js';
import type { KernelGroup } from './schedule.js';
import { rootOf } from './views.js';

/** The buffers of a program. */
export interface BufferPlan {
  /** By root: values, views merged with what they are views of. */
  readonly of: ReadonlyMap<GraphNode, Buffer>;
  /** Scratch of each unit that needs any. */
  readonly scratch: ReadonlyMap<KernelGroup, Buffer>;
  /** Copies of results that are arguments or constants, by position in the result. */
  readonly copies: ReadonlyMap<number, Buffer>;
  readonly all: readonly Buffer[];
  /** What is written over which of its operands. */
  readonly inPlace: ReadonlyMap<GraphNode, GraphNode>;
}

/** Bytes of a value. */
export function byteLength({ size, dtype }: GraphNode): number {
  return size * bytesPerElement(dtype);
}

/** Lifetimes in units; `scratch` is how many bytes each unit asks for beside its operands. */
export function planBuffers(
  graph: Graph,
  units: readonly KernelGroup[],
  scratch: readonly number[],
): BufferPlan {
  const after = units.length;
  const end = new Map<GraphNode, number>();
  units.forEach(({ read, written }, t) => {
    for (const node of [...read, ...written]) end.set(rootOf(node), t);
  });
  for (const node of graph.outputs) end.set(rootOf(node), after);

  const of = new Map<GraphNode, Buffer>();
  const all: Buffer[] = [];
  const inPlace = new Map<GraphNode, GraphNode>();
  const add = (bytes: number, start: number, stop: number): Buffer => {
    const buffer = { bytes: aligned(Math.max(1, bytes)), start, end: stop, offset: 0 };
    all.push(buffer);
    return buffer;
  };
  const needs = new Map<KernelGroup, Buffer>();
  units.forEach((unit, t) => {
    const taken = new Set<GraphNode>();
    for (const node of unit.written) {
      const under = operandUnder(
        unit,
        node,
        (root) => end.get(root) === t && of.has(root) && !taken.has(root),
      );
      const buffer = under === undefined ? undefined : of.get(rootOf(under));
      if (under === undefined || buffer === undefined)
        of.set(node, add(byteLength(node), t, end.get(node) as number));
      else {
        taken.add(rootOf(under));
        buffer.end = end.get(node) as number;
        of.set(node, buffer);
        inPlace.set(node, under);
      }
    }
    if (scratch[t] > 0) needs.set(unit, add(scratch[t], t, t));
  });
  const copies = new Map<number, Buffer>();
  graph.outputs.forEach((node, i) => {
    const root = rootOf(node);
    if (root.kind !== 'operation') copies.set(i, add(byteLength(node), after, after));
    // Results without elements are computed by nobody.
    else if (!of.has(root)) of.set(root, add(byteLength(root), after, after));
  });
  return { of, scratch: needs, copies, all, inPlace };
}

/** An operand over which an elementwise unit may write a result: read for the last time, element by element, not after that. */
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
