// flip reverses axes; roll shifts elements cyclically.
import { checkArray } from '../core/check.js';
import { describe } from '../core/describe.js';
import { bytesPerElement } from '../core/dtype.js';
import { ArgumentError } from '../core/errors.js';
import { checkAxes, checkAxis, mergeAxes, sizeOf, stridesOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { describeCopy } from './copy.js';
import { reshape } from './layout.js';
import { apply, checkTensor, type Op } from './op.js';

/** Row of the table; its own transpose. */
export const flipOp: Op<{ axes: readonly number[] }> = {
  name: 'flip',
  shape: ([x]) => x,
  prepare([out], [x], { axes }, space) {
    const own = stridesOf(x.shape);
    const from = axes.reduce((sum, axis) => sum + (x.shape[axis] - 1) * own[axis], 0);
    const backwards = own.map((stride, i) => (axes.includes(i) ? -stride : stride));
    return describeCopy(out, 0, x, from, mergeAxes(x.shape, [own, backwards], 2), space);
  },
  linear: true,
  batch: ({ axes }) => ({ axes: axes.map((axis) => axis + 1) }),
  vjp: ([ct], { params }) => [apply(flipOp, [ct as Tensor], params)],
};

/** Row of the table: element i goes to i + shift, 0 <= shift < extent. */
export const rollOp: Op<{ axis: number; shift: number }> = {
  name: 'roll',
  shape: ([x]) => x,
  prepare([out], [x], { axis, shift }) {
    const { copy_blocks } = array.exports;
    const count = sizeOf(x.shape.slice(0, axis));
    const slab = sizeOf(x.shape.slice(axis + 1)) * bytesPerElement(x.dtype);
    const pitch = x.shape[axis] * slab;
    const [head, tail] = [shift * slab, pitch - shift * slab];
    return () => {
      copy_blocks(count, tail, out.address + head, pitch, x.address, pitch);
      copy_blocks(count, head, out.address, pitch, x.address + tail, pitch);
    };
  },
  linear: true,
  batch: ({ axis, shift }) => ({ axis: axis + 1, shift }),
  vjp: ([ct], { inputs: [x], params: { axis, shift } }) => [
    apply(rollOp, [ct as Tensor], { axis, shift: shift === 0 ? 0 : x.shape[axis] - shift }),
  ],
};

/**
 * x with the order of the elements reversed along axes.
 * @param x shape [...], any dtype.
 * @param axes default all; negative ones count from the end.
 * @throws ArgumentError for an axis out of range or named twice.
 * @example
 * flip(tensor([[1, 2], [3, 4]]), 1); // [[2, 1], [4, 3]]
 */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('flip', 'x', x);
  return apply(flipOp, [x], { axes: checkAxes('flip', axes, x.ndim) });
}

/** `shift` as a position on an axis. */
function onAxis(shift: number, extent: number): number {
  if (!Number.isInteger(shift))
    throw new ArgumentError(`roll: shift must be an integer, got ${describe(shift)}`);
  const rest = extent === 0 ? 0 : shift % extent;
  return rest < 0 ? rest + extent : rest === 0 ? 0 : rest;
}

/**
 * x with its elements shifted by `shift` along axes; elements that leave at one end enter at the other.
 * @param x shape [...], any dtype.
 * @param shift positions towards the end, for each axis, or one for all of them; may be negative.
 * @param axis one axis or several; without it, elements are shifted in row-major order, as if on one axis.
 * @throws ArgumentError for a shift that is not an integer, an axis out of range, or shifts that do not match the axes.
 * @example
 * roll(tensor([1, 2, 3, 4]), 1); // [4, 1, 2, 3]
 * roll(tensor([[1, 2], [3, 4]]), [1, 1], [0, 1]); // [[4, 3], [2, 1]]
 */
export function roll(
  x: Tensor,
  shift: number | readonly number[],
  axis?: number | readonly number[],
): Tensor {
  checkTensor('roll', 'x', x);
  if (axis === undefined) {
    if (typeof shift !== 'number')
      throw new ArgumentError(
        `roll: shift must be one integer where no axis is named, got ${describe(shift)}`,
      );
    const by = onAxis(shift, x.size);
    const flat = reshape(x, [x.size]);
    let rolled: Tensor | undefined;
    try {
      rolled = apply(rollOp, [flat], { axis: 0, shift: by });
      return reshape(rolled, x.shape);
    } finally {
      rolled?.dispose();
      flat.dispose();
    }
  }
  if (typeof axis !== 'number') checkArray('roll', 'axis', axis);
  const axes = (typeof axis === 'number' ? [axis] : [...axis]).map((a) => checkAxis('roll', a, x.ndim));
  const shifts = typeof shift === 'number' ? axes.map(() => shift) : shift;
  if (!Array.isArray(shifts) || shifts.length !== axes.length) {
    throw new ArgumentError(
      `roll: shift must be an integer or one for each of ${axes.length} axes, got ${describe(shift)}`,
    );
  }
  // An axis that is named twice is rolled by both shifts.
  const steps = axes.map((a, i) => ({ axis: a, shift: onAxis(shifts[i], x.shape[a]) }));
  const moves = steps.filter((step) => step.shift > 0);
  if (moves.length === 0) return roll(x, 0);
  let result = apply(rollOp, [x], moves[0]);
  for (const move of moves.slice(1)) {
    const before = result;
    try {
      result = apply(rollOp, [before], move);
    } finally {
      before.dispose();
    }
  }
  return result;
}
