// Circular and hyperbolic functions: sin, cos, tan, their inverses, sinh, cosh, tanh. Angles are in radians.
import type { Tensor } from '../core/tensor.js';
import { add, mul, mulAlong, neg } from './arithmetic.js';
import { apply, type Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { mathKernel, unary } from './pointwise.js';
import { square } from './roots.js';

const NAMES = ['x'];

/** Row of the table: s = (1 - x²)^-½; its derivative is x s³. */
export const asinSlopeOp: Op = /* @__PURE__ */ unary({
  name: 'asinSlope',
  kernel: mathKernel,
  along: (t, x, s) => mulAlong(t, mul(mul(x, s), square(s))),
});

/** Row of the table: s = 1 / (1 + x²); its derivative is -2 x s². */
export const atanSlopeOp: Op = /* @__PURE__ */ unary({
  name: 'atanSlope',
  kernel: mathKernel,
  along: (t, x, s) => mulAlong(t, mul(mul(-2, mulAlong(s, x)), s)),
});

/** Row of the table: s = 1 - tanh² x; its derivative is -2 s tanh x. */
export const tanhSlopeOp: Op = /* @__PURE__ */ unary({
  name: 'tanhSlope',
  kernel: mathKernel,
  along: (t, x, s) => mulAlong(t, mul(mul(-2, s), tanh(x))),
});

function asinSlope(x: Tensor): Tensor {
  return apply(asinSlopeOp, [x], undefined);
}

/** Rows of the table. */
export const sinOp: Op = /* @__PURE__ */ unary({
  name: 'sin',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, cos(x)),
});

export const cosOp: Op = /* @__PURE__ */ unary({
  name: 'cos',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, neg(sin(x))),
});

export const tanOp: Op = /* @__PURE__ */ unary({
  name: 'tan',
  kernel: mathKernel,
  along: (t, _, y) => mulAlong(t, add(1, square(y))),
});

export const asinOp: Op = /* @__PURE__ */ unary({
  name: 'asin',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, asinSlope(x)),
});

export const acosOp: Op = /* @__PURE__ */ unary({
  name: 'acos',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, neg(asinSlope(x))),
});

export const atanOp: Op = /* @__PURE__ */ unary({
  name: 'atan',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, apply(atanSlopeOp, [x], undefined)),
});

export const sinhOp: Op = /* @__PURE__ */ unary({
  name: 'sinh',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, cosh(x)),
});

export const coshOp: Op = /* @__PURE__ */ unary({
  name: 'cosh',
  kernel: mathKernel,
  along: (t, x) => mulAlong(t, sinh(x)),
});

export const tanhOp: Op = /* @__PURE__ */ unary({
  name: 'tanh',
  kernel: mathKernel,
  // Not 1 - y², which cancels away from 0.
  along: (t, x) => mulAlong(t, apply(tanhSlopeOp, [x], undefined)),
});

/**
 * sin x, element by element, for angles of any size.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * sin(tensor([0, 1])); // [0, 0.8414709848078965]
 */
export function sin(x: Operand): Tensor {
  return applyTo(sinOp, [x], NAMES);
}

/**
 * cos x, element by element, for angles of any size.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * cos(tensor([0, 1])); // [1, 0.5403023058681398]
 */
export function cos(x: Operand): Tensor {
  return applyTo(cosOp, [x], NAMES);
}

/**
 * tan x, element by element, for angles of any size.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * tan(tensor([0, 1])); // [0, 1.5574077246549023]
 */
export function tan(x: Operand): Tensor {
  return applyTo(tanOp, [x], NAMES);
}

/**
 * The angle in [-π/2, π/2] whose sine is x, element by element; NaN outside of [-1, 1]. The derivative at ±1 is
 * infinite.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * asin(tensor([0, 1])); // [0, 1.5707963267948966]
 */
export function asin(x: Operand): Tensor {
  return applyTo(asinOp, [x], NAMES);
}

/**
 * The angle in [0, π] whose cosine is x, element by element; NaN outside of [-1, 1]. The derivative at ±1 is infinite.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * acos(tensor([1, 0])); // [0, 1.5707963267948966]
 */
export function acos(x: Operand): Tensor {
  return applyTo(acosOp, [x], NAMES);
}

/**
 * The angle in [-π/2, π/2] whose tangent is x, element by element.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * atan(tensor([0, 1])); // [0, 0.7853981633974483]
 */
export function atan(x: Operand): Tensor {
  return applyTo(atanOp, [x], NAMES);
}

/**
 * (e^x - e^-x) / 2, element by element.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * sinh(tensor([0, 1])); // [0, 1.1752011936438014]
 */
export function sinh(x: Operand): Tensor {
  return applyTo(sinhOp, [x], NAMES);
}

/**
 * (e^x + e^-x) / 2, element by element.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * cosh(tensor([0, 1])); // [1, 1.5430806348152437]
 */
export function cosh(x: Operand): Tensor {
  return applyTo(coshOp, [x], NAMES);
}

/**
 * (e^x - e^-x) / (e^x + e^-x), element by element.
 * @param x a tensor of any shape (f64 or f32) or a number.
 * @throws DTypeError for i32.
 * @example
 * tanh(tensor([0, 1])); // [0, 0.7615941559557649]
 */
export function tanh(x: Operand): Tensor {
  return applyTo(tanhOp, [x], NAMES);
}
