// An operation is a row: its name, shape rule, implementation, and derivatives written in operations.
// `apply` calls a row.
import { describe } from '../core/describe.js';
import type { DType } from '../core/dtype.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import type { Owned } from '../core/scope-stack.js';
import { checkSize, type Shape } from '../core/shape.js';
import { allocate, Tensor, viewOf } from '../core/tensor.js';
import { outside, type Trace, traceOf } from './tracer.js';
import { eagerWorkspace, type Workspace } from './workspace.js';

/** What a shape rule knows of a tensor. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The point at which a derivative is taken. */
export interface Linearization<P> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly params: P;
  /** Which inputs need a derivative; a rule may leave the others undefined. */
  readonly wanted: readonly boolean[];
  /** The residuals that `evaluate` kept for the derivatives. */
  readonly residuals?: unknown;
  /**
   * In reverse mode, of opaque operations and those that memoize: caches the result of `make` until the recording ends;
   * of opaque operations from the second call on.
   */
  memo?(make: () => Tensor[]): readonly Tensor[];
}

/** A graph, as far as a row needs to know it. */
export interface Body extends Owned {
  /** Adds an owner, which must dispose of the graph as well. */
  hold(): this;
}

/** The result of an opaque operation. */
export interface Evaluation {
  readonly outputs: readonly Tensor[];
  /** What its derivatives need besides inputs and outputs: a tree of tensors. */
  readonly residuals?: unknown;
}

/** A derivative; undefined stands for zeros. */
export type Derivative = Tensor | undefined;

/** An operand as a rewriting rule sees it: its shape and dtype, and how it is computed. */
export interface RewriteOperand extends TensorSpec {
  /** Its value, if it is a scalar with the same value in every run. */
  readonly number: number | undefined;
  /** The row that computes it, with its parameters and operands; undefined for inputs and constants. */
  readonly op: Op<unknown> | undefined;
  readonly params: unknown;
  readonly inputs: readonly RewriteOperand[];
  /** False for a value that was computed before a checkpoint that the call comes after: rules must not look into it. */
  readonly isRecent: boolean;
}

/** An operand of a rewritten call: an existing one, a number, or a number times an existing one. */
export type Rewritten =
  | RewriteOperand
  | number
  | { readonly factor: number; readonly operand: RewriteOperand };

/** The call that replaces another one. */
export interface Rewrite {
  readonly op: Op<never>;
  readonly inputs: readonly Rewritten[];
  readonly params?: unknown;
}

/**
 * One row of the table of operations. Inputs are tensors; everything else is in `params`, which is plain data. Without
 * `linear`, `jvp` or `vjp` the result is a constant to every derivative. One of `jvp` and `vjp` is enough.
 */
export interface Op<P = undefined> {
  /** The name in errors and graphs. */
  readonly name: string;
  /** Shape and dtype of the result, or of each of several results; throws if the inputs are invalid. */
  shape(inputs: readonly TensorSpec[], params: P): TensorSpec | readonly TensorSpec[];
  /**
   * Prepares once, and returns a function that writes every element of the outputs any number of times. That function
   * must read the addresses of the inputs, since they may change between calls. Not called if no output has elements.
   * Absent if the result is a view of the only input.
   */
  prepare?(outputs: readonly Tensor[], inputs: readonly Tensor[], params: P, space: Workspace): () => void;
  /**
   * Instead of `prepare`, for a user's function with custom derivatives: calls it on the inputs (values, or tracers of
   * enclosing transformations). In a graph, the call holds the graph of the function (`body`).
   */
  evaluate?(inputs: readonly Tensor[], params: P): Evaluation;
  /** Whether the vjp rule keeps something from its first call on for the others (`Linearization.memo`). */
  readonly memoizes?: boolean;
  /** Whether `evaluate` returns residuals. */
  readonly residuals?: boolean;
  /** For a row made for one call: graphs of what it does, or of one step of it. Whoever records the call holds them. */
  readonly bodies?: readonly Body[];
  /** True if a program may replace a call by its `body`. */
  readonly inline?: boolean;
  /** True if the result is linear in all inputs together: the operation then maps tangents to tangents itself. */
  readonly linear?: boolean;
  /** Tangents of the outputs (one, or an array for several) from those of the inputs. */
  jvp?(tangents: readonly Derivative[], point: Linearization<P>): Derivative | readonly Derivative[];
  /** Cotangents of the inputs from those of the outputs, at least one of which is defined. */
  vjp?(cotangents: readonly Derivative[], point: Linearization<P>): readonly Derivative[];
  /**
   * For elementwise operations on inputs that broadcast: the kernel for these dtypes. Its arguments are the number of
   * axes and the address of a descriptor (with the strides of the inputs in its rows), the address of the output, and
   * those of the inputs.
   */
  elementwise?(output: DType, inputs: readonly DType[]): (...args: number[]) => void;
  /**
   * Where the result lies in the only input, of shape `input`: its offset in elements. Undefined if the elements are
   * not contiguous there. A row without `prepare` is always a view.
   */
  view?(params: P, input: Shape): number | undefined;
  /**
   * The reverse of `view`: the result, of shape `output`, is the input, of shape `input`, at this offset, and zeros
   * around it.
   */
  embed?(params: P, input: Shape, output: Shape): number | undefined;
  /**
   * Batching rule of a structural row: the parameters for `operands` inputs with one more leading axis of extent
   * `width`; `shape` is the shape of the (first) result without that axis. Every part keeps its bits. Undefined if
   * there are no such parameters. Elementwise rows need no rule.
   */
  batch?(params: P, width: number, shape: Shape, operands: number): unknown;
  /** The codes of the operation in assembly/array/chain.ts, with the running value as first and as second operand. */
  readonly chain?: readonly [number, number] | readonly [number];
  /** For a product: per operand, the number for which the result equals the other operand bit by bit. */
  readonly unit?: readonly (number | undefined)[];
  /** True if the result is the input, broadcast. */
  readonly repeats?: boolean;
  /** A cheaper call with the same bits (except for the sign of a NaN), or undefined. */
  rewrite?(inputs: readonly RewriteOperand[]): Rewrite | undefined;
}

/** Calls an operation: checks, allocates the results, runs. If it throws, nothing stays allocated. */
export function applyAll<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
  const trace = traceOf(op.name, inputs);
  if (trace !== undefined) return applyTraced(trace, op, inputs, params);
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

/** Apart from the above, whose variables would otherwise be kept on the heap for the closure at every call. */
function applyTraced<P>(trace: Trace, op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
  return outside(trace, () => trace.apply(op, inputs, params));
}

/** Calls an operation with one result. */
export function apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor {
  return applyAll(op, inputs, params)[0];
}

/** Runs an operation once into existing tensors with the shapes that its rule gives. */
export function applyInto<P>(
  op: Op<P>,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  params: P,
): void {
  for (let i = 0; i < outputs.length; i++) {
    if (outputs[i].size === 0) continue;
    eagerWorkspace.use(op.name, () => op.prepare?.(outputs, inputs, params, eagerWorkspace)());
    return;
  }
}

/** The specs of an operation's results, with frozen shapes of a size that kernels can count. */
export function specsOf<P>(op: Op<P>, inputs: readonly TensorSpec[], params: P): readonly TensorSpec[] {
  const specs = op.shape(inputs, params);
  return Array.isArray(specs)
    ? specs.map((spec) => frozenSpec(op.name, spec))
    : [frozenSpec(op.name, specs as TensorSpec)];
}

/** A frozen shape is that of a tensor, or has been checked. */
function frozenSpec(name: string, { shape, dtype }: TensorSpec): TensorSpec {
  if (Object.isFrozen(shape)) return { shape, dtype };
  checkSize(name, shape);
  return { shape: Object.freeze([...shape]), dtype };
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

/** The common dtype of all inputs. */
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

/** The common dtype of all inputs, which must be f64 or f32. */
export function commonFloat(op: string, inputs: readonly TensorSpec[]): 'f64' | 'f32' {
  const dtype = commonDType(op, inputs);
  if (dtype === 'i32')
    throw new DTypeError(`${op}: operands must be f64 or f32, got i32 (convert with astype)`);
  return dtype;
}
