// Projections: the nearest point of a closed convex set, row by row (the last axis), leading axes are a batch.
// All are differentiable, any order, in both modes and compiled. On a boundary, where one side of x is the set and the other is not,
// the derivative is that of the identity unless the docstring says otherwise.

import { ArgumentError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { checkFloat, checkSquare } from '../../linalg/stack.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { greater, lessEqual, notEqual } from '../../ops/compare.js';
import { concat } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { apply, type Op } from '../../ops/op.js';
import type { Operand } from '../../ops/operands.js';
import { sign } from '../../ops/roots.js';
import { clip, where } from '../../ops/select.js';
import { narrow } from '../../ops/slice.js';
import { checkAtLeast } from '../../solve/watch.js';
import { maxAbs } from '../convex/matrix.js';
import { normalRow } from './normal.js';
import { applyRows, asFactor, isRow, lengthOf, proximalRow, splitAlong, sumOfRow } from './rows.js';
import { thresholdTo } from './simplex.js';
import { positivePart } from './spectral.js';

/** A ball around 0. */
interface Ball {
  radius: number;
}

/** Row of the table. Outside, on the entries that stay: v less the mean along their signs. */
export const l1BallOp: Op<Ball> = /* @__PURE__ */ proximalRow('l1Ball', {
  rows({ radius }, n) {
    const [magnitudes, near] = [new Float64Array(n), new Float64Array(n)];
    return (row, out) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += magnitudes[i] = Math.abs(row[i]);
      if (sum <= radius) out.set(row);
      else if (radius === 0) out.fill(Number.isNaN(sum) ? Number.NaN : 0);
      else {
        thresholdTo(magnitudes, radius, out, near);
        for (let i = 0; i < n; i++) if (row[i] < 0) out[i] = -out[i];
      }
    };
  },
  along(v, { x, y, params: { radius } }) {
    if (radius === 0) return mul(v, 0);
    const signs = sign(y);
    const isKept = asFactor(notEqual(y, 0), v);
    const mean = div(sumOfRow(mul(signs, v)), sumOfRow(isKept));
    return where(isRow(y, x), v, mul(isKept, sub(v, mul(signs, mean))));
  },
});

/**
 * Onto { ‖x‖₁ <= radius }, each row by itself. Source: Duchi et al., ICML (2008). A row with NaN or Inf gives NaN.
 * Derivative: outside the ball, an entry that becomes 0 has none, also where it only just does.
 * @param radius default 1.
 * @example
 * optim.project.l1Ball(tensor([3, 1, -2]), 2); // [1.5, 0, -0.5]
 */
export function l1Ball(x: Tensor, radius = 1): Tensor {
  checkAtLeast('l1Ball', 'radius', radius, 0);
  return applyRows(l1BallOp, x, { radius });
}

/** Row of the table. Outside: what of v is across x, by radius / ‖x‖. */
export const l2BallOp: Op<Ball> = /* @__PURE__ */ proximalRow('l2Ball', {
  rows:
    ({ radius }) =>
    (row, out) => {
      const { scale, length } = lengthOf(row);
      if (scale * length <= radius) out.set(row);
      else for (let i = 0; i < row.length; i++) out[i] = (row[i] / scale / length) * radius;
    },
  along(v, { x, y, params: { radius } }) {
    if (radius === 0) return mul(v, 0);
    const isInside = isRow(y, x);
    const { across, length } = splitAlong(v, x, isInside);
    return where(isInside, v, mul(across, div(radius, length)));
  },
});

/**
 * Onto { ‖x‖₂ <= radius }, each row by itself. A row with NaN or Inf gives NaN.
 * @param radius default 1.
 * @example
 * optim.project.l2Ball(tensor([3, 4])); // [0.6, 0.8]
 */
export function l2Ball(x: Tensor, radius = 1): Tensor {
  checkAtLeast('l2Ball', 'radius', radius, 0);
  return applyRows(l2BallOp, x, { radius });
}

/**
 * Onto { |x_i| <= radius }, element by element; NaN stays. Made of operations.
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
 * Onto { lower <= x <= upper }, element by element; NaN stays. Made of operations; differentiable in the bounds, too.
 * @param lower a number or a tensor that broadcasts with x; -Infinity for no bound.
 * @param upper the same; where it is below `lower` there is no such point, and `upper` is given.
 * @example
 * optim.project.box(tensor([3, -3]), 0, Infinity); // [3, 0]
 */
export function box(x: Tensor, lower: Operand, upper: Operand): Tensor {
  checkFloat('box', 'x', x);
  if (typeof lower === 'number' && typeof upper === 'number' && !(lower <= upper))
    throw new ArgumentError(`box: lower must not be above upper, got ${lower} and ${upper}`);
  return clip(x, lower, upper);
}

/** Row of the table. On the entries above 0: v less its mean there. */
export const simplexOp: Op<{ total: number }> = /* @__PURE__ */ proximalRow('simplex', {
  rows({ total }, n) {
    const near = new Float64Array(n);
    return (row, out) => {
      if (total > 0) thresholdTo(row, total, out, near);
      else out.fill(Number.isNaN(maxAbs(row)) ? Number.NaN : 0);
    };
  },
  along(v, { y, params: { total } }) {
    if (total === 0) return mul(v, 0);
    const isKept = asFactor(greater(y, 0), v);
    return mul(isKept, sub(v, div(sumOfRow(mul(isKept, v)), sumOfRow(isKept))));
  },
});

/**
 * Onto { x >= 0, Σ x_i = total }, each row by itself; a row with NaN gives NaN, an empty row stays.
 * Source: Held, Wolfe and Crowder, Math. Programming 6 (1974).
 * Derivative: an entry that becomes 0 has none, also where it only just does.
 * @param total default 1.
 * @example
 * optim.project.simplex(tensor([0.5, 1, -1])); // [0.25, 0.75, 0]
 */
export function simplex(x: Tensor, total = 1): Tensor {
  checkAtLeast('simplex', 'total', total, 0);
  return applyRows(simplexOp, x, { total });
}

/**
 * Onto { aᵀx <= b }, each row by itself. Differentiable in x and a; on the boundary as inside, the identity.
 * @param a [n], not 0.
 * @example
 * optim.project.halfSpace(tensor([2, 2]), tensor([1, 0]), 1); // [1, 2]
 */
export function halfSpace(x: Tensor, a: Tensor, b: number): Tensor {
  return alongNormal('halfSpace', x, a, b);
}

/**
 * Onto { aᵀx = b }, each row by itself. Differentiable in x and a.
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
  if (typeof b !== 'number') throw new ArgumentError(`${name}: b must be a number, got ${String(b)}`);
  if (x.ndim > 0 && a.ndim === 1) return apply(normalRow, [x, a], { name, b });
  return scope(() => {
    const row = x.ndim > 0 ? x : reshape(x, [1]);
    return reshape(apply(normalRow, [row, reshape(a, [n])], { name, b }), x.shape);
  });
}

/** Row of the table. Outside both cones, with u = v/‖v‖: t moves by half of dt + uᵀdv, v along u by that, and across u by t'/‖v‖. */
export const secondOrderConeOp: Op = /* @__PURE__ */ proximalRow('secondOrderCone', {
  rows: () => (row, out) => {
    const v = row.subarray(1);
    const { scale, length } = lengthOf(v);
    const norm = scale * length;
    if (!Number.isFinite(scale) || !Number.isFinite(row[0])) out.fill(Number.NaN);
    else if (norm <= row[0]) out.set(row);
    else if (norm <= -row[0]) out.fill(0);
    else {
      const half = row[0] / 2 + norm / 2;
      out[0] = half;
      for (let i = 0; i < v.length; i++) out[i + 1] = (v[i] / scale / length) * half;
    }
  },
  along(w, { x, y }) {
    const [last, n] = [x.ndim - 1, x.shape[x.ndim - 1]];
    const head = (z: Tensor) => narrow(z, last, 0, 1);
    const tail = (z: Tensor) => narrow(z, last, 1, n - 1);
    const [isInside, isPolar] = [isRow(y, x), isRow(y, 0)];
    const isPlain = lessEqual(1, add(isInside, isPolar));
    const { across, unit, length } = splitAlong(tail(w), tail(x), isPlain);
    const half = mul(add(head(w), sumOfRow(mul(unit, tail(w)))), 0.5);
    const share = div(mul(add(head(x), length), 0.5), length);
    const between = concat([half, add(mul(unit, half), mul(across, share))], last);
    return where(isInside, w, where(isPolar, 0, between));
  },
});

/**
 * Onto the second-order cone { (t, v): ‖v‖₂ <= t }, each row (t, v₁, …, v_k) by itself, t first.
 * Source: Parikh and Boyd, Proximal Algorithms (2014), section 6.3.2. A row with NaN or Inf gives NaN.
 * Derivative: the identity in the cone with its boundary, 0 in the polar cone with its boundary (0 counts as in the cone).
 * @example
 * optim.project.secondOrderCone(tensor([0, 3, 4])); // [2.5, 1.5, 2]
 */
export function secondOrderCone(x: Tensor): Tensor {
  return applyRows(secondOrderConeOp, x, undefined);
}

/**
 * Onto the positive semidefinite matrices, in the Frobenius norm: the symmetric part (X + Xᵀ) / 2 without what belongs to its
 * negative eigenvalues. The derivative is exact for eigenvalues that repeat, too; second derivatives, by those of `linalg.eigh`, are
 * for eigenvalues that differ.
 * Source: Higham, Linear Algebra Appl. 103 (1988); the derivative: Lewis and Sendov, SIAM J. Matrix Anal. Appl. 23 (2001).
 * @param x [..., n, n].
 * @throws ArgumentError for NaN and Inf, as `linalg.eigh`.
 * @example
 * optim.project.positiveSemidefinite(tensor([[1, 0], [0, -2]])); // [[1, 0], [0, 0]]
 */
export function positiveSemidefinite(x: Tensor): Tensor {
  checkSquare('positiveSemidefinite', 'x', x);
  return positivePart(x);
}
