// Reductions over axes: sum.
import { bytesPerElement } from '../core/dtype.js';
import { checkAxes, type Shape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { broadcastTo } from './broadcast.js';
import { reshape } from './layout.js';
import { apply, checkTensor, type Op } from './op.js';

/** Options of every reduction. */
export interface ReduceOptions {
  /** The axis or axes to reduce, negative ones counted from the end; default all. */
  axis?: number | readonly number[];
  /** Keep reduced axes with extent 1; default false. */
  keepDims?: boolean;
}

interface ReduceParams {
  /** Reduced axes, counted from the front, ascending. */
  axes: readonly number[];
  keepDims: boolean;
}

/** The shape that is left. */
function reducedShape(shape: Shape, { axes, keepDims }: ReduceParams): number[] {
  if (keepDims) return shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
  return shape.filter((_, i) => !axes.includes(i));
}

/** Runs of adjacent reduced axes as [outer, n, inner], last run first: reducing one leaves the earlier ones in place. */
function groups(shape: Shape, axes: readonly number[]): { outer: number; n: number; inner: number }[] {
  const extents = [...shape];
  const result: { outer: number; n: number; inner: number }[] = [];
  for (let last = axes.length - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && axes[first - 1] === axes[first] - 1) first--;
    const from = axes[first];
    const to = axes[last] + 1;
    result.push({
      outer: sizeOf(extents.slice(0, from)),
      n: sizeOf(extents.slice(from, to)),
      inner: sizeOf(extents.slice(to)),
    });
    extents.splice(from, to - from);
    last = first - 1;
  }
  return result;
}

/** Row of the table. */
export const sumOp: Op<ReduceParams> = {
  name: 'sum',
  shape: ([x], params) => ({ shape: reducedShape(x.shape, params), dtype: x.dtype }),
  prepare([out], [x], { axes }, space) {
    const steps = groups(x.shape, axes);
    if (x.size === 0) return () => void out.data().fill(0);
    if (steps.length === 0) return () => out.data().set(x.data());
    const { exports } = array;
    const kernel = exports[`sum_${x.dtype}`];
    const bytes = bytesPerElement(x.dtype);
    // Each run of adjacent axes is one call; all but the last leave their result in scratch, in turn in one of two places.
    const middle = steps.slice(0, -1).map(({ outer, inner }) => outer * inner * bytes);
    const places = [0, 1].map((turn) => {
      const most = Math.max(0, ...middle.filter((_, i) => i % 2 === turn));
      return most > 0 ? space.scratch(most) : 0;
    });
    const work = space.scratch(Math.max(...steps.map(({ n }) => exports.sum_work(n))));
    return () => {
      let from = x.address;
      steps.forEach(({ outer, n, inner }, i) => {
        const to = i === steps.length - 1 ? out.address : places[i % 2];
        kernel(outer, n, inner, to, from, work);
        from = to;
      });
    };
  },
  linear: true,
  vjp: ([ct], { inputs: [x], params: { axes } }) => [
    broadcastTo(keepAxes(ct as Tensor, x.shape, axes), x.shape),
  ],
};

/** `reduced` with the axes that a reduction of `shape` took away back, as extents of 1. */
export function keepAxes(reduced: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return reshape(
    reduced,
    shape.map((extent, i) => (axes.includes(i) ? 1 : extent)),
  );
}

/**
 * The sum over axes, pairwise (the error grows with the logarithm of the number of terms).
 * dtype f64, f32 or i32 (wraps around); the sum of nothing is 0.
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor('sum', 'x', x);
  const axes = checkAxes('sum', options.axis, x.ndim);
  return apply(sumOp, [x], { axes, keepDims: options.keepDims ?? false });
}
