// An operation is a row: a name, a rule for the shapes of its results, what it runs, and its derivatives written in operations.
// `apply` is how every row is called.
import { describe } from '../core/describe.js';
import type { DType } from '../core/dtype.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import type { Owned } from '../core/scope-stack.js';
import { checkSize, type Shape } from '../core/shape.js';
import { allocate, Tensor, viewOf } from '../core/tensor.js';
import { outside, traceOf } from './tracer.js';
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
  /** What `evaluate` has kept for the derivatives. */
  readonly residuals?: unknown;
  /** For opaque operations in reverse mode: what `make` gives, kept from the second call on until the recording ends. */
  memo?(make: () => Tensor[]): readonly Tensor[];
}

/** A graph, as a row sees it. */
export interface Body extends Owned {
  /** One more owner, who disposes of it as well. */
  hold(): this;
}

/** What an opaque operation gives. */
export interface Evaluation {
  readonly outputs: readonly Tensor[];
  /** What its derivatives need beside inputs and outputs: a tree of tensors. */
  readonly residuals?: unknown;
}

/** A derivative; undefined stands for zeros. */
export type Derivative = Tensor | undefined;

/** What a rewriting rule sees of an operand: its shape and dtype, and how it is computed. */
export interface RewriteOperand extends TensorSpec {
  /** Its value, for a scalar that is the same in every run. */
  readonly number: number | undefined;
  /** The row that computes it, with its parameters and operands; undefined for inputs and constants. */
  readonly op: Op<unknown> | undefined;
  readonly params: unknown;
  readonly inputs: readonly RewriteOperand[];
  /** False for a value computed before a checkpoint that the call comes after: it must not be looked into. */
  readonly isRecent: boolean;
}

/** An operand of a rewritten call: one that is there, a number, or a number times one that is there. */
export type Rewritten =
  | RewriteOperand
  | number
  | { readonly factor: number; readonly operand: RewriteOperand };

/** The call that takes the place of another one. */
export interface Rewrite {
  readonly op: Op<never>;
  readonly inputs: readonly Rewritten[];
  readonly params?: unknown;
}

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
  /**
   * In the place of `prepare`, for a function of the user's with derivatives of its own: calls it on the inputs as they are (values,
   * or tracers of transformations around the one that asks). In a graph the call holds what the function does as a graph (`body`).
   */
  evaluate?(inputs: readonly Tensor[], params: P): Evaluation;
  /** Whether `evaluate` gives residuals. */
  readonly residuals?: boolean;
  /** For a row that is made for one call: what it does, or one step of it, as graphs, which whoever notes the call holds. */
  readonly bodies?: readonly Body[];
  /** True if a program may put what `body` does in the place of a call. */
  readonly inline?: boolean;
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
  /**
   * Where the result lies in the one input of shape `input`: elements from the input's first one. Undefined where the elements
   * do not follow each other there. A row without `prepare` is a view always.
   */
  view?(params: P, input: Shape): number | undefined;
  /** The reverse of `view`: the result, of shape `output`, is the input of shape `input` from this element on, and zeros around. */
  embed?(params: P, input: Shape, output: Shape): number | undefined;
  /**
   * Batching rule of a structural row: the parameters for `operands` inputs with one more leading axis of extent `width`, where
   * `shape` is the shape of the (first) result without it. Every part keeps its bits. Undefined where there are none.
   * Elementwise rows need no rule.
   */
  batch?(params: P, width: number, shape: Shape, operands: number): unknown;
  /** The codes of the operation in assembly/array/chain.ts, for the running value as the first and as the second operand. */
  readonly chain?: readonly [number, number] | readonly [number];
  /** For a product: per operand, the number for which the result is the other operand, bit by bit. */
  readonly unit?: readonly (number | undefined)[];
  /** True if the result is the input, repeated by the rules of broadcasting. */
  readonly repeats?: boolean;
  /** A cheaper call with the same bits (but for the sign of a NaN), or undefined. */
  rewrite?(inputs: readonly RewriteOperand[]): Rewrite | undefined;
  /** For a row that is made for one program: the bytes that it holds. */
  bytes?(): number;
  /** For a row that is made for one program: frees what it holds, when the program goes. */
  dispose?(): void;
}

/** Calls an operation: checks, allocates the results, runs. When it throws, nothing has been allocated. */
export function applyAll<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
  const trace = traceOf(op.name, inputs);
  if (trace !== undefined) return outside(trace, () => trace.apply(op, inputs, params));
  if (op.evaluate !== undefined) return [...op.evaluate(inputs, params).outputs];
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
    eagerWorkspace.use(op.name, () => op.prepare?.(outputs, inputs, params, eagerWorkspace)());
}

/** The specs of an operation's results, with shapes that nobody can change and that kernels can count. */
export function specsOf<P>(op: Op<P>, inputs: readonly TensorSpec[], params: P): readonly TensorSpec[] {
  const specs = op.shape(inputs, params);
  const list = (Array.isArray(specs) ? specs : [specs]) as readonly TensorSpec[];
  return list.map(({ shape, dtype }) => {
    checkSize(op.name, shape);
    return { shape: Object.isFrozen(shape) ? shape : Object.freeze([...shape]), dtype };
  });
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
