// Powers and angles of two operands: pow and atan2.
import type { Tensor } from '../core/tensor.js';
import { add, byPartials, div, mul, neg, type Partial, plus, sub } from './arithmetic.js';
import { equal } from './compare.js';
import { elementwise } from './elementwise.js';
import { log } from './exponential.js';
import { commonFloat, type Derivative, type Linearization, type Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { mathKernel } from './pointwise.js';
import { square } from './roots.js';
import { where } from './select.js';
import { spreadTo, unbroadcast } from './sum.js';
import { isKnown, productOfNorms } from './tracer.js';

/** b x^(b - 1) t for the base x. Constant exponents are recognised, so that powers 0, 1 and 2 need no pow. */
function alongBase(t: Tensor, x: Tensor, b: Tensor): Derivative {
  if (b.ndim === 0 && isKnown(b)) {
    const p = b.item();
    if (p === 0) return undefined;
    if (p === 1) return t;
    if (p === 2) return mul(t, mul(2, x));
    return mul(t, mul(p, pow(x, p - 1)));
  }
  // Where both are 0, 0 · 0^-1 must be 0: use any exponent with a finite result.
  const both = mul(equal(x, 0), equal(b, 0));
  return mul(t, mul(b, pow(x, where(both, 1, sub(b, 1)))));
}

/** x^b log x t for the exponent b, 0 where x is 0. */
function alongExponent(t: Tensor, { inputs: [x], outputs: [y] }: Linearization<undefined>): Tensor {
  const zero = equal(x, 0);
  return where(zero, 0, mul(t, mul(where(zero, 0, y), log(where(zero, 1, x)))));
}

/** The derivatives of atan2(y, x). */
const ANGLE: readonly Partial[] = [
  ({ inputs: [y, x] }) => div(x, add(square(x), square(y))),
  ({ inputs: [y, x] }) => neg(div(y, add(square(x), square(y)))),
];

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
  jvp: (tangents, point) => byPartials(ANGLE).jvp(tangents, point),
  vjp: (cotangents, point) => byPartials(ANGLE).vjp(cotangents, point),
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
