// Powers and angles of two operands: pow and atan2.
import type { DType } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { add, byPartials, mul, mulAlong, neg, plus, sub } from './arithmetic.js';
import { equal } from './compare.js';
import { elementwise } from './elementwise.js';
import { log } from './exponential.js';
import { apply, commonFloat, type Derivative, type Linearization, type Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { mathKernel } from './pointwise.js';
import { where } from './select.js';
import { spreadTo, unbroadcast } from './sum.js';
import { isKnown, productOfNorms } from './tracer.js';

/** b x^(b - 1) t for the base x. Constant exponents are recognised, so that powers 0, 1 and 2 need no pow. */
function alongBase(t: Tensor, x: Tensor, b: Tensor): Derivative {
  if (b.ndim === 0 && isKnown(b)) {
    const p = b.item();
    if (p === 0) return undefined;
    if (p === 1) return t;
    if (p === 2) return mulAlong(t, mul(2, x));
    if (isExact(p, x.dtype)) return mulAlong(t, mul(p, pow(x, p - 1)));
  }
  // Where both are 0, 0 · 0^-1 must be 0.
  return mulAlong(t, mulAlong(b, powSum(x, b, -1)));
}

/** Whether p - 1 is exact: large and small x show what its rounding loses. */
function isExact(p: number, dtype: DType): boolean {
  const less = p - 1;
  if (dtype === 'f32') return Math.fround(less) === less;
  const back = less - p;
  return p - (less - back) === 0 && -1 - back === 0;
}

/** log x, and 1 where x is 0. */
function logWithoutZero(x: Tensor): Tensor {
  return log(where(equal(x, 0), 1, x));
}

/** Row of the table: x^(b + c), where the sum keeps what its rounding loses. */
export const powSumOp: Op = /* @__PURE__ */ elementwise({
  name: 'powSum',
  dtype: (inputs) => commonFloat('powSum', inputs),
  kernel: (output) => mathKernel('powSum', output),
  jvp(tangents, point) {
    const [tx, tb, tc] = tangents;
    const [base, exponent] = sumPartials(point);
    const te = plus(tb, tc);
    const t = plus(tx && mulAlong(tx, base()), te && mulAlong(te, exponent()));
    return t && spreadTo(t, point.outputs[0].shape);
  },
  vjp([ct], point) {
    const { inputs, wanted } = point;
    const [base, exponent] = sumPartials(point);
    const along = wanted[1] || wanted[2] ? mulAlong(ct as Tensor, exponent()) : undefined;
    return [
      wanted[0] ? unbroadcast(mulAlong(ct as Tensor, base()), inputs[0].shape) : undefined,
      wanted[1] && along ? unbroadcast(along, inputs[1].shape) : undefined,
      wanted[2] && along ? unbroadcast(along, inputs[2].shape) : undefined,
    ];
  },
});

/** The derivatives of x^(b + c) in x and in b + c. */
function sumPartials({ inputs: [x, b, c], outputs: [y] }: Linearization<undefined>): (() => Tensor)[] {
  return [
    () => mulAlong(add(b, c), apply(powSumOp, [x, b, sub(c, 1)], undefined)),
    () => mulAlong(y, logWithoutZero(x)),
  ];
}

function powSum(x: Tensor, b: Tensor, c: number): Tensor {
  return applyTo(powSumOp, [x, b, c], ['x', 'b', 'c']);
}

/** x^b log x t for the exponent b, 0 where x is 0. */
function alongExponent(t: Tensor, { inputs: [x], outputs: [y] }: Linearization<undefined>): Tensor {
  // Infinity^b is 0 for b < 0, and stays 0.
  return mulAlong(t, mulAlong(where(equal(x, 0), 0, y), logWithoutZero(x)));
}

/** x / (x² + y²) without overflow: the derivative of the angle of (x, y) in y; with x and y exchanged, less that in x. */
function atan2Slope(y: Tensor, x: Tensor): Tensor {
  return apply(atan2SlopeOp, [y, x], undefined);
}

/** With u = x / (x² + y²) and v = y / (x² + y²) the derivatives of u in y and x are -2 u v and v² - u². */
const SLOPE = /* @__PURE__ */ byPartials([
  ({ inputs: [y, x], outputs: [u] }) => mul(mul(-2, u), atan2Slope(x, y)),
  ({ inputs: [y, x], outputs: [u] }) => {
    const v = atan2Slope(x, y);
    return mul(sub(v, u), add(v, u));
  },
]);

/** Row of the table. */
export const atan2SlopeOp: Op = /* @__PURE__ */ elementwise({
  name: 'atan2Slope',
  dtype: (inputs) => commonFloat('atan2Slope', inputs),
  kernel: (output) => mathKernel('atan2Slope', output),
  jvp: (tangents, point) => SLOPE.jvp(tangents, point),
  vjp: (cotangents, point) => SLOPE.vjp(cotangents, point),
});

/** The derivatives of atan2(y, x). */
const ANGLE = /* @__PURE__ */ byPartials([
  ({ inputs: [y, x] }) => atan2Slope(y, x),
  ({ inputs: [y, x] }) => neg(atan2Slope(x, y)),
]);

/** Rows of the table. */
export const powOp: Op = /* @__PURE__ */ elementwise({
  name: 'pow',
  dtype: (inputs) => commonFloat('pow', inputs),
  kernel: (output) => mathKernel('pow', output),
  jvp([tx, tb], point) {
    const [x, b] = point.inputs;
    const t = plus(tx && alongBase(tx, x, b), tb && alongExponent(tb, point));
    return t && spreadTo(t, point.outputs[0].shape);
  },
  vjp([ct], point) {
    const [x, b] = point.inputs;
    const base = point.wanted[0] ? alongBase(ct as Tensor, x, b) : undefined;
    return [
      base && unbroadcast(base, x.shape),
      point.wanted[1] ? unbroadcast(alongExponent(ct as Tensor, point), b.shape) : undefined,
    ];
  },
});

export const atan2Op: Op = /* @__PURE__ */ elementwise({
  name: 'atan2',
  dtype: (inputs) => commonFloat('atan2', inputs),
  kernel: (output) => mathKernel('atan2', output),
  jvp: (tangents, point) => ANGLE.jvp(tangents, point),
  vjp: (cotangents, point) => ANGLE.vjp(cotangents, point),
});

/**
 * x^b, element by element, with the special cases of C (x^0 is 1, NaN for a negative x and a b that is not an integer);
 * shapes broadcast. The derivative in x is b x^(b - 1), 0 where b is 0; in b it is x^b log x, 0 where x is 0.
 * @param x the base, a tensor of f64 or f32, or a number.
 * @param b the exponent, of the same dtype; a number is the cheapest.
 * @throws DTypeError for i32 and for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * pow(tensor([1, 2, 3]), 2); // [1, 4, 9]
 */
export function pow(x: Operand, b: Operand): Tensor {
  return (b === 2 ? productOfNorms('pow', x) : undefined) ?? applyTo(powOp, [x, b], ['x', 'b']);
}

/**
 * The angle of the point (x, y) in [-π, π], element by element, with the special cases of C; shapes broadcast.
 * The derivative at (0, 0) is NaN.
 * @param y a tensor of f64 or f32, or a number.
 * @param x the same, of the same dtype.
 * @throws DTypeError for i32 and for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * atan2(tensor([0, 1]), tensor([1, 0])); // [0, 1.5707963267948966]
 */
export function atan2(y: Operand, x: Operand): Tensor {
  return applyTo(atan2Op, [y, x], ['y', 'x']);
}
