// Adds two zero-padded tensors without materialising the padding (arises from gradients of slices).
import { bytesPerElement } from '../core/dtype.js';
import { type Shape, sameShape } from '../core/shape.js';
import { array } from '../generated/array.js';
import type { Op, Rewrite, RewriteOperand } from './op.js';

/** Offsets of the operands in the result, in elements. */
export interface OverlapParams {
  begin: readonly [number, number];
  shape: Shape;
}

/** Row of the table; only simplified graphs hold it. */
export const overlapOp: Op<OverlapParams> = {
  name: 'overlap',
  shape: ([a], { shape }) => ({ shape, dtype: a.dtype }),
  prepare([out], inputs, { begin }, space) {
    const bytes = bytesPerElement(out.dtype);
    const end = begin.map((from, k) => from + inputs[k].size);
    const { clear, [`add_${out.dtype}` as const]: add } = array.exports;
    const zero = space.scratch(bytes);
    const bounds = [...new Set([0, ...begin, ...end, out.size])].sort((x, y) => x - y);
    const pieces = bounds.slice(1).map((to, i) => {
      const from = bounds[i];
      const there = [0, 1].filter((k) => begin[k] <= from && from < end[k]);
      // Where only one operand has an element, a zero is added to it: -0 + 0 is 0.
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
          add(1, meta, address + at, a.x.address + a.skip, second);
        }
      }
    };
  },
  linear: true,
};

/** A sum of two padded tensors as an overlap; undefined for any other sum. */
export function overlapOf([a, b]: readonly RewriteOperand[]): Rewrite | undefined {
  if (!sameShape(a.shape, b.shape)) return undefined;
  const [x, y] = [windowOf(a), windowOf(b)];
  if (x === undefined || y === undefined) return undefined;
  const params: OverlapParams = { begin: [x.begin, y.begin], shape: a.shape };
  return { op: overlapOp, inputs: [x.operand, y.operand], params };
}

/** The tensor between the zeros, and its offset; an overlap may overlap again. */
function windowOf(node: RewriteOperand): { operand: RewriteOperand; begin: number } | undefined {
  const { op, params, shape } = node;
  if ((op as unknown) === overlapOp) return { operand: node, begin: 0 };
  if (op?.embed === undefined) return undefined;
  const [operand] = node.inputs;
  const begin = op.embed(params, operand.shape, shape);
  return begin === undefined ? undefined : { operand, begin };
}
