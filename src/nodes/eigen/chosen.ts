// Some of the eigenvalues and eigenvectors: their places among all of them. `indices` that are undefined stand for all.
import { tensor } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';
import { apply } from '../../ops/op.js';
import { scatterAddOp, take } from '../../ops/take.js';

export type Indices = readonly number[] | undefined;

/** The entries of values [count, n] or the columns of vectors [count, n, n] at these positions. */
export function chosenOf(x: Tensor, indices: Indices): Tensor {
  return indices === undefined ? x : take(x, indices, x.ndim - 1);
}

/** The transpose: zeros at the other positions. */
export function spread(x: Tensor, indices: Indices, n: number): Tensor {
  if (indices === undefined) return x;
  const list = tensor(Int32Array.from(indices), { dtype: 'i32' });
  try {
    return apply(scatterAddOp, [x, list], { axis: x.ndim - 1, extent: n });
  } finally {
    list.dispose();
  }
}
