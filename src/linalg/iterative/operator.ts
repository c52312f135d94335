// Linear operators of the iterative solvers: a matrix, or a function that multiplies by one.
import { describe } from '../../core/describe.js';
import type { DType } from '../../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { type Shape, sameShape, show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { matmulOp } from '../../ops/matmul.js';
import { applyInto } from '../../ops/op.js';
import { Tracer } from '../../ops/tracer.js';

/**
 * A matrix [n, n], or a function x -> A x. `cg` calls it with x in the shape of the right side ([n] or [n, k]), the
 * other solvers with one column [n] at a time. It must not change or keep x, and must return a tensor of the same shape
 * and dtype; every tensor made inside is freed after the call.
 */
export type LinearOperator = Tensor | ((x: Tensor) => Tensor);

/** into := A x; `into` must not be x. */
export type Apply = (x: Tensor, into: Tensor) => void;

/** The operator as a function that writes into a tensor; the result of a user's function is checked at every call. */
export function asApply(name: string, argument: string, operator: LinearOperator, b: Tensor): Apply {
  if (operator instanceof Tensor) {
    const n = b.shape[0];
    return asProduct(name, argument, operator, [n, n], b.dtype, false);
  }
  if (typeof operator !== 'function') {
    throw new ArgumentError(
      `${name}: ${argument} must be a tensor or a function x => A x, got ${describe(operator)}`,
    );
  }
  return asCall(name, argument, operator);
}

/** Products with a matrix of this shape, or with its transpose, written directly to the target. */
export function asProduct(
  name: string,
  argument: string,
  matrix: Tensor,
  shape: Shape,
  dtype: DType,
  transposeA: boolean,
): Apply {
  if (!sameShape(matrix.shape, shape)) {
    throw new ShapeError(`${name}: ${argument} must have shape ${show(shape)}, got ${show(matrix.shape)}`);
  }
  if (matrix.dtype !== dtype) {
    throw new DTypeError(
      `${name}: ${argument} and b must have one dtype, got ${matrix.dtype} and ${dtype} (convert one with astype)`,
    );
  }
  return (x, into) => {
    applyInto(matmulOp, [into], [matrix, x], { transposeA });
  };
}

/** Calls of a function; every result is checked and copied. */
export function asCall(name: string, argument: string, f: (x: Tensor) => Tensor): Apply {
  return (x, into) => {
    scope(() => {
      const y: unknown = f(x);
      checkProduct(name, argument, y, into);
      into.data().set(y.data());
    });
  };
}

/** The checked result of the user's function: a tensor with the shape and dtype of `like`. */
export function checkProduct(
  name: string,
  argument: string,
  y: unknown,
  like: { shape: Shape; dtype: DType },
): asserts y is Tensor {
  if (!(y instanceof Tensor))
    throw new ArgumentError(`${name}: ${argument} must give back a tensor, got ${describe(y)}`);
  if (y instanceof Tracer) {
    throw new ArgumentError(
      `${name}: ${argument} must not depend on what is differentiated, or be a matrix (stopGradient makes a constant)`,
    );
  }
  if (!sameShape(y.shape, like.shape)) {
    throw new ShapeError(
      `${name}: ${argument} must give back shape ${show(like.shape)}, got ${show(y.shape)}`,
    );
  }
  if (y.dtype !== like.dtype)
    throw new DTypeError(`${name}: ${argument} must give back ${like.dtype}, got ${y.dtype}`);
}
