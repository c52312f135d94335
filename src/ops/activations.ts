// Activation functions: erf, sigmoid, softplus, relu, elu, silu, gelu, softsign. Their derivatives have rows of their own, since those
// that are written with the result cancel: s (1 - s) is 0 where 1 / (1 + e^-x) rounds to 1.
import type { Tensor } from '../core/tensor.js';
import { add, divAlong, mul, mulAlong, neg, sub } from './arithmetic.js';
import { greater } from './compare.js';
import { apply, type Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { mathKernel, pointwiseKernel, unary } from './pointwise.js';
import { abs } from './roots.js';
import { where } from './select.js';
import { tanh } from './trigonometric.js';

const NAMES = ['x'];

/** Row of the table: s = 2/√π e^(-x²); its derivative is -2 x s. */
export const erfSlopeOp: Op = /* @__PURE__ */ unary({
  name: 'erfSlope',
  kernel: mathKernel,
  along: (t, x, s) => mulAlong(t, mul(-2, mulAlong(s, x))),
});

/** Row of the table: the derivative s of sigmoid; its own is -s tanh(x/2). */
export const sigmoidSlopeOp: Op = /* @__PURE__ */ unary({
  name: 'sigmoidSlope',
  kernel: mathKernel,
  along: (t, x, s) => mulAlong(t, neg(mul(s, tanh(mul(0.5, x))))),
});

/** Row of the table: the derivative of silu; its own is s (2 - x tanh(x/2)), s that of sigmoid. */
export const siluSlopeOp: Op = /* @__PURE__ */ unary({
  name: 'siluSlope',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, mulAlong(sigmoidSlope(x), sub(2, mul(x, tanh(mul(0.5, x)))))),
});

/** Row of the table: the derivative of elu; its own is 0 above 0, and itself below. */
export const eluSlopeOp: Op = /* @__PURE__ */ unary({
  name: 'eluSlope',
  kernel: mathKernel,
  along: (t, x, s) => where(greater(x, 0), 0, mulAlong(t, s)),
});

/** Row of the table: φ(x) = e^(-x²/2) / √(2π); its derivative is -x φ(x). */
export const normalDensityOp: Op = /* @__PURE__ */ unary({
  name: 'normalDensity',
  kernel: mathKernel,
  along: (t, x, y) => mulAlong(t, neg(mulAlong(y, x))),
});

/** Row of the table: Φ(x) + x φ(x), the derivative of gelu; its own is (2 - x²) φ(x). */
export const geluSlopeOp: Op = /* @__PURE__ */ unary({
  name: 'geluSlope',
  kernel: mathKernel,
  along: (t, x) => {
    const density = apply(normalDensityOp, [x], undefined);
    // Where the density is 0, x² may be infinite.
    return mulAlong(t, sub(mul(2, density), mulAlong(mulAlong(density, x), x)));
  },
});

function sigmoidSlope(x: Tensor): Tensor {
  return apply(sigmoidSlopeOp, [x], undefined);
}

/** Rows of the table. */
export const erfOp: Op = /* @__PURE__ */ unary({
  name: 'erf',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, apply(erfSlopeOp, [x], undefined)),
});

export const sigmoidOp: Op = /* @__PURE__ */ unary({
  name: 'sigmoid',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, sigmoidSlope(x)),
});

export const softplusOp: Op = /* @__PURE__ */ unary({
  name: 'softplus',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, sigmoid(x)),
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
  along: (t, x) => mulAlong(t, apply(eluSlopeOp, [x], undefined)),
});

export const siluOp: Op = /* @__PURE__ */ unary({
  name: 'silu',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, apply(siluSlopeOp, [x], undefined)),
});

export const geluOp: Op = /* @__PURE__ */ unary({
  name: 'gelu',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, apply(geluSlopeOp, [x], undefined)),
});

export const softsignOp: Op = /* @__PURE__ */ unary({
  name: 'softsign',
  kernel: mathKernel,
  // 1 / (1 + |x|) twice, whose square may overflow.
  along: (t, x) => {
    const d = add(1, abs(x));
    return divAlong(divAlong(t, d), d);
  },
});

/** x / (1 + |x|), element by element; ±1 at ±Infinity. */
export function softsign(x: Tensor): Tensor {
  return apply(softsignOp, [x], undefined);
}

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
