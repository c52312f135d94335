// The square of a norm: differentiable at 0, which products of derivatives of the norm are not.
import { filled } from '../core/create.js';
import type { Tensor } from '../core/tensor.js';
import { mul, mulOp } from './arithmetic.js';
import { apply, type Op } from './op.js';
import { powOp } from './power.js';
import { keepAxes } from './reduce.js';
import { squareOp } from './roots.js';
import { sum } from './sum.js';
import { Tracer } from './tracer.js';

/** How the product of two norms, or multiples of them, is computed. */
type By = 'square' | 'mul' | 'pow';

const ROWS: Record<By, Op> = { square: squareOp, mul: mulOp, pow: powOp };

interface SquareParams {
  readonly by: By;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  /** c in c ‖x‖². */
  readonly factor: number;
}

/**
 * Row of the table: c ‖x‖² from x and the operands of the product, norms of x or multiples of them: its bits are those of the product,
 * its derivative 2 c x.
 */
export const squaredNormOp: Op<SquareParams> = {
  name: 'squaredNorm',
  shape: ([, y]) => y,
  prepare: (outputs, [, ...operands], { by }, space) =>
    (ROWS[by] as Required<Op>).prepare(outputs, operands, undefined, space),
  jvp: ([t], { inputs: [x], params: { axes, keepDims, factor } }) =>
    t && sum(mul(mul(2 * factor, x), t), { axis: axes, keepDims }),
  vjp: ([ct], { inputs: [x], params: { axes, factor } }) => [
    mul(keepAxes(mul(2 * factor, ct as Tensor), x.shape, axes), x),
  ],
};

/** Marks y as the norm of x, for products. */
export function markNorm(
  y: Tensor,
  x: Tensor,
  { axes, keepDims }: Omit<SquareParams, 'by' | 'factor'>,
): Tensor {
  if (!(y instanceof Tracer)) return y;
  y.norm = {
    of: x,
    axes: `${axes.join()},${keepDims}`,
    factor: 1,
    product(by, operands, factor) {
      const params = { by, axes, keepDims, factor };
      if (by !== 'pow') return apply(squaredNormOp, [x, ...operands], params);
      const two = filled('pow', [], 2, x.dtype);
      try {
        return apply(squaredNormOp, [x, ...operands, two], params);
      } finally {
        two.dispose();
      }
    },
  };
  return y;
}
