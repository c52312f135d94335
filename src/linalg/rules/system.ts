// X = A⁻¹ B: dX = A⁻¹ (dB - dA X); B̄ = A⁻ᵀ X̄, Ā = -B̄ Xᵀ. The rules of all rows that solve linear systems.
import type { Tensor } from '../../core/tensor.js';
import { neg, sub } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import type { Derivative, Linearization, Op } from '../../ops/op.js';
import { unbroadcast } from '../../ops/sum.js';
import { asColumn, outerSum } from './matrix.js';

/** How a row solves its systems. Its inputs begin with A and b, its outputs with x. */
export interface System<P> {
  /** A⁻¹ b, or with `transpose` A⁻ᵀ b, with the matrix of the linearization point. */
  solve(point: Linearization<P>, b: Tensor, transpose: boolean): Tensor;
  /** Whether the row itself solves with the transpose. */
  isTransposed(params: P): boolean;
  /** The part of a matrix that is read: a triangle, or the symmetric part. */
  part(x: Tensor, params: P): Tensor;
}

/** A row with both rules; a vector b is treated as one column. */
export function systemRow<P>(
  row: Omit<Op<P>, 'jvp' | 'vjp'>,
  { solve, isTransposed, part }: System<P>,
): Op<P> {
  const asColumns = (x: Tensor, b: Tensor) => (b.ndim === 1 ? asColumn(x) : x);
  return {
    ...row,
    jvp([ta, tb], point) {
      const {
        inputs: [, b],
        outputs: [x],
        params,
      } = point;
      const transpose = isTransposed(params);
      const right = tb && asColumns(tb, b);
      const moved = ta && matmul(part(ta, params), asColumns(x, b), { transposeA: transpose });
      const side = moved && right ? sub(right, moved) : (right ?? (moved && neg(moved)));
      const tangent = side && reshape(solve(point, side, transpose), x.shape);
      return point.outputs.map((_, i) => (i === 0 ? tangent : undefined));
    },
    vjp([ct], point) {
      // Outputs besides x are factors, which only the rules see.
      if (ct === undefined) return [];
      const {
        inputs: [a, b],
        outputs: [x],
        params,
        wanted,
      } = point;
      const transpose = isTransposed(params);
      const back = solve(point, asColumns(ct, b), !transpose);
      let da: Derivative;
      if (wanted[0]) {
        const columns = asColumns(x, b);
        const [left, right] = transpose ? [columns, back] : [back, columns];
        da = neg(part(outerSum(left, right, a.shape), params));
      }
      const shape = b.ndim === 1 ? [b.size, 1] : b.shape;
      return [da, wanted[1] ? reshape(unbroadcast(back, shape), b.shape) : undefined];
    },
  };
}
