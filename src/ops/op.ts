// An operation is a row: a name, a rule for the shape of its result, and what it runs. `apply` is how every row is called.
import type { DType } from '../core/dtype.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import type { Shape } from '../core/shape.js';
import { allocate, Tensor, viewOf } from '../core/tensor.js';

/** What a shape rule sees of a tensor. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One row of the table of operations. */
export interface Op<P = undefined> {
  /** The name that errors and graphs show. */
  readonly name: string;
  /** The result's shape and dtype; throws what is wrong with the inputs. */
  shape(inputs: readonly TensorSpec[], params: P): TensorSpec;
  /** Writes every element of `out`; called only when it has any. Absent where the result is a view. */
  run?(out: Tensor, inputs: readonly Tensor[], params: P): void;
}

/** Calls an operation: checks, allocates the result, runs. When it throws, nothing has been allocated. */
export function apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor {
  const { shape, dtype } = op.shape(inputs, params);
  const frozen = Object.isFrozen(shape) ? shape : Object.freeze(shape);
  if (op.run === undefined) return viewOf(inputs[0], frozen);
  for (const input of inputs) void input.address; // a disposed input is an error before anything is allocated
  const out = allocate(frozen, dtype, op.name);
  if (out.size === 0) return out;
  try {
    op.run(out, inputs, params);
  } catch (error) {
    out.dispose();
    throw error;
  }
  return out;
}

/** `x` if it is a tensor. */
export function checkTensor(op: string, argument: string, x: unknown): Tensor {
  if (x instanceof Tensor) return x;
  const got = typeof x === 'object' && x !== null ? (x.constructor?.name ?? 'an object') : String(x);
  throw new ArgumentError(`${op}: ${argument} must be a tensor, got ${got}`);
}

/** The dtype that all inputs share. */
export function commonDType(op: string, inputs: readonly TensorSpec[]): DType {
  const { dtype } = inputs[0];
  for (const input of inputs) {
    if (input.dtype !== dtype) {
      throw new DTypeError(
        `${op}: operands must have one dtype, got ${inputs.map((i) => i.dtype).join(' and ')} (convert one with astype)`,
      );
    }
  }
  return dtype;
}

/** The dtype that all inputs share, which must be f64 or f32. */
export function commonFloat(op: string, inputs: readonly TensorSpec[]): 'f64' | 'f32' {
  const dtype = commonDType(op, inputs);
  if (dtype === 'i32')
    throw new DTypeError(`${op}: operands must be f64 or f32, got i32 (convert with astype)`);
  return dtype;
}
