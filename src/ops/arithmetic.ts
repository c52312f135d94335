// Elementwise arithmetic with broadcasting: add, sub, mul, div, neg.
import { checkDType, full } from '../core/create.js';
import { describe } from '../core/descriptor.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import { broadcastShapes, broadcastStrides, mergeAxes, sameShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { type ArrayExports, array } from '../generated/array.js';
import { apply, checkTensor, commonDType, type Op } from './op.js';

type BinaryName = 'add' | 'sub' | 'mul' | 'div';
type BinaryKernel = (ndim: number, meta: number, out: number, a: number, b: number) => void;

function binaryRow(name: BinaryName): Op {
  return {
    name,
    shape(inputs) {
      const dtype = commonDType(name, inputs);
      if (name === 'div' && dtype === 'i32') {
        throw new DTypeError('div: operands must be f64 or f32, got i32 (convert with astype)');
      }
      return { shape: broadcastShapes(name, inputs[0].shape, inputs[1].shape), dtype };
    },
    run(out, [a, b]) {
      const kernel = array.exports[`${name}_${out.dtype}` as keyof ArrayExports] as BinaryKernel;
      const layout =
        sameShape(a.shape, out.shape) && sameShape(b.shape, out.shape)
          ? { extents: [out.size], strides: [[1], [1]] }
          : mergeAxes(out.shape, [
              broadcastStrides(a.shape, out.shape),
              broadcastStrides(b.shape, out.shape),
            ]);
      kernel(layout.extents.length, describe(layout), out.address, a.address, b.address);
    },
  };
}

/** Rows of the table. */
export const addOp: Op = /* @__PURE__ */ binaryRow('add');
export const subOp: Op = /* @__PURE__ */ binaryRow('sub');
export const mulOp: Op = /* @__PURE__ */ binaryRow('mul');
export const divOp: Op = /* @__PURE__ */ binaryRow('div');

export const negOp: Op = {
  name: 'neg',
  shape: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  run(out, [x]) {
    const layout = { extents: [x.size], strides: [[1], [1]] };
    array.exports[`neg_${out.dtype}`](1, describe(layout), out.address, x.address);
  },
};

/** A tensor or a number; a number takes the dtype of the other operand. */
export type Operand = Tensor | number;

/** Calls a binary row on operands of which either may be a number. */
function binary(op: Op, a: Operand, b: Operand): Tensor {
  const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : 'f64';
  const x = operand(op.name, 'a', a, dtype);
  try {
    const y = operand(op.name, 'b', b, dtype);
    try {
      return apply(op, [x, y], undefined);
    } finally {
      if (y !== b) y.dispose();
    }
  } finally {
    if (x !== a) x.dispose();
  }
}

function operand(op: string, argument: string, x: Operand, dtype: Tensor['dtype']): Tensor {
  if (typeof x !== 'number') return checkTensor(op, argument, x);
  if (dtype === 'i32' && (x | 0) !== x) {
    throw new ArgumentError(`${op}: ${argument} must be an integer beside an i32 tensor, got ${x}`);
  }
  return full([], x, { dtype: checkDType(op, dtype, 'f64') });
}

/** a + b, element by element; shapes broadcast. dtype f64, f32 or i32 (wraps around). */
export function add(a: Operand, b: Operand): Tensor {
  return binary(addOp, a, b);
}

/** a - b, element by element; shapes broadcast. dtype f64, f32 or i32 (wraps around). */
export function sub(a: Operand, b: Operand): Tensor {
  return binary(subOp, a, b);
}

/** a b, element by element (Hadamard's product); shapes broadcast. dtype f64, f32 or i32 (wraps around). */
export function mul(a: Operand, b: Operand): Tensor {
  return binary(mulOp, a, b);
}

/** a / b, element by element; shapes broadcast. dtype f64 or f32; x/0 is ±Infinity and 0/0 is NaN, as IEEE 754 has it. */
export function div(a: Operand, b: Operand): Tensor {
  return binary(divOp, a, b);
}

/** -x, element by element. */
export function neg(x: Tensor): Tensor {
  return apply(negOp, [checkTensor('neg', 'x', x)], undefined);
}
