// overlap: the sum of two tensors that stand in zeros, without the zeros: what reverse mode makes of slices of one tensor.
import { bytesPerElement } from '../core/dtype.js';
import { type Shape, sameShape } from '../core/shape.js';
import { array } from '../generated/array.js';
import { addOp } from '../ops/arithmetic.js';
import type { Op } from '../ops/op.js';
import { type SliceParams, unsliceOp } from '../ops/slice.js';
import type { GraphNode } from './node.js';
import { offsetOfSlice } from './views.js';

/** Where the operands stand in the result, in elements. */
export interface OverlapParams {
  begin: readonly [number, number];
  shape: Shape;
}

/** The row, which only simplified graphs hold. */
export const overlapOp: Op<OverlapParams> = {
  name: 'overlap',
  shape: ([a], { shape }) => ({ shape, dtype: a.dtype }),
  prepare([out], inputs, { begin }, space) {
    const bytes = bytesPerElement(out.dtype);
    const end = begin.map((from, k) => from + inputs[k].size);
    const kernel = (addOp.elementwise as NonNullable<typeof addOp.elementwise>)(out.dtype, [
      out.dtype,
      out.dtype,
    ]);
    const { clear } = array.exports;
    const zero = space.scratch(bytes);
    const bounds = [...new Set([0, ...begin, ...end, out.size])].sort((x, y) => x - y);
    const pieces = bounds.slice(1).map((to, i) => {
      const from = bounds[i];
      const there = [0, 1].filter((k) => begin[k] <= from && from < end[k]);
      // Beside one operand stands a zero: -0 + 0 is 0.
      const strides = there.length === 2 ? [[1], [1]] : [[1], [0]];
      const meta = there.length === 0 ? 0 : space.descriptor({ extents: [to - from], strides });
      const [a, b] = there.map((k) => ({ x: inputs[k], skip: (from - begin[k]) * bytes }));
      return { at: from * bytes, bytes: (to - from) * bytes, meta, a, b };
    });
    return () => {
      const { address } = out;
      clear(bytes, zero);
      for (const { at, bytes: length, meta, a, b } of pieces) {
        if (a === undefined) clear(length, address + at);
        else {
          const second = b === undefined ? zero : b.x.address + b.skip;
          kernel(1, meta, address + at, a.x.address + a.skip, second);
        }
      }
    };
  },
  linear: true,
};

/** A sum of two tensors in zeros as an overlap: its operands and parameters; undefined for any other call. */
export function overlapOf(
  op: Op<unknown>,
  inputs: readonly GraphNode[],
): { operands: readonly GraphNode[]; params: OverlapParams } | undefined {
  if ((op as unknown) !== addOp || !sameShape(inputs[0].shape, inputs[1].shape)) return undefined;
  const [a, b] = inputs.map(windowOf);
  if (a === undefined || b === undefined) return undefined;
  return { operands: [a.node, b.node], params: { begin: [a.begin, b.begin], shape: inputs[0].shape } };
}

/** What stands in zeros, and where; an overlap may overlap again. */
function windowOf(node: GraphNode): { node: GraphNode; begin: number } | undefined {
  const op = node.step?.op as unknown;
  if (op === overlapOp) return { node, begin: 0 };
  if (op !== unsliceOp) return undefined;
  const [x] = node.inputs;
  const begin = offsetOfSlice(node.shape, { ...(node.params as SliceParams), shape: x.shape });
  return begin === undefined ? undefined : { node: x, begin };
}
