// project, distance, contains: nearest points of cones and polyhedra, how far they are, and whether points lie inside.

import { Symbolic } from '../../compiler/symbolic.js';
import { checkBetween } from '../../core/check.js';
import { ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { reshape } from '../../ops/layout.js';
import { apply, applyAll } from '../../ops/op.js';
import { Tracer } from '../../ops/tracer.js';
import type { MatrixLike, VectorLike } from '../arguments.js';
import type { Equalities } from '../vertex-enumeration.js';
import { numbersOf, partsOf } from './arguments.js';
import { containsOp, distanceOp, nearestOp, refuse } from './rows.js';

/** Options of `project`, `distance` and `contains`. */
export interface ProjectionOptions {
  /** [m]; default zeros: a cone. */
  b?: VectorLike;
  /** E x = e besides: { A: E [k, d], b: e [k] }, or E alone for e = 0. */
  equalities?: Equalities | MatrixLike;
  /** Relative to rows of length 1, from 0 to 0.1; default 1e-9. */
  tolerance?: number;
}

const OPTIONS: OptionNames<ProjectionOptions> = { b: true, equalities: true, tolerance: true };

/** Throws where a derivative in A, b, E or e is on its way, before anything is computed. */
function refuseDerivatives(name: string, [, ...parts]: readonly Tensor[]): void {
  const wanted = parts.map((x) => x instanceof Tracer && !(x instanceof Symbolic));
  refuse(name, (part) => wanted[part]);
}

/** The arguments as inputs of rows: points [n, d], A, b, E, e, in f64. */
function inputsOf(
  name: string,
  A: MatrixLike,
  argument: string,
  points: unknown,
  options: ProjectionOptions,
) {
  checkOptions(name, options, OPTIONS);
  const { b, equalities, tolerance = 1e-9 } = options;
  checkBetween(name, 'tolerance', tolerance, 0, 0.1);
  const parts = partsOf(name, A, b, equalities);
  const d = parts.A.shape[1];
  const isOne =
    points instanceof Tensor ? points.ndim === 1 : Array.isArray(points) && !Array.isArray(points[0]);
  const given =
    points instanceof Tensor && points.ndim !== 1 && points.ndim !== 2
      ? checkFloat(name, argument, points)
      : numbersOf(name, argument, points, isOne ? 1 : 2);
  if (given.ndim < 1 || given.ndim > 2 || given.shape[given.ndim - 1] !== d)
    throw new ShapeError(
      `${name}: ${argument} must be [${d}] or [n, ${d}] for A ${show(parts.A.shape)}, got ${show(given.shape)}`,
    );
  const rows = isOne ? reshape(given, [1, d]) : given;
  const inputs = [rows, parts.A, parts.b, parts.E, parts.e] as const;
  return { inputs, params: { name, tolerance }, isOne, d };
}

/**
 * The points of {x | A x <= b, E x = e} that are nearest to the rows of y ('projection at test time'), exact to rounding: an active-set
 * method in the span of A's rows, which are factored once for all points. A point inside stays as it is, bit by bit. Differentiable in
 * y to any order, in both modes and compiled: the derivative is the projection on the face that the nearest point lies on.
 * @param A [m, d]: a tensor or nested arrays. @param y [d] or [n, d], f64 or f32.
 * @param options `b` [m]; `equalities`; `tolerance`: of the interior point method that takes over where an active set is not found.
 * @returns f64, of the shape of y.
 * @throws ArgumentError for entries that are not finite, and where there is no such x; ShapeError, DTypeError. A derivative in anything
 * but y is an ArgumentError.
 * Source: Goldfarb and Idnani, Mathematical Programming 27 (1983).
 * @example
 * cones.project([[1, -1]], tensor([3, 1])); // [2, 2]: the nearest with x_0 <= x_1
 */
export function project(A: MatrixLike, y: MatrixLike | VectorLike, options: ProjectionOptions = {}): Tensor {
  return scope(() => {
    const { inputs, params, isOne, d } = inputsOf('project', A, 'y', y, options);
    refuseDerivatives(params.name, inputs);
    const [x] = applyAll(nearestOp, inputs, params);
    return isOne ? reshape(x, [d]) : x;
  });
}

/**
 * Euclidean distances of the rows of y from {x | A x <= b, E x = e}, as a penalty for instance. The derivative in y is (y - x) /
 * distance with the nearest point x, and 0 inside; higher ones are exact away from kinks.
 * @param A [m, d]: a tensor or nested arrays. @param y [d] or [n, d], f64 or f32.
 * @param options as for `project`.
 * @returns f64 [] or [n].
 * @throws as `project`.
 * @example
 * cones.distance([[1, -1]], tensor([[3, 1], [0, 1]])); // [1.414…, 0]
 */
export function distance(A: MatrixLike, y: MatrixLike | VectorLike, options: ProjectionOptions = {}): Tensor {
  return scope(() => {
    const { inputs, params, isOne } = inputsOf('distance', A, 'y', y, options);
    refuseDerivatives(params.name, inputs);
    const [x] = applyAll(nearestOp, inputs, params);
    const distances = apply(distanceOp, [inputs[0], x, ...inputs.slice(1)], params);
    return isOne ? reshape(distances, []) : distances;
  });
}

/**
 * Whether the rows of x lie in {x | A x <= b, E x = e}: aᵢx <= bᵢ + tolerance · ‖aᵢ‖ · max(1, ‖x‖) for all i, and |Eᵢx - eᵢ| below the
 * same.
 * @param A [m, d]: a tensor or nested arrays. @param x [d] or [n, d], f64 or f32.
 * @param options `b` [m]; `equalities`; `tolerance`.
 * @returns i32 [] or [n]: 1 inside, else 0.
 * @throws ArgumentError for entries that are not finite; ShapeError, DTypeError.
 * @example
 * cones.contains([[1, -1]], tensor([[3, 1], [0, 1]])); // [0, 1]
 */
export function contains(A: MatrixLike, x: MatrixLike | VectorLike, options: ProjectionOptions = {}): Tensor {
  return scope(() => {
    const { inputs, params, isOne } = inputsOf('contains', A, 'x', x, options);
    const inside = apply(containsOp, inputs, params);
    return isOne ? reshape(inside, []) : inside;
  });
}
