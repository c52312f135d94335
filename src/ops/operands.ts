// Operands of elementwise operations: tensors, or numbers that take the dtype of the tensor beside them.
import { filled } from '../core/create.js';
import type { DType } from '../core/dtype.js';
import { ArgumentError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { apply, checkTensor, type Op } from './op.js';

/** A tensor or a number; a number takes the dtype of the other operand. */
export type Operand = Tensor | number;

/** Calls a row on operands, some of which may be numbers; `names` are the names of the arguments. */
export function applyTo(op: Op, operands: readonly Operand[], names: readonly string[]): Tensor {
  let dtype: DType = 'f64';
  for (const x of operands) {
    if (x instanceof Tensor) {
      dtype = x.dtype;
      break;
    }
  }
  const made: Tensor[] = [];
  try {
    const inputs = operands.map((x, i) => {
      if (typeof x !== 'number') return checkTensor(op.name, names[i], x);
      const scalar = operandOf(op.name, names[i], x, dtype);
      made.push(scalar);
      return scalar;
    });
    return apply(op, inputs, undefined);
  } finally {
    for (const scalar of made) scalar.dispose();
  }
}

/** A number as a scalar tensor. */
function operandOf(op: string, argument: string, x: number, dtype: DType): Tensor {
  if (dtype === 'i32' && (x | 0) !== x) {
    throw new ArgumentError(`${op}: ${argument} must be an integer beside an i32 tensor, got ${x}`);
  }
  return filled(op, [], x, dtype);
}
