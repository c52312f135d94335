// Elementwise maximum and minimum of two operands.
import type { Tensor } from '../core/tensor.js';
import { byPartials, mulZero, type Partial } from './arithmetic.js';
import { elementwise } from './elementwise.js';
import { apply, commonDType, commonFloat, type Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { pointwiseKernel } from './pointwise.js';

/** Row of the table: 1 where a > b, 1/2 where they are equal, else 0: the share of a in the derivative of max(a, b). */
export const tieWeightOp: Op = /* @__PURE__ */ elementwise({
  name: 'share',
  dtype: (inputs) => commonFloat('share', inputs),
  kernel: (output) => pointwiseKernel('share', output),
});

/** The share of the first operand in the maximum, which is that of the second one in the minimum; and the other way round. */
const shareOfFirst: Partial = ({ inputs: [a, b] }) => apply(tieWeightOp, [a, b], undefined);
const shareOfSecond: Partial = ({ inputs: [a, b] }) => apply(tieWeightOp, [b, a], undefined);

/** The derivatives of maximum and minimum. */
const LARGER = /* @__PURE__ */ byPartials([shareOfFirst, shareOfSecond], mulZero);
const SMALLER = /* @__PURE__ */ byPartials([shareOfSecond, shareOfFirst], mulZero);

/** Rows of the table. */
export const maximumOp: Op = /* @__PURE__ */ elementwise({
  name: 'maximum',
  dtype: (inputs) => commonDType('maximum', inputs),
  kernel: (output) => pointwiseKernel('maximum', output),
  jvp: (tangents, point) => LARGER.jvp(tangents, point),
  vjp: (cotangents, point) => LARGER.vjp(cotangents, point),
});

export const minimumOp: Op = /* @__PURE__ */ elementwise({
  name: 'minimum',
  dtype: (inputs) => commonDType('minimum', inputs),
  kernel: (output) => pointwiseKernel('minimum', output),
  jvp: (tangents, point) => SMALLER.jvp(tangents, point),
  vjp: (cotangents, point) => SMALLER.vjp(cotangents, point),
});

/**
 * The larger of a and b, element by element; NaN if one is NaN; shapes broadcast. Where they are equal, each gets half
 * of the derivative.
 * @param a a tensor of f64, f32 or i32, or a number.
 * @param b the same, of the same dtype.
 * @throws DTypeError for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * maximum(tensor([1, 5]), 3); // [3, 5]
 */
export function maximum(a: Operand, b: Operand): Tensor {
  return applyTo(maximumOp, [a, b], ['a', 'b']);
}

/**
 * The smaller of a and b, element by element; NaN if one is NaN; shapes broadcast. Where they are equal, each gets half
 * of the derivative.
 * @param a a tensor of f64, f32 or i32, or a number.
 * @param b the same, of the same dtype.
 * @throws DTypeError for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * minimum(tensor([1, 5]), 3); // [1, 3]
 */
export function minimum(a: Operand, b: Operand): Tensor {
  return applyTo(minimumOp, [a, b], ['a', 'b']);
}
