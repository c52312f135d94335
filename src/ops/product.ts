// prod: the product over axes. Its derivative multiplies all other elements, so that it is right with zeros.
import { ones } from '../core/create.js';
import type { Tensor } from '../core/tensor.js';
import { reduce } from '../generated/reduce.js';
import { mul, mulAlong } from './arithmetic.js';
import { concat, split } from './concat.js';
import { reshape, transpose } from './layout.js';
import { apply, type Op } from './op.js';
import {
  keepAxes,
  prepareRuns,
  type ReduceOptions,
  type ReduceParams,
  reducedShape,
  reduceParams,
} from './reduce.js';
import { sum } from './sum.js';

/**
 * For every element the product of all others along an axis: multiplies pairs until one product is left; on the way
 * back each element gets the result of its pair, times its partner.
 */
function othersAlong(x: Tensor, axis: number): Tensor {
  const n = x.shape[axis];
  if (n <= 1) return ones(x.shape, { dtype: x.dtype });
  const half = n >> 1;
  const rest = n - 2 * half;
  const [a, b, last] = split(x, [half, half, rest], axis);
  const parents = othersAlong(concat([mul(a, b), last], axis), axis);
  const [pairs, single] = split(parents, [half, rest], axis);
  return concat([mul(pairs, b), mul(pairs, a), single], axis);
}

/** The same over several axes, which are moved together to the end. */
function others(x: Tensor, axes: readonly number[]): Tensor {
  if (axes.length === 0) return ones(x.shape, { dtype: x.dtype });
  if (axes.length === 1 || x.size === 0) return othersAlong(x, axes[0]);
  const order = [...[...x.shape.keys()].filter((axis) => !axes.includes(axis)), ...axes];
  const moved = transpose(x, order);
  const kept = moved.shape.slice(0, x.ndim - axes.length);
  const result = othersAlong(reshape(moved, [...kept, -1]), kept.length);
  return transpose(
    reshape(result, moved.shape),
    order.map((_, i) => order.indexOf(i)),
  );
}

/** Row of the table. */
export const prodOp: Op<ReduceParams> = {
  name: 'prod',
  shape: ([x], params) => ({ shape: reducedShape(x.shape, params), dtype: x.dtype }),
  prepare: ([out], [x], { axes }, space) =>
    prepareRuns(out, x, axes, space, 1, () => reduce.exports[`prod_${x.dtype}`]),
  jvp: ([t], { inputs: [x], params: { axes, keepDims } }) =>
    t && sum(mulAlong(t, others(x, axes)), { axis: axes, keepDims }),
  vjp: ([ct], { inputs: [x], params: { axes } }) => [
    mulAlong(keepAxes(ct as Tensor, x.shape, axes), others(x, axes)),
  ],
};

/**
 * The product over axes; an empty product is 1. The derivative is right where elements are 0, too.
 * @param x a tensor of f64, f32 or i32 (wraps around).
 * @param options `axis`: one or several, default all; `keepDims`.
 * @throws ArgumentError for an axis out of range.
 * @example
 * prod(tensor([[1, 2], [3, 4]]), { axis: 0 }); // [3, 8]
 */
export function prod(x: Tensor, options: ReduceOptions = {}): Tensor {
  return apply(prodOp, [x], reduceParams('prod', x, options));
}
