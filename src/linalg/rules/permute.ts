// Permutes the rows of each matrix.
import type { Tensor } from '../../core/tensor.js';
import { apply, type Op } from '../../ops/op.js';
import { transposed } from './matrix.js';

/**
 * Row of the table: x [..., m, n] and p [..., m]; row i of the result is row p_i of x, or with `inverse` row p_i is row
 * i of x.
 */
export const permuteOp: Op<{ inverse: boolean }> = {
  name: 'permute',
  shape: ([x]) => x,
  prepare([out], [x, p], { inverse }) {
    const n = x.shape[x.ndim - 1];
    const m = x.shape[x.ndim - 2];
    return () => {
      const [from, to, order] = [x.data(), out.data(), p.data()];
      for (let row = 0; row < order.length; row++) {
        const other = row - (row % m) + order[row];
        const [source, target] = inverse ? [row, other] : [other, row];
        to.set(from.subarray(source * n, (source + 1) * n), target * n);
      }
    };
  },
  jvp: ([t], { inputs: [, p], params }) => t && apply(permuteOp, [t, p], params),
  vjp: ([ct], { inputs: [, p], params: { inverse } }) => [
    apply(permuteOp, [ct as Tensor, p], { inverse: !inverse }),
    undefined,
  ],
};

/** Rows p of x. */
export function permuteRows(x: Tensor, p: Tensor): Tensor {
  return apply(permuteOp, [x, p], { inverse: false });
}

/** Columns p of x. */
export function permuteColumns(x: Tensor, p: Tensor): Tensor {
  return transposed(permuteRows(transposed(x), p));
}
