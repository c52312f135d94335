// Exponentials and logarithms: exp, expm1, log, log1p.
import type { Tensor } from '../core/tensor.js';
import { add, divAlong, mulAlong, neg, sub } from './arithmetic.js';
import { elementwise } from './elementwise.js';
import { apply, commonFloat, type Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { mathKernel, unary } from './pointwise.js';
import { spreadTo, unbroadcast } from './sum.js';

const NAMES = ['x'];

/** Rows of the table. */
export const expOp: Op = /* @__PURE__ */ unary({
  name: 'exp',
  kernel: mathKernel,
  along: (t, _, y) => mulAlong(t, y),
});

export const expm1Op: Op = /* @__PURE__ */ unary({
  name: 'expm1',
  kernel: mathKernel,
  // Not y + 1, which cancels below 0.
  along: (t, x) => mulAlong(t, exp(x)),
});

export const logOp: Op = /* @__PURE__ */ unary({
  name: 'log',
  kernel: mathKernel,
  along: (t, x) => divAlong(t, x),
});

export const log1pOp: Op = /* @__PURE__ */ unary({
  name: 'log1p',
  kernel: mathKernel,
  along: (t, x) => divAlong(t, add(1, x)),
});

/** Row of the table: e^x - 1 - x, for losses that are almost 0. */
export const expRestOp: Op = /* @__PURE__ */ unary({
  name: 'expRest',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, expm1(x)),
});

/**
 * Row of the table: e^(a - b), with the difference to twice the precision: 0 where a is -Infinity, whatever b is but
 * NaN, 1 where both are Infinity.
 */
export const expDifferenceOp: Op = /* @__PURE__ */ elementwise({
  name: 'expDifference',
  dtype: (inputs) => commonFloat('expDifference', inputs),
  kernel: (output) => mathKernel('expDifference', output),
  jvp: ([ta, tb], { outputs: [y] }) => {
    const t = ta && tb ? sub(ta, tb) : (ta ?? (tb && neg(tb)));
    return t && spreadTo(mulAlong(t, y), y.shape);
  },
  vjp: ([ct], { inputs: [a, b], outputs: [y], wanted }) => {
    const t = mulAlong(ct as Tensor, y);
    return [
      wanted[0] ? unbroadcast(t, a.shape) : undefined,
      wanted[1] ? neg(unbroadcast(t, b.shape)) : undefined,
    ];
  },
});

/** e^(a - b). */
export function expDifference(a: Tensor, b: Tensor): Tensor {
  return apply(expDifferenceOp, [a, b], undefined);
}

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
