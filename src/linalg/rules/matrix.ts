// Building blocks of the derivative rules of matrix functions: transposes, symmetric parts, columns, sums of outer
// products.
import { tensor } from '../../core/create.js';
import type { DType } from '../../core/dtype.js';
import type { Shape } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { add, mul } from '../../ops/arithmetic.js';
import { reshape, transpose } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { sum, unbroadcast } from '../../ops/sum.js';

/** Exchanges the last two axes. */
export function transposed(x: Tensor): Tensor {
  const last = x.ndim - 1;
  return transpose(
    x,
    x.shape.map((_, i) => (i < last - 1 ? i : 2 * last - 1 - i)),
  );
}

/** (X + Xᵀ) / 2: a function that reads one triangle has the derivative with respect to the symmetric matrix. */
export function symmetrized(x: Tensor): Tensor {
  return mul(add(x, transposed(x)), 0.5);
}

/** A vector per matrix as a row, so that `mul` scales columns by it. */
export function asRow(x: Tensor): Tensor {
  return reshape(x, [...x.shape.slice(0, -1), 1, x.shape[x.ndim - 1]]);
}

/** A vector per matrix as a column, so that `mul` scales rows by it. */
export function asColumn(x: Tensor): Tensor {
  return reshape(x, [...x.shape, 1]);
}

/** One number per matrix, as a 1 x 1 matrix. */
export function asMatrix(x: Tensor): Tensor {
  return reshape(x, [...x.shape, 1, 1]);
}

/** Σ x yᵀ over the batch axes along which a matrix of this shape was repeated. */
export function outerSum(x: Tensor, y: Tensor, shape: Shape): Tensor {
  if (shape.length > 2 || x.ndim === 2) return unbroadcast(matmul(x, y, { transposeB: true }), shape);
  // One matrix for the whole batch: fold the batch into the columns of one product.
  const flat = (t: Tensor) => {
    const rows = t.ndim - 2;
    const order = [rows, ...t.shape.flatMap((_, i) => (i === rows ? [] : [i]))];
    return reshape(transpose(t, order), [t.shape[rows], t.size / t.shape[rows]]);
  };
  if (x.size === 0 || y.size === 0) return unbroadcast(matmul(x, y, { transposeB: true }), shape);
  return matmul(flat(x), flat(y), { transposeB: true });
}

/** The n x n matrix with ones on its diagonal from entry `from` on, zeros before. */
export function identity(n: number, dtype: DType, from = 0): Tensor {
  const data = new Float64Array(n * n);
  for (let i = from; i < n; i++) data[i * (n + 1)] = 1;
  return tensor(data, { shape: [n, n], dtype });
}

/** Σ_ij x_ij y_ij of each pair of matrices. */
export function inner(x: Tensor, y: Tensor): Tensor {
  return sum(mul(x, y), { axis: [-2, -1] });
}
