// Exponentials and logarithms: exp, expm1, log, log1p.
import type { Tensor } from '../core/tensor.js';
import { add, div, mul } from './arithmetic.js';
import type { Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { mathKernel, unary } from './pointwise.js';

const NAMES = ['x'];

/** Rows of the table. */
export const expOp: Op = /* @__PURE__ */ unary({
  name: 'exp',
  kernel: mathKernel,
  along: (t, _, y) => mul(t, y),
});

export const expm1Op: Op = /* @__PURE__ */ unary({
  name: 'expm1',
  kernel: mathKernel,
  along: (t, _, y) => mul(t, add(y, 1)),
});

export const logOp: Op = /* @__PURE__ */ unary({
  name: 'log',
  kernel: mathKernel,
  along: (t, x) => div(t, x),
});

export const log1pOp: Op = /* @__PURE__ */ unary({
  name: 'log1p',
  kernel: mathKernel,
  along: (t, x) => div(t, add(1, x)),
});

/**
 * e^x, element by element.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * exp(tensor([0, 1])); // [1, 2.718281828459045]
 */
export function exp(x: Operand): Tensor {
  return applyTo(expOp, [x], NAMES);
}

/**
 * e^x - 1, element by element, accurate to rounding near 0, too.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * expm1(tensor([0, 1e-20])); // [0, 1e-20]
 */
export function expm1(x: Operand): Tensor {
  return applyTo(expm1Op, [x], NAMES);
}

/**
 * The natural logarithm, element by element; -Infinity at 0, NaN below.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * log(tensor([1, 10])); // [0, 2.302585092994046]
 */
export function log(x: Operand): Tensor {
  return applyTo(logOp, [x], NAMES);
}

/**
 * log(1 + x), element by element, accurate to rounding near 0, too; -Infinity at -1, NaN below.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * log1p(tensor([0, 1e-20])); // [0, 1e-20]
 */
export function log1p(x: Operand): Tensor {
  return applyTo(log1pOp, [x], NAMES);
}
