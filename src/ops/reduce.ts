// Reductions over axes: sum.
import { withWorkspace } from '../core/runtime.js';
import { checkAxes, type Shape, sizeOf } from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
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
  run(out, [x], { axes }) {
    const steps = groups(x.shape, axes);
    if (x.size === 0 || steps.length === 0) {
      if (x.size === 0) out.data().fill(0);
      else out.data().set(x.data());
      return;
    }
    const { exports } = array;
    let from = x.address;
    let middle: Tensor | undefined;
    try {
      steps.forEach(({ outer, n, inner }, i) => {
        const last = i === steps.length - 1;
        const to = last ? out : allocate([outer * inner], x.dtype, 'sum');
        withWorkspace(exports.sum_work(n), 'sum', (work) => {
          exports[`sum_${x.dtype}`](outer, n, inner, to.address, from, work);
        });
        middle?.dispose();
        middle = last ? undefined : to;
        from = to.address;
      });
    } finally {
      middle?.dispose();
    }
  },
};

/**
 * The sum over axes, pairwise (the error grows with the logarithm of the number of terms).
 * dtype f64, f32 or i32 (wraps around); the sum of nothing is 0.
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor('sum', 'x', x);
  const axes = checkAxes('sum', options.axis, x.ndim);
  return apply(sumOp, [x], { axes, keepDims: options.keepDims ?? false });
}
