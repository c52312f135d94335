// A x = b for diagonal and block-diagonal A.
import { ShapeError, SingularMatrixError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { show, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { div } from '../ops/arithmetic.js';
import { reshape } from '../ops/layout.js';
import { commonFloat } from '../ops/op.js';
import { factorLu } from './factor/lu.js';
import { solveWith } from './factor/verbs.js';
import { checkRightSides } from './right-sides.js';
import { checkFloat, checkSquare, placeInStack } from './stack.js';

/**
 * X with diag(d) X = b: row i of b divided by d_i.
 * @param d [..., n], f64 or f32.
 * @param b a vector [n] or right sides [..., n, k]; leading axes broadcast with those of d.
 * @returns [..., n] for a vector, else [..., n, k].
 * @throws SingularMatrixError with the index of an entry of d that is 0; ShapeError, DTypeError, ArgumentError.
 * @example
 * linalg.solveDiagonal(tensor([2, 4]), tensor([1, 1])); // [0.5, 0.25]
 */
export function solveDiagonal(d: Tensor, b: Tensor): Tensor {
  const name = 'solveDiagonal';
  const dtype = commonFloat(name, [checkFloat(name, 'd', d)]);
  if (d.ndim === 0) throw new ShapeError(`${name}: d must have at least one axis, got a scalar (shape [])`);
  const batch = d.shape.slice(0, -1);
  const n = d.shape[d.ndim - 1];
  const stack = { dtype, batch, count: sizeOf(batch), rows: n, columns: n };
  const zero = d.data().indexOf(0);
  if (zero >= 0) {
    const place = placeInStack(stack, Math.floor(zero / n));
    throw new SingularMatrixError(`${name}: matrix${place} is singular: entry ${zero % n} is 0`, zero % n);
  }
  checkRightSides(name, stack, b);
  return scope(() => {
    if (b.ndim === 1) return div(b, d);
    return div(b, reshape(d, [...d.shape, 1]));
  });
}

/**
 * X with A X = b for A with the k square blocks `blocks` on its diagonal, by LU with partial pivoting of each.
 * @param blocks [k, m, m], f64 or f32.
 * @param b a vector [k m] or right sides [k m, columns].
 * @returns X, of the shape of b.
 * @throws SingularMatrixError where a block is singular; ShapeError, DTypeError, ArgumentError.
 * Source: LAPACK's getrf and getrs, block by block.
 * @example
 * linalg.solveBlockDiagonal(tensor([[[2, 0], [0, 4]], [[0, 1], [1, 0]]]), tensor([2, 4, 5, 6])); // [1, 1, 6, 5]
 */
export function solveBlockDiagonal(blocks: Tensor, b: Tensor): Tensor {
  const name = 'solveBlockDiagonal';
  const { rows: m } = checkSquare(name, 'blocks', blocks);
  if (blocks.ndim !== 3)
    throw new ShapeError(`${name}: blocks must have shape [k, m, m], got ${show(blocks.shape)}`);
  checkFloat(name, 'b', b);
  const k = blocks.shape[0];
  if ((b.ndim !== 1 && b.ndim !== 2) || b.shape[0] !== k * m) {
    throw new ShapeError(
      `${name}: b must have shape [${k * m}] or [${k * m}, columns], got ${show(b.shape)}`,
    );
  }
  const columns = b.ndim === 1 ? 1 : b.shape[1];
  return scope(() => {
    const f = factorLu(name, blocks);
    return reshape(solveWith(name, f, reshape(b, [k, m, columns]), false), b.shape);
  });
}
