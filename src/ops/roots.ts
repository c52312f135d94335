// abs, sign, square, sqrt and rsqrt, element by element.
import type { Tensor } from '../core/tensor.js';
import { div, mul, mulAlong } from './arithmetic.js';
import type { Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { mathKernel, pointwiseKernel, unary } from './pointwise.js';
import { productOfNorms } from './tracer.js';

const NAMES = ['x'];

/** Rows of the table. */
export const absOp: Op = /* @__PURE__ */ unary({
  name: 'abs',
  kernel: pointwiseKernel,
  integers: true,
  along: (t, x) => mulAlong(t, sign(x)),
});

export const signOp: Op = /* @__PURE__ */ unary({ name: 'sign', kernel: pointwiseKernel, integers: true });

export const squareOp: Op = /* @__PURE__ */ unary({
  name: 'square',
  kernel: pointwiseKernel,
  integers: true,
  along: (t, x) => mulAlong(t, mul(2, x)),
  chain: [8],
});

export const sqrtOp: Op = /* @__PURE__ */ unary({
  name: 'sqrt',
  kernel: pointwiseKernel,
  along: (t, _, y) => mulAlong(t, div(0.5, y)),
});

export const rsqrtOp: Op = /* @__PURE__ */ unary({
  name: 'rsqrt',
  kernel: mathKernel,
  along: (t, x, y) => mulAlong(t, div(mul(-0.5, y), x)),
});

/**
 * |x|, element by element. The derivative at 0 is 0.
 * @param x a tensor of any shape (f64, f32 or i32) or a number.
 * @example
 * abs(tensor([-2, 3])); // [2, 3]
 */
export function abs(x: Operand): Tensor {
  return applyTo(absOp, [x], NAMES);
}

/**
 * The sign of x, element by element: -1, 0 (with its sign), 1, or NaN. A constant to derivatives.
 * @param x a tensor of any shape (f64, f32 or i32) or a number.
 * @example
 * sign(tensor([-2, 0, 3])); // [-1, 0, 1]
 */
export function sign(x: Operand): Tensor {
  return applyTo(signOp, [x], NAMES);
}

/**
 * x², element by element.
 * @param x a tensor of any shape (f64, f32 or i32, which wraps around) or a number.
 * @example
 * square(tensor([-2, 3])); // [4, 9]
 */
export function square(x: Operand): Tensor {
  return productOfNorms('square', x) ?? applyTo(squareOp, [x], NAMES);
}

/**
 * x^½, element by element, correctly rounded; NaN below 0. The derivative at 0 is infinite.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * sqrt(tensor([4, 9])); // [2, 3]
 */
export function sqrt(x: Operand): Tensor {
  return applyTo(sqrtOp, [x], NAMES);
}

/**
 * x^-½, element by element; infinite at 0, NaN below.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * rsqrt(tensor([4, 16])); // [0.5, 0.25]
 */
export function rsqrt(x: Operand): Tensor {
  return applyTo(rsqrtOp, [x], NAMES);
}
