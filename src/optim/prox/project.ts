// Projections: the nearest point of a closed convex set, row by row (the last axis), leading axes are a batch.

import { checkAtLeast, checkNumber } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { eigh } from '../../linalg/dense/eigh.js';
import { asRow, symmetrized, transposed } from '../../linalg/rules/matrix.js';
import { checkFloat, checkSquare } from '../../linalg/stack.js';
import { mul } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { maximum } from '../../ops/minmax.js';
import type { Operand } from '../../ops/operands.js';
import { clip } from '../../ops/select.js';
import { maxAbs } from '../convex/matrix.js';
import { byRows, lengthOf, scratch } from './rows.js';
import { thresholdTo } from './simplex.js';

/**
 * Onto { ‖x‖₁ <= radius }, each row by itself. Source: Duchi et al., ICML (2008). A row with NaN or Inf gives NaN.
 * @param radius default 1.
 * @example
 * optim.project.l1Ball(tensor([3, 1, -2]), 2); // [1.5, 0, -0.5]
 */
export function l1Ball(x: Tensor, radius = 1): Tensor {
  checkAtLeast('l1Ball', 'radius', radius, 0);
  const [magnitudes, near] = [scratch(x), scratch(x)];
  return byRows('l1Ball', x, (row, out) => {
    let sum = 0;
    for (let i = 0; i < row.length; i++) sum += magnitudes[i] = Math.abs(row[i]);
    if (sum <= radius) out.set(row);
    else if (radius === 0) out.fill(Number.isNaN(sum) ? Number.NaN : 0);
    else {
      thresholdTo(magnitudes, radius, out, near);
      for (let i = 0; i < row.length; i++) if (row[i] < 0) out[i] = -out[i];
    }
  });
}

/**
 * Onto { ‖x‖₂ <= radius }, each row by itself. A row with NaN or Inf gives NaN.
 * @param radius default 1.
 * @example
 * optim.project.l2Ball(tensor([3, 4])); // [0.6, 0.8]
 */
export function l2Ball(x: Tensor, radius = 1): Tensor {
  checkAtLeast('l2Ball', 'radius', radius, 0);
  return byRows('l2Ball', x, (row, out) => {
    const { scale, length } = lengthOf(row);
    if (scale * length <= radius) out.set(row);
    else for (let i = 0; i < row.length; i++) out[i] = (row[i] / scale / length) * radius;
  });
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
 * Onto { lower <= x <= upper }, element by element; NaN stays. Made of operations.
 * @param lower a number or a tensor that broadcasts with x; -Infinity for no bound.
 * @param upper the same; where it is below `lower` there is no such point, and `upper` is given.
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
 * Onto { x >= 0, Σ x_i = total }, each row by itself; a row with NaN gives NaN, an empty row stays.
 * Source: Held, Wolfe and Crowder, Math. Programming 6 (1974).
 * @param total default 1.
 * @example
 * optim.project.simplex(tensor([0.5, 1, -1])); // [0.25, 0.75, 0]
 */
export function simplex(x: Tensor, total = 1): Tensor {
  checkAtLeast('simplex', 'total', total, 0);
  const near = scratch(x);
  return byRows('simplex', x, (row, out) => {
    if (total > 0) thresholdTo(row, total, out, near);
    else out.fill(Number.isNaN(maxAbs(row)) ? Number.NaN : 0);
  });
}

/**
 * Onto { aᵀx <= b }, each row by itself.
 * @param a [n], not 0.
 * @example
 * optim.project.halfSpace(tensor([2, 2]), tensor([1, 0]), 1); // [1, 2]
 */
export function halfSpace(x: Tensor, a: Tensor, b: number): Tensor {
  return alongNormal('halfSpace', x, a, b, (excess) => Math.max(excess, 0));
}

/**
 * Onto { aᵀx = b }, each row by itself.
 * @param a [n], not 0.
 * @example
 * optim.project.hyperplane(tensor([0, 2]), tensor([1, 0]), 1); // [1, 2]
 */
export function hyperplane(x: Tensor, a: Tensor, b: number): Tensor {
  return alongNormal('hyperplane', x, a, b, (excess) => excess);
}

/** x - away(aᵀx - b) a / aᵀa. */
function alongNormal(
  name: string,
  x: Tensor,
  a: Tensor,
  b: number,
  away: (excess: number) => number,
): Tensor {
  checkFloat(name, 'x', x);
  checkFloat(name, 'a', a);
  const n = x.ndim === 0 ? 1 : x.shape[x.ndim - 1];
  if (a.size !== n || a.dtype !== x.dtype) {
    throw new ShapeError(
      `${name}: a must be ${x.dtype} [${n}] as the rows of x are, got ${a.dtype} ${show(a.shape)}`,
    );
  }
  if (typeof b !== 'number') throw new ArgumentError(`${name}: b must be a number, got ${describe(b)}`);
  const { scale, length } = lengthOf(a.data());
  if (scale === 0 && n > 0) throw new ArgumentError(`${name}: a must not be 0`);
  const normal = Float64Array.from(a.data(), (v) => v / scale / length);
  const offset = b / scale / length;
  return byRows(name, x, (row, out) => {
    let excess = -offset;
    for (let i = 0; i < n; i++) excess += normal[i] * row[i];
    const by = away(excess);
    for (let i = 0; i < n; i++) out[i] = by === 0 ? row[i] : row[i] - by * normal[i];
  });
}

/**
 * Onto the second-order cone { (t, v): ‖v‖₂ <= t }, each row (t, v₁, …, v_k) by itself, t first.
 * Source: Parikh and Boyd, Proximal Algorithms (2014), section 6.3.2. A row with NaN or Inf gives NaN.
 * @example
 * optim.project.secondOrderCone(tensor([0, 3, 4])); // [2.5, 1.5, 2]
 */
export function secondOrderCone(x: Tensor): Tensor {
  checkFloat('secondOrderCone', 'x', x);
  return byRows('secondOrderCone', x, (row, out) => {
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
  });
}

/**
 * Onto the positive semidefinite matrices, in the Frobenius norm: the symmetric part (X + Xᵀ) / 2 without what belongs to its
 * negative eigenvalues. Made of operations.
 * Source: Higham, Linear Algebra Appl. 103 (1988).
 * @param x [..., n, n].
 * @throws ArgumentError for NaN and Inf, as `linalg.eigh`.
 * @example
 * optim.project.positiveSemidefinite(tensor([[1, 0], [0, -2]])); // [[1, 0], [0, 0]]
 */
export function positiveSemidefinite(x: Tensor): Tensor {
  checkSquare('positiveSemidefinite', 'x', x);
  return scope(() => {
    const { values, vectors } = eigh(symmetrized(x));
    const scaled = mul(vectors, asRow(maximum(values, 0)));
    return symmetrized(matmul(scaled, transposed(vectors)));
  });
}
