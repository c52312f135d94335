// Activation functions: erf, sigmoid, softplus, relu, elu, silu, gelu.
import type { Tensor } from '../core/tensor.js';
import { add, mul, sub } from './arithmetic.js';
import { greater } from './compare.js';
import { exp } from './exponential.js';
import type { Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { mathKernel, pointwiseKernel, unary } from './pointwise.js';
import { square } from './roots.js';
import { where } from './select.js';

const NAMES = ['x'];

/** Φ(x) = (1 + erf(x/√2)) / 2. */
function normalCdf(x: Tensor): Tensor {
  return add(0.5, mul(0.5, erf(mul(Math.SQRT1_2, x))));
}

/** φ(x) = e^(-x²/2) / √(2π). */
function normalDensity(x: Tensor): Tensor {
  return mul(1 / Math.sqrt(2 * Math.PI), exp(mul(-0.5, square(x))));
}

/** Rows of the table. */
export const erfOp: Op = /* @__PURE__ */ unary({
  name: 'erf',
  kernel: mathKernel,
  along: (t, x) => mul(t, mul(2 / Math.sqrt(Math.PI), exp(mul(-1, square(x))))),
});

export const sigmoidOp: Op = /* @__PURE__ */ unary({
  name: 'sigmoid',
  kernel: mathKernel,
  along: (t, _, y) => mul(t, mul(y, sub(1, y))),
});

export const softplusOp: Op = /* @__PURE__ */ unary({
  name: 'softplus',
  kernel: mathKernel,
  along: (t, x) => mul(t, sigmoid(x)),
});

export const reluOp: Op = /* @__PURE__ */ unary({
  name: 'relu',
  kernel: pointwiseKernel,
  integers: true,
  along: (t, x) => where(greater(x, 0), t, 0),
});

export const eluOp: Op = /* @__PURE__ */ unary({
  name: 'elu',
  kernel: mathKernel,
  along: (t, x, y) => where(greater(x, 0), t, mul(t, add(y, 1))),
});

export const siluOp: Op = /* @__PURE__ */ unary({
  name: 'silu',
  kernel: mathKernel,
  along: (t, x, y) => {
    const s = sigmoid(x);
    return mul(t, add(s, mul(y, sub(1, s))));
  },
});

export const geluOp: Op = /* @__PURE__ */ unary({
  name: 'gelu',
  kernel: mathKernel,
  along: (t, x) => mul(t, add(normalCdf(x), mul(x, normalDensity(x)))),
});

/**
 * The error function, 2/√π times the integral of e^(-s²) from 0 to x, element by element.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * erf(tensor([0, 1])); // [0, 0.8427007929497149]
 */
export function erf(x: Operand): Tensor {
  return applyTo(erfOp, [x], NAMES);
}

/**
 * 1 / (1 + e^-x), element by element.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * sigmoid(tensor([0, 1])); // [0.5, 0.7310585786300049]
 */
export function sigmoid(x: Operand): Tensor {
  return applyTo(sigmoidOp, [x], NAMES);
}

/**
 * log(1 + e^x), element by element, without overflow.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * softplus(tensor([0, 1000])); // [0.6931471805599453, 1000]
 */
export function softplus(x: Operand): Tensor {
  return applyTo(softplusOp, [x], NAMES);
}

/**
 * max(x, 0), element by element; NaN stays. The derivative at 0 is 0.
 * @param x a tensor of any shape (f64, f32 or i32) or a number.
 * @example
 * relu(tensor([-2, 3])); // [0, 3]
 */
export function relu(x: Operand): Tensor {
  return applyTo(reluOp, [x], NAMES);
}

/**
 * x above 0 and e^x - 1 below, element by element.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * elu(tensor([-1, 3])); // [-0.6321205588285577, 3]
 */
export function elu(x: Operand): Tensor {
  return applyTo(eluOp, [x], NAMES);
}

/**
 * x / (1 + e^-x), element by element (also known as swish).
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * silu(tensor([0, 1])); // [0, 0.7310585786300049]
 */
export function silu(x: Operand): Tensor {
  return applyTo(siluOp, [x], NAMES);
}

/**
 * x Φ(x), Φ the distribution function of the standard normal, element by element (exact, by erf).
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * gelu(tensor([0, 1])); // [0, 0.8413447460685429]
 */
export function gelu(x: Operand): Tensor {
  return applyTo(geluOp, [x], NAMES);
}
