// A stack of matrices: the last two axes are a matrix, the leading ones a batch; and the argument checks of linear
// algebra.
import { describe } from '../core/describe.js';
import { ArgumentError, DisposedError, DTypeError, ShapeError } from '../core/errors.js';
import { type Shape, show, sizeOf } from '../core/shape.js';
import { copyOf, Tensor } from '../core/tensor.js';
import type { TensorSpec } from '../ops/op.js';
import { Tracer } from '../ops/tracer.js';
import { untraced } from '../ops/untraced.js';

/** Element types of linear algebra. */
export type Float = 'f64' | 'f32';

/** The description of a stack. */
export interface Stack {
  dtype: Float;
  /** Leading axes. */
  batch: Shape;
  /** Matrices in the stack. */
  count: number;
  rows: number;
  columns: number;
}

/** `x` as a floating-point tensor that has not been disposed. */
export function checkFloat(name: string, argument: string, x: unknown): Tensor {
  if (!(x instanceof Tensor))
    throw new ArgumentError(`${name}: ${argument} must be a tensor, got ${describe(x)}`);
  if (x.dtype === 'i32')
    throw new DTypeError(`${name}: ${argument} must be f64 or f32, got i32 (convert with astype)`);
  // A disposed input must fail before anything is allocated; a differentiated one has no address.
  if (!(x instanceof Tracer)) {
    if (x.isDisposed)
      throw new DisposedError(`${name}: ${argument}, a tensor of shape ${show(x.shape)}, has been disposed`);
    void x.address;
  }
  return x;
}

const NO_BATCH: Shape = [];

/** The stack of matrices in `x`. */
export function checkStack(name: string, argument: string, x: Tensor): Stack {
  return stackOf(name, argument, checkFloat(name, argument, x));
}

/** The stack of square matrices in `x`. */
export function checkSquare(name: string, argument: string, x: Tensor): Stack {
  return squareOf(name, argument, checkFloat(name, argument, x));
}

/** The stack of matrices with a shape and a dtype. */
export function stackOf(name: string, argument: string, { shape, dtype }: TensorSpec): Stack {
  const ndim = shape.length;
  if (ndim < 2) {
    throw new ShapeError(
      `${name}: ${argument} must be a matrix or a stack of them, got shape ${show(shape)}`,
    );
  }
  const batch = ndim === 2 ? NO_BATCH : shape.slice(0, -2);
  return {
    dtype: dtype as Float,
    batch,
    count: sizeOf(batch),
    rows: shape[ndim - 2],
    columns: shape[ndim - 1],
  };
}

/** The same for square matrices. */
export function squareOf(name: string, argument: string, x: TensorSpec): Stack {
  const stack = stackOf(name, argument, x);
  if (stack.rows !== stack.columns) {
    throw new ShapeError(
      `${name}: ${argument} must be square, got ${stack.rows} x ${stack.columns} (shape ${show(x.shape)})`,
    );
  }
  return stack;
}

/** A new tensor with the same elements, for routines that work in place; x must not be differentiated. */
export function cloneTensor(x: Tensor, user: string): Tensor {
  untraced(user, 'a tensor', x);
  return copyOf(x, user);
}

/** The index of a matrix in a stack, as messages print it: '' for a single matrix. */
export function stackIndexText(stack: Stack, index: number): string {
  if (stack.batch.length === 0) return '';
  const place: number[] = [];
  for (let axis = stack.batch.length - 1, rest = index; axis >= 0; axis--) {
    place.unshift(rest % stack.batch[axis]);
    rest = Math.floor(rest / stack.batch[axis]);
  }
  return ` ${show(place)}`;
}
