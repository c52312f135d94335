// An operation is a row: a name, a rule for the shapes of its results, what it runs, and its derivatives written in operations.
// `apply` is how every row is called.
import { describe } from '../core/describe.js';
import type { DType } from '../core/dtype.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import type { Shape } from '../core/shape.js';
import { allocate, Tensor, viewOf } from '../core/tensor.js';
import { traceOf } from './tracer.js';
import { eagerWorkspace, type Workspace } from './workspace.js';

/** What a shape rule sees of a tensor. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Where a derivative is taken. */
export interface Linearization<P> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly params: P;
  /** Which inputs a derivative is wanted for; a rule may leave the others undefined. */
  readonly wanted: readonly boolean[];
}

/** A derivative; undefined stands for zeros. */
export type Derivative = Tensor | undefined;

/**
 * One row of the table of operations. Inputs are tensors, everything else is in `params`, which are plain data. Without
 * `linear`, `jvp` or `vjp` the result is a constant to every derivative; of `jvp` and `vjp` one is enough, the other follows.
 */
export interface Op<P = undefined> {
  /** The name that errors and graphs show. */
  readonly name: string;
  /** Shape and dtype of the result, or of each of several; throws what is wrong with the inputs. */
  shape(inputs: readonly TensorSpec[], params: P): TensorSpec | readonly TensorSpec[];
  /**
   * Gets ready once to write every element of the outputs any number of times; the inputs' addresses may change in between,
   * so they are read in the function that is returned. Not called when there are no outputs with elements. Absent where the
   * result is a view of the one input.
   */
  prepare?(outputs: readonly Tensor[], inputs: readonly Tensor[], params: P, space: Workspace): () => void;
  /** True if the result is linear in all inputs together, so that the operation itself takes tangents to tangents. */
  readonly linear?: boolean;
  /** Tangents of the outputs (one, or an array for several) out of those of the inputs. */
  jvp?(tangents: readonly Derivative[], point: Linearization<P>): Derivative | readonly Derivative[];
  /** Cotangents of the inputs out of those of the outputs, of which at least one is there. */
  vjp?(cotangents: readonly Derivative[], point: Linearization<P>): readonly Derivative[];
  /**
   * For what works element by element on inputs that broadcast: the kernel for these dtypes, called with a descriptor's
   * number of axes and address (the inputs' strides in its rows), the output's address and the inputs'.
   */
  elementwise?(output: DType, inputs: readonly DType[]): (...args: number[]) => void;
  /** For a row that is made for one program: the bytes that it holds. */
  bytes?(): number;
  /** For a row that is made for one program: frees what it holds, when the program goes. */
  dispose?(): void;
}

/** Calls an operation: checks, allocates the results, runs. When it throws, nothing has been allocated. */
export function applyAll<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
  const trace = traceOf(op.name, inputs);
  if (trace !== undefined) return trace.apply(op, inputs, params);
  const specs = specsOf(op, inputs, params);
  if (op.prepare === undefined) return [viewOf(inputs[0], specs[0].shape)];
  for (const input of inputs) void input.address; // a disposed input is an error before anything is allocated
  const outputs: Tensor[] = [];
  try {
    for (const { shape, dtype } of specs) outputs.push(allocate(shape, dtype, op.name));
    applyInto(op, outputs, inputs, params);
    return outputs;
  } catch (error) {
    for (const output of outputs) output.dispose();
    throw error;
  }
}

/** Calls an operation with one result. */
export function apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor {
  return applyAll(op, inputs, params)[0];
}

/** Runs an operation once into tensors that are there already, of the shapes that its rule gives. */
export function applyInto<P>(
  op: Op<P>,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  params: P,
): void {
  if (outputs.some((output) => output.size > 0))
    eagerWorkspace.use(() => op.prepare?.(outputs, inputs, params, eagerWorkspace)());
}

/** The specs of an operation's results, with shapes that nobody can change. */
export function specsOf<P>(op: Op<P>, inputs: readonly TensorSpec[], params: P): readonly TensorSpec[] {
  const specs = op.shape(inputs, params);
  const list = (Array.isArray(specs) ? specs : [specs]) as readonly TensorSpec[];
  return list.map(({ shape, dtype }) => ({
    shape: Object.isFrozen(shape) ? shape : Object.freeze([...shape]),
    dtype,
  }));
}

/** Whether derivatives go through the operation. */
export function isDifferentiable(op: Op<never>): boolean {
  return op.linear === true || op.jvp !== undefined || op.vjp !== undefined;
}

/** `x` if it is a tensor. */
export function checkTensor(op: string, argument: string, x: unknown): Tensor {
  if (x instanceof Tensor) return x;
  throw new ArgumentError(`${op}: ${argument} must be a tensor, got ${describe(x)}`);
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
