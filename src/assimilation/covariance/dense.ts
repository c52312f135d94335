// C as a matrix, kept as its Cholesky factor: C = L Lᵀ.

import { NotPositiveDefiniteError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { cholesky } from '../../linalg/dense/cholesky.js';
import { solveTriangular } from '../../linalg/dense/triangular.js';
import { checkSquare } from '../../linalg/stack.js';
import { reshape, transpose } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { square } from '../../ops/roots.js';
import { sum } from '../../ops/sum.js';
import { type Covariance, checkVector, covarianceOf, vectorAxis } from './covariance.js';

/** f of the columns of a matrix [m, count], for vectors of m numbers in the last axes of x. */
export function onColumns(x: Tensor, m: number, f: (columns: Tensor) => Tensor): Tensor {
  const axis = vectorAxis(x.shape, m) as number;
  const count = sizeOf(x.shape.slice(0, axis));
  if (count === 1) return reshape(f(reshape(x, [m, 1])), x.shape);
  return reshape(transpose(f(transpose(reshape(x, [count, m])))), x.shape);
}

/** f of the rows of a matrix [count, m]. */
export function onRows(x: Tensor, m: number, f: (rows: Tensor) => Tensor): Tensor {
  const axis = vectorAxis(x.shape, m) as number;
  return reshape(f(reshape(x, [sizeOf(x.shape.slice(0, axis)), m])), x.shape);
}

/** The Cholesky factor; errors name `kind`. */
function factorOf(kind: string, C: Tensor): Tensor {
  try {
    return cholesky(C);
  } catch (error) {
    if (!(error instanceof NotPositiveDefiniteError)) throw error;
    throw new NotPositiveDefiniteError(error.message.replace(/^cholesky/, kind), error.index);
  }
}

/**
 * A matrix, of the vectors vec(x) in row-major order: a state [2, n, n] has m = 2 n². Its root is the Cholesky factor L.
 * @param C [m, m], symmetric positive definite, of which the lower triangle is read; copied.
 * @throws NotPositiveDefiniteError with `.index`; ShapeError for a C that is not square.
 * @example
 * assimilation.covariance.dense(tensor([[2, 1], [1, 2]])).solve(tensor([3, 3])); // [1, 1]
 */
export function dense(C: Tensor): Covariance {
  const kind = 'covariance.dense';
  const stack = checkSquare(kind, 'C', C);
  if (C.ndim !== 2) throw new ShapeError(`${kind}: C must be a matrix [m, m], got shape ${show(C.shape)}`);
  const m = stack.rows;
  const L = scope(() => factorOf(kind, C));
  const { dtype } = L;
  const half = (columns: Tensor) => solveTriangular(L, columns);
  return covarianceOf({
    kind,
    size: m,
    check: (name, argument, vector) => checkVector(name, argument, kind, vector, m, dtype),
    solve: (x) => onColumns(x, m, (columns) => solveTriangular(L, half(columns), { transpose: true })),
    sqrt: (x) => onRows(x, m, (rows) => matmul(rows, L, { transposeB: true })),
    sqrtTranspose: (x) => onRows(x, m, (rows) => matmul(rows, L)),
    apply: (x) => onRows(x, m, (rows) => matmul(matmul(rows, L), L, { transposeB: true })),
    inverseSqrt: (x) => onColumns(x, m, half),
    // |L⁻¹ x|², one triangular solve, and never negative.
    energy: (x, axis) => sum(square(onColumns(x, m, half)), { axis }),
    owned: [L],
  });
}
