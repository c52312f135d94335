// One triangle of each matrix, with a weighted diagonal, and zeros in the other triangle.
import type { Tensor } from '../../core/tensor.js';
import { sub } from '../../ops/arithmetic.js';
import { apply, type Op } from '../../ops/op.js';
import { transposed } from './matrix.js';

interface TriangleParams {
  lower: boolean;
  /** The factor of the diagonal: 1, 1/2 or 0. */
  diagonal: number;
}

/** Row of the table; x [..., m, n]. */
export const triangleOp: Op<TriangleParams> = {
  name: 'triangle',
  shape: ([x]) => x,
  prepare([out], [x], { lower, diagonal }) {
    const [m, n] = x.shape.slice(-2);
    return () => {
      const [from, to] = [x.data(), out.data()];
      to.fill(0);
      for (let start = 0; start < from.length; start += m * n) {
        for (let i = 0; i < m; i++) {
          const row = start + i * n;
          const [first, end] = lower ? [0, Math.min(i, n)] : [i + 1, n];
          if (first < end) to.set(from.subarray(row + first, row + end), row + first);
          if (i < n && diagonal !== 0) to[row + i] = diagonal * from[row + i];
        }
      }
    };
  },
  linear: true,
  vjp: ([ct], { params }) => [apply(triangleOp, [ct as Tensor], params)],
};

/** The lower triangle. */
export function lowerOf(x: Tensor, diagonal = 1): Tensor {
  return apply(triangleOp, [x], { lower: true, diagonal });
}

/** The upper triangle. */
export function upperOf(x: Tensor, diagonal = 1): Tensor {
  return apply(triangleOp, [x], { lower: false, diagonal });
}

/** Λ - Λᵀ for the part Λ of a square X below its diagonal. */
export function skewOf(x: Tensor): Tensor {
  const below = lowerOf(x, 0);
  return sub(below, transposed(below));
}
