// cumsum: cumulative sums along an axis.
import { checkFlag } from '../core/check.js';
import type { OptionNames } from '../core/options.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { reduce } from '../generated/reduce.js';
import { apply, type Op } from './op.js';
import { type AlongOptions, alongAxis } from './softmax.js';

/** Options of `cumsum`. */
export interface CumsumOptions extends AlongOptions {
  /** Start at the last element; default false. */
  reverse?: boolean;
}

const CUMSUM_OPTIONS: OptionNames<CumsumOptions> = { axis: true, reverse: true };

/** Row of the table; a scalar has no axes and is its own sum. */
export const cumsumOp: Op<{ axes: readonly number[]; reverse: boolean }> = {
  name: 'cumsum',
  shape: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  prepare([out], [x], { axes: [axis = x.ndim], reverse }) {
    const kernel = reduce.exports[`cumsum_${x.dtype}`];
    const n = x.shape[axis] ?? 1;
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + 1));
    return () => kernel(outer, n, inner, reverse ? 1 : 0, out.address, x.address);
  },
  linear: true,
  batch: ({ axes, reverse }) => ({ axes: axes.map((axis) => axis + 1), reverse }),
  vjp: ([ct], { params: { axes, reverse } }) => [
    apply(cumsumOp, [ct as Tensor], { axes, reverse: !reverse }),
  ],
};

/**
 * The cumulative sums x_0, x_0 + x_1, … along one axis.
 * @param x a tensor of f64, f32 or i32 (wraps around).
 * @param options `axis`: default the last one; `reverse`: sum from the end instead.
 * @throws ArgumentError for an axis out of range.
 * @example
 * cumsum(tensor([[1, 2, 3], [4, 5, 6]])); // [[1, 3, 6], [4, 9, 15]]
 * cumsum(tensor([1, 2, 3]), { reverse: true }); // [6, 5, 3]
 */
export function cumsum(x: Tensor, options: CumsumOptions = {}): Tensor {
  const axes = alongAxis('cumsum', x, options, CUMSUM_OPTIONS);
  const { reverse = false } = options;
  checkFlag('cumsum', 'reverse', reverse);
  return apply(cumsumOp, [x], { axes, reverse });
}
