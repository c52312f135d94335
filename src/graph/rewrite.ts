// Arithmetic in fewer steps: signs and doublings go into numbers, sums and differences. Results keep their bits but for the sign of a
// NaN, and where a doubling alone would overflow.
import type { DType } from '../core/dtype.js';
import { addOp, mulOp, negOp, subOp } from '../ops/arithmetic.js';
import type { Op } from '../ops/op.js';
import type { GraphNode } from './node.js';

/** An operand: a node, a number, or a number times a node. */
export type Rewritten = GraphNode | number | { readonly factor: number; readonly node: GraphNode };

/** What takes the place of a call. */
export interface Rewrite {
  readonly op: Op;
  readonly inputs: readonly Rewritten[];
}

/** The number that a node is, for scalars that are constants. */
function numberOf(node: GraphNode): number | undefined {
  return node.shape.length === 0 ? node.known?.data()[0] : undefined;
}

/** x for -x. */
function negated(node: GraphNode, epoch: number): GraphNode | undefined {
  return isCall(node, negOp, epoch) ? node.inputs[0] : undefined;
}

/** A call of the same epoch: what a checkpoint computes again is not to be read from before. */
function isCall({ step }: GraphNode, op: Op, epoch: number): boolean {
  return (step?.op as unknown) === op && step?.epoch === epoch;
}

/** c and x for c x. */
function product(node: GraphNode, epoch: number): { factor: number; node: GraphNode } | undefined {
  if (!isCall(node, mulOp, epoch)) return undefined;
  const [a, b] = node.inputs;
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right === undefined) return { factor: left, node: b };
  return right !== undefined && left === undefined ? { factor: right, node: a } : undefined;
}

/** A cheaper call in the place of one on these operands, or undefined. */
export function rewrite(op: Op<unknown>, inputs: readonly GraphNode[], epoch: number): Rewrite | undefined {
  const [a, b] = inputs;
  switch (op as unknown) {
    case negOp: {
      const inner = product(a, epoch);
      return inner && { op: mulOp, inputs: [-inner.factor, inner.node] };
    }
    case addOp: {
      const [x, y] = [negated(a, epoch), negated(b, epoch)];
      if (y !== undefined) return { op: subOp, inputs: [a, y] };
      return x && { op: subOp, inputs: [b, x] };
    }
    case subOp: {
      const y = negated(b, epoch);
      return y && { op: addOp, inputs: [a, y] };
    }
    case mulOp:
      return multiplied(a, b, epoch) ?? multiplied(b, a, epoch);
    default:
      return undefined;
  }
}

/** a b where a is a number or -x, or where both are a number times something. */
function multiplied(a: GraphNode, b: GraphNode, epoch: number): Rewrite | undefined {
  const number = numberOf(a);
  const [x, y] = [negated(a, epoch), negated(b, epoch)];
  const inner = product(b, epoch);
  if (number !== undefined) {
    if (y !== undefined) return { op: mulOp, inputs: [-number, y] };
    const factor = inner && scaled(number, inner.factor, b.dtype);
    return factor === undefined || inner === undefined
      ? undefined
      : { op: mulOp, inputs: [factor, inner.node] };
  }
  if (x !== undefined) {
    if (y !== undefined) return { op: mulOp, inputs: [x, y] };
    return inner && { op: mulOp, inputs: [x, { factor: -inner.factor, node: inner.node }] };
  }
  const outer = product(a, epoch);
  if (outer === undefined || inner === undefined) return undefined;
  const both = scaled(outer.factor, inner.factor, b.dtype);
  return both === undefined
    ? undefined
    : { op: mulOp, inputs: [{ factor: both, node: outer.node }, inner.node] };
}

/** c d where d is a doubling, so that c (d x) is (c d) x to the bit. */
function scaled(c: number, d: number, dtype: DType): number | undefined {
  if (dtype === 'i32' || Math.abs(d) < 1 || !Number.isInteger(Math.log2(Math.abs(d)))) return undefined;
  const factor = c * d;
  return Number.isFinite(dtype === 'f32' ? Math.fround(factor) : factor) ? factor : undefined;
}
