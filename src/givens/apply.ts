// Û x for a factorization Û = G_1 … G_N P: O(1) operations per factor and column.
import { checkFlag, checkObject, checkOneOf } from '../core/check.js';
import { eye } from '../core/create.js';
import { ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import { type Product, productOf, rowsOf } from './product.js';
import { applyTurns } from './rows.js';

/** Options of `apply`. */
export interface ApplyOptions {
  /** Apply Ûᵀ, which is Û⁻¹; default false. */
  transpose?: boolean;
  /** 'left' (default): Û x, on rows; 'right': x Û, on columns. */
  side?: 'left' | 'right';
}

const OPTIONS: OptionNames<ApplyOptions> = { transpose: true, side: true };

/**
 * Û x, Ûᵀ x, x Û or x Ûᵀ for Û = G_1 … G_N P, with O(1) operations per factor and column: in the place of a dense product where N is well below
 * d²/4 and x has many columns, as single ones do not pay for the cosines (docs/benchmarks.md has the crossover). Derivatives in x and in the angles, of any order.
 * @param f a factorization, or { i, j, angles } with P = I, or with permutation and signs. i and j: i32 tensors, Int32Arrays or arrays [N]; angles: a
 * tensor [N] of f64 or f32, a typed array or numbers, in radians; permutation and signs [d].
 * @param x a vector [d], a matrix [d, m] or a stack [..., d, m]; side 'right': [d], [m, d] or [..., m, d]; f64 or f32, which is the dtype of the result.
 * @throws ShapeError where x does not fit or lengths differ; DTypeError for an x in i32; ArgumentError for a pair out of range or of equal numbers,
 * for what is no permutation, and signs other than 1 and -1.
 * @example
 * givens.apply({ i: [0], j: [1], angles: [Math.PI / 2] }, tensor([1, 0])); // [0, -1]
 */
export function apply(f: Product, x: Tensor, options: ApplyOptions = {}): Tensor {
  checkOptions('apply', options, OPTIONS);
  const { transpose = false, side = 'left' } = options;
  checkFlag('apply', 'transpose', transpose);
  checkOneOf('apply', 'side', side, ['left', 'right']);
  checkObject('apply', 'f', f);
  const { shape } = checkFloat('apply', 'x', x);
  if (shape.length === 0)
    throw new ShapeError('apply: x must have at least one axis, got a scalar (shape [])');
  const left = side === 'left';
  const axis = shape.length === 1 || !left ? shape.length - 1 : shape.length - 2;
  const product = productOf('apply', f, shape[axis], () => `x of shape ${show(shape)} on the ${side}`);
  try {
    // Rotating the columns of x by Û is rotating the rows of xᵀ by Ûᵀ.
    return applyTurns({ left, inverse: transpose === left }, x, product.angles, product.pairs, product.order);
  } finally {
    product.release();
  }
}

/**
 * Û as a matrix.
 * @param f as in `apply`.
 * @param options `d` [number of rows], for a bare { i, j, angles }; a factorization has its own.
 * @returns [d, d], f64 (f32 where the angles are).
 * @throws as `apply`.
 * @example
 * givens.toDense({ i: [0], j: [1], angles: [Math.PI / 2] }, { d: 2 }); // [[0, 1], [-1, 0]]
 */
export function toDense(f: Product, options: { d?: number } = {}): Tensor {
  checkOptions('toDense', options, { d: true });
  checkObject('toDense', 'f', f);
  const d = rowsOf('toDense', f, options.d);
  const one = eye(d);
  try {
    const product = productOf('toDense', f, d, () => `d = ${d}`);
    try {
      return applyTurns({ left: true, inverse: false }, one, product.angles, product.pairs, product.order);
    } finally {
      product.release();
    }
  } finally {
    one.dispose();
  }
}
