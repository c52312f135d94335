// dot and outer: the two products of vectors.
import { ShapeError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { mul } from './arithmetic.js';
import { expandDims, reshape } from './layout.js';
import { matmul } from './matmul.js';
import { checkTensor, commonDType } from './op.js';
import { sum } from './sum.js';

/**
 * The inner product Σ a_i b_i of two vectors. With matrices, the matrix product (a vector is a row on the left and a
 * column on the right); with a scalar, the elementwise product, as in NumPy. One dtype; in i32 sums wrap around.
 * @param a shape [], [k] or [m, k].
 * @param b shape [], [k] or [k, n].
 * @returns shape [] for vectors; [m], [n] or [m, n] with matrices.
 * @throws ShapeError if extents do not fit, or for more than two axes; DTypeError for mixed dtypes.
 * @example
 * dot(tensor([1, 2]), tensor([3, 4])); // 11
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  const dtype = commonDType('dot', [checkTensor('dot', 'a', a), checkTensor('dot', 'b', b)]);
  if (a.ndim > 2 || b.ndim > 2) {
    throw new ShapeError(
      `dot: operands must have at most two axes, got shapes ${show(a.shape)} and ${show(b.shape)} (use matmul or einsum)`,
    );
  }
  if (a.ndim === 0 || b.ndim === 0) return mul(a, b);
  const [columns, rows] = [a.shape[a.ndim - 1], b.shape[0]];
  if (columns !== rows) {
    throw new ShapeError(
      `dot: shapes ${show(a.shape)} and ${show(b.shape)} do not fit: the last axis of a has ${columns} elements, the first of b ${rows}`,
    );
  }
  if (dtype !== 'i32') return matmul(a, b);
  // The product kernels are for real numbers.
  return scope(() => {
    const right = b.ndim === 2 ? b : reshape(b, [rows, 1]);
    const terms = mul(expandDims(a, a.ndim), right);
    const products = sum(terms, { axis: -2 });
    return b.ndim === 2 ? products : reshape(products, a.shape.slice(0, -1));
  });
}

/**
 * The outer product a_i b_j.
 * @param a shape [m]; of other shapes all elements, row-major.
 * @param b shape [n], likewise.
 * @returns shape [m, n].
 * @throws DTypeError for mixed dtypes.
 * @example
 * outer(tensor([1, 2]), tensor([3, 4])); // [[3, 4], [6, 8]]
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  commonDType('outer', [checkTensor('outer', 'a', a), checkTensor('outer', 'b', b)]);
  return scope(() => mul(reshape(a, [a.size, 1]), reshape(b, [1, b.size])));
}
