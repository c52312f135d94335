// Projections: the nearest point of a closed convex set, row by row (the last axis); leading axes are a batch. All are
// differentiable to any order, in both modes and compiled. On the boundary of a set with interior, the derivative is
// that of the identity unless the docstring says otherwise.

import { checkAtLeast, checkNumber } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { checkFloat, checkSquare } from '../../linalg/stack.js';
import { reshape } from '../../ops/layout.js';
import { apply } from '../../ops/op.js';
import type { Operand } from '../../ops/operands.js';
import { clip } from '../../ops/select.js';
import { alongNormalOp } from './normal.js';
import { l1BallOp, l2BallOp, secondOrderConeOp, simplexOp } from './project-rows.js';
import { applyRows } from './rows.js';
import { positivePart } from './spectral.js';

/**
 * Onto { ‖x‖₁ <= radius }, each row separately. Source: Duchi et al., ICML (2008). A row with NaN or Inf gives NaN.
 * Derivative: outside the ball, entries that become 0 have the derivative 0, even if they only just become 0.
 * @param radius default 1.
 * @example
 * optim.project.l1Ball(tensor([3, 1, -2]), 2); // [1.5, 0, -0.5]
 */
export function l1Ball(x: Tensor, radius = 1): Tensor {
  checkAtLeast('l1Ball', 'radius', radius, 0);
  return applyRows(l1BallOp, x, { radius });
}

/**
 * Onto { ‖x‖₂ <= radius }, each row separately. A row with NaN or Inf gives NaN.
 * @param radius default 1.
 * @example
 * optim.project.l2Ball(tensor([3, 4])); // [0.6, 0.8]
 */
export function l2Ball(x: Tensor, radius = 1): Tensor {
  checkAtLeast('l2Ball', 'radius', radius, 0);
  return applyRows(l2BallOp, x, { radius });
}

/**
 * Onto { |x_i| <= radius }, element by element; NaN stays. Composed of operations.
 * @param radius default 1.
 * @example
 * optim.project.linfBall(tensor([3, -0.5])); // [1, -0.5]
 */
export function linfBall(x: Tensor, radius = 1): Tensor {
  checkAtLeast('linfBall', 'radius', radius, 0);
  checkFloat('linfBall', 'x', x);
  return clip(x, -radius, radius);
}

/**
 * Onto { lower <= x <= upper }, element by element; NaN stays. Composed of operations; differentiable in the bounds,
 * too.
 * @param lower a number or a tensor that broadcasts with x; -Infinity for no bound.
 * @param upper the same; where it is below `lower` there is no such point, and the result is `upper`.
 * @example
 * optim.project.box(tensor([3, -3]), 0, Infinity); // [3, 0]
 */
export function box(x: Tensor, lower: Operand, upper: Operand): Tensor {
  checkFloat('box', 'x', x);
  if (!(lower instanceof Tensor)) checkNumber('box', 'lower', lower);
  if (!(upper instanceof Tensor)) checkNumber('box', 'upper', upper);
  if (typeof lower === 'number' && typeof upper === 'number' && !(lower <= upper))
    throw new ArgumentError(`box: lower must not be above upper, got ${lower} and ${upper}`);
  return clip(x, lower, upper);
}

/**
 * Onto { x >= 0, Σ x_i = total }, each row separately; a row with NaN gives NaN, an empty row stays.
 * Source: Held, Wolfe and Crowder, Math. Programming 6 (1974).
 * Derivative: entries that become 0 have the derivative 0, even if they only just become 0.
 * @param total default 1.
 * @example
 * optim.project.simplex(tensor([0.5, 1, -1])); // [0.25, 0.75, 0]
 */
export function simplex(x: Tensor, total = 1): Tensor {
  checkAtLeast('simplex', 'total', total, 0);
  return applyRows(simplexOp, x, { total });
}

/**
 * Onto { aᵀx <= b }, each row separately. Differentiable in x and a; on the boundary the identity, as inside.
 * @param a [n], not 0.
 * @example
 * optim.project.halfSpace(tensor([2, 2]), tensor([1, 0]), 1); // [1, 2]
 */
export function halfSpace(x: Tensor, a: Tensor, b: number): Tensor {
  return alongNormal('halfSpace', x, a, b);
}

/**
 * Onto { aᵀx = b }, each row separately. Differentiable in x and a.
 * @param a [n], not 0.
 * @example
 * optim.project.hyperplane(tensor([0, 2]), tensor([1, 0]), 1); // [1, 2]
 */
export function hyperplane(x: Tensor, a: Tensor, b: number): Tensor {
  return alongNormal('hyperplane', x, a, b);
}

function alongNormal(name: 'halfSpace' | 'hyperplane', x: Tensor, a: Tensor, b: number): Tensor {
  checkFloat(name, 'x', x);
  checkFloat(name, 'a', a);
  const n = x.ndim === 0 ? 1 : x.shape[x.ndim - 1];
  if (a.size !== n || a.dtype !== x.dtype) {
    throw new ShapeError(
      `${name}: a must be ${x.dtype} [${n}] as the rows of x are, got ${a.dtype} ${show(a.shape)}`,
    );
  }
  if (typeof b !== 'number') throw new ArgumentError(`${name}: b must be a number, got ${describe(b)}`);
  if (x.ndim > 0 && a.ndim === 1) return apply(alongNormalOp, [x, a], { name, b });
  return scope(() => {
    const row = x.ndim > 0 ? x : reshape(x, [1]);
    return reshape(apply(alongNormalOp, [row, reshape(a, [n])], { name, b }), x.shape);
  });
}

/**
 * Onto the second-order cone { (t, v): ‖v‖₂ <= t }, each row (t, v₁, …, v_k) separately, t first.
 * Source: Parikh and Boyd, Proximal Algorithms (2014), section 6.3.2. A row with NaN or Inf gives NaN.
 * Derivative: the identity in the cone and on its boundary, 0 in the polar cone and on its boundary (0 counts as in the
 * cone).
 * @example
 * optim.project.secondOrderCone(tensor([0, 3, 4])); // [2.5, 1.5, 2]
 */
export function secondOrderCone(x: Tensor): Tensor {
  return applyRows(secondOrderConeOp, x, undefined);
}

/**
 * Onto the positive semidefinite matrices, in the Frobenius norm: the symmetric part (X + Xᵀ) / 2 without its negative
 * eigenvalues. Derivatives of any order are exact for repeated eigenvalues, too. At a kink,
 * where an eigenvalue is 0, the derivative is an element of the generalized Jacobian: 0 counts as positive.
 * Source: Higham, Linear Algebra Appl. 103 (1988).
 * @param x [..., n, n].
 * @throws ArgumentError for NaN and Inf, as `linalg.eigh`.
 * @example
 * optim.project.positiveSemidefinite(tensor([[1, 0], [0, -2]])); // [[1, 0], [0, 0]]
 */
export function positiveSemidefinite(x: Tensor): Tensor {
  checkSquare('positiveSemidefinite', 'x', x);
  return positivePart(x);
}
