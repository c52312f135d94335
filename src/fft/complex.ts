// Complex numbers: two tensors of one shape and dtype.
import { describe } from '../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { isPlainObject } from '../core/kind.js';
import { scope } from '../core/scope.js';
import { sameShape, show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import { stack } from '../ops/concat.js';
import { squeeze } from '../ops/layout.js';
import { take } from '../ops/take.js';

/** Complex numbers re + i im: a tree, as all transformations take it. */
export interface Complex {
  re: Tensor;
  im: Tensor;
}

/** `z` as complex numbers, f64 or f32. */
export function checkComplex(name: string, argument: string, z: unknown): Complex {
  if (!isPlainObject(z) || !(z.re instanceof Tensor) || !(z.im instanceof Tensor))
    throw new ArgumentError(`${name}: ${argument} must be { re, im } of two tensors, got ${describe(z)}`);
  const re = checkFloat(name, `${argument}.re`, z.re);
  const im = checkFloat(name, `${argument}.im`, z.im);
  if (!sameShape(re.shape, im.shape))
    throw new ShapeError(
      `${name}: ${argument}.re and ${argument}.im must have one shape, got ${show(re.shape)} and ${show(im.shape)}`,
    );
  if (re.dtype !== im.dtype)
    throw new DTypeError(
      `${name}: ${argument}.re and ${argument}.im must have one dtype, got ${re.dtype} and ${im.dtype}`,
    );
  return { re, im };
}

/**
 * Real and imaginary parts side by side, as NumPy and PyTorch keep complex numbers in memory.
 * @param z { re, im } of shape [...].
 * @returns [..., 2].
 * @throws ArgumentError, ShapeError, DTypeError for what are no complex numbers.
 * @example
 * fft.interleave({ re: tensor([1, 2]), im: tensor([3, 4]) }); // [[1, 3], [2, 4]]
 */
export function interleave(z: Complex): Tensor {
  const { re, im } = checkComplex('interleave', 'z', z);
  return stack([re, im], -1);
}

/**
 * The reverse of `interleave`.
 * @param t shape [..., 2], f64 or f32.
 * @returns { re, im } of shape [...].
 * @throws ShapeError unless the last axis has two entries; DTypeError.
 * @example
 * fft.deinterleave(tensor([[1, 3], [2, 4]])); // { re: [1, 2], im: [3, 4] }
 */
export function deinterleave(t: Tensor): Complex {
  const { shape } = checkFloat('deinterleave', 't', t);
  if (shape.at(-1) !== 2)
    throw new ShapeError(`deinterleave: t must have shape [..., 2], got ${show(shape)}`);
  return scope(() => ({ re: squeeze(take(t, [0], -1), -1), im: squeeze(take(t, [1], -1), -1) }));
}
