// Comparisons, element by element, with results of i32: equal, notEqual, greater, greaterEqual, less, lessEqual, isNaN.
import type { DType } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { elementwise } from './elementwise.js';
import { commonDType, type Op, type TensorSpec } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { pointwiseKernel } from './pointwise.js';

/** A row with operands of one dtype and a result of i32, constant to derivatives. */
function comparison(name: string): Op {
  return elementwise({
    name,
    dtype(inputs: readonly TensorSpec[]): DType {
      commonDType(name, inputs);
      return 'i32';
    },
    kernel: (_, [dtype]) => pointwiseKernel(name, dtype),
  });
}

const NAMES = ['a', 'b'];

/** Rows of the table. */
export const equalOp: Op = /* @__PURE__ */ comparison('equal');
export const notEqualOp: Op = /* @__PURE__ */ comparison('notEqual');
export const greaterOp: Op = /* @__PURE__ */ comparison('greater');
export const greaterEqualOp: Op = /* @__PURE__ */ comparison('greaterEqual');
export const lessOp: Op = /* @__PURE__ */ comparison('less');
export const lessEqualOp: Op = /* @__PURE__ */ comparison('lessEqual');
export const isNaNOp: Op = /* @__PURE__ */ comparison('isNaN');

/**
 * 1 where a = b, else 0, as i32; shapes broadcast. NaN equals nothing. A constant to derivatives.
 * @param a a tensor of f64, f32 or i32, or a number.
 * @param b the same, of the same dtype.
 * @throws DTypeError for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * equal(tensor([1, 2]), 2); // [0, 1]
 */
export function equal(a: Operand, b: Operand): Tensor {
  return applyTo(equalOp, [a, b], NAMES);
}

/**
 * 1 where a ≠ b, else 0, as i32; shapes broadcast. NaN differs from everything. A constant to derivatives.
 * @param a a tensor of f64, f32 or i32, or a number.
 * @param b the same, of the same dtype.
 * @throws DTypeError for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * notEqual(tensor([1, 2]), 2); // [1, 0]
 */
export function notEqual(a: Operand, b: Operand): Tensor {
  return applyTo(notEqualOp, [a, b], NAMES);
}

/**
 * 1 where a > b, else 0, as i32; shapes broadcast. 0 where either is NaN. A constant to derivatives.
 * @param a a tensor of f64, f32 or i32, or a number.
 * @param b the same, of the same dtype.
 * @throws DTypeError for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * greater(tensor([1, 2, 3]), 2); // [0, 0, 1]
 */
export function greater(a: Operand, b: Operand): Tensor {
  return applyTo(greaterOp, [a, b], NAMES);
}

/**
 * 1 where a ≥ b, else 0, as i32; shapes broadcast. 0 where either is NaN. A constant to derivatives.
 * @param a a tensor of f64, f32 or i32, or a number.
 * @param b the same, of the same dtype.
 * @throws DTypeError for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * greaterEqual(tensor([1, 2, 3]), 2); // [0, 1, 1]
 */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  return applyTo(greaterEqualOp, [a, b], NAMES);
}

/**
 * 1 where a < b, else 0, as i32; shapes broadcast. 0 where either is NaN. A constant to derivatives.
 * @param a a tensor of f64, f32 or i32, or a number.
 * @param b the same, of the same dtype.
 * @throws DTypeError for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * less(tensor([1, 2, 3]), 2); // [1, 0, 0]
 */
export function less(a: Operand, b: Operand): Tensor {
  return applyTo(lessOp, [a, b], NAMES);
}

/**
 * 1 where a ≤ b, else 0, as i32; shapes broadcast. 0 where either is NaN. A constant to derivatives.
 * @param a a tensor of f64, f32 or i32, or a number.
 * @param b the same, of the same dtype.
 * @throws DTypeError for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * lessEqual(tensor([1, 2, 3]), 2); // [1, 1, 0]
 */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return applyTo(lessEqualOp, [a, b], NAMES);
}

/**
 * 1 where x is NaN, else 0, as i32. A constant to derivatives.
 * @param x a tensor of any shape and dtype, or a number.
 * @example
 * isNaN(log(tensor([-1, 1]))); // [1, 0]
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name in mathematics and in NumPy
export function isNaN(x: Operand): Tensor {
  return applyTo(isNaNOp, [x], ['x']);
}
