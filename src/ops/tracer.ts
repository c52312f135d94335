// Tracer: a tensor that a transformation traces. It stands for a value that is known now (gradients) or later (graphs).
import { ArgumentError } from '../core/errors.js';
import { lastBirth, type Storage, Tensor } from '../core/tensor.js';
import type { Op } from './op.js';

/** A transformation in progress: it handles the operations on its tensors. */
export interface Trace {
  /** Nesting level: among several traces, the innermost handles the operation. */
  readonly level: number;
  /** False once it is over: tensors that escaped from it cannot be used any more. */
  readonly open: boolean;
  /** Its name in messages: 'grad', 'jvp', 'compile'. */
  readonly name: string;
  /** Runs the operation on inputs, at least one of which belongs to this trace or was captured by this recording. */
  apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[];
}

let epoch = 0;

/**
 * Epoch of a program: values that are recomputed on purpose, to save memory, must not be merged with the earlier ones.
 * Recordings note the epoch with each operation.
 */
export function recomputeEpoch(): number {
  return epoch;
}

/** Starts a new epoch: what follows is computed again. */
export function advanceEpoch(): void {
  epoch++;
}

/** A value was read while only shapes are known: the function cannot be traced. */
export class UnknownValueError extends ArgumentError {}

/** Where a tensor comes from that is a norm, or a multiple of one. */
export interface NormOrigin {
  readonly of: Tensor;
  /** Which axes it is over, and how it keeps them. */
  readonly axes: string;
  readonly factor: number;
  /** The product of two such tensors, as this operation gives it, with the derivatives of factor ‖x‖². */
  product(by: 'square' | 'mul' | 'pow', operands: readonly Tensor[], factor: number): Tensor;
}

/** A tensor without storage of its own. */
export abstract class Tracer extends Tensor {
  abstract readonly trace: Trace;
  /** Set if it is a norm: the derivative of its square at 0 does not follow from that of the norm. */
  norm: NormOrigin | undefined;
  /** Whether `dispose` frees anything. */
  readonly disposable: boolean = false;

  override get address(): number {
    return this.withoutMemory();
  }

  override get storage(): Storage {
    return this.withoutMemory();
  }

  /** The error for functions that are not operations and ask for the memory. */
  protected withoutMemory(): never {
    throw new ArgumentError(
      `${this.trace.name}: a function that has no derivative was called on a tensor that is differentiated ` +
        '(pass it stopGradient(x), or give it derivatives with defineOp, customVjp or implicitRoot)',
    );
  }

  override watch(): void {
    // Nothing to free: its contents belong to the trace.
  }
}

/** The product of two norms of one tensor, or of multiples of them; undefined for other operands. */
export function productOfNorms(by: 'square' | 'mul' | 'pow', a: unknown, b: unknown = a): Tensor | undefined {
  if (!(a instanceof Tracer && b instanceof Tracer) || a.norm === undefined || b.norm === undefined)
    return undefined;
  const [first, second] = [a.norm, b.norm];
  if (first.of !== second.of || first.axes !== second.axes || first.of.isDisposed) return undefined;
  return first.product(by, by === 'mul' ? [a, b] : [a], first.factor * second.factor);
}

/** A recording in progress, and the last storage that existed when it began. */
interface Recording {
  readonly trace: Trace;
  readonly since: number;
}

/** Recordings in progress, outermost first; hidden while an enclosing transformation runs. */
let recordings: Recording[] = [];

/** Runs `f` while `trace` records it: operations on tensors from outside of f are recorded, too. */
export function duringRecording<T>(trace: Trace, f: () => T): T {
  recordings.push({ trace, since: lastBirth() });
  try {
    return f();
  } finally {
    recordings.pop();
  }
}

/** Whether a function is being recorded, so that operations may be recorded instead of run. */
export function isRecording(): boolean {
  return recordings.length > 0;
}

/**
 * Whether a tensor with memory existed before the current recording, so that its values may change between runs.
 */
export function isCaptured(x: Tensor): boolean {
  return recordings.length > 0 && x.storage.born <= recordings[0].since;
}

/** The same for an enclosing recording. */
export function isCapturedAround(x: Tensor, trace: Trace): boolean {
  return isCaptured(x) && recordings[0].trace !== trace;
}

/**
 * Whether the elements are known now and never change: the tensor is not traced, and no recording has captured it.
 */
export function isKnown(x: Tensor): boolean {
  return !(x instanceof Tracer) && !isCaptured(x);
}

/** The trace that handles an operation: the innermost one of its inputs, or the recording that captured one of them. */
export function traceOf(name: string, inputs: readonly Tensor[]): Trace | undefined {
  let found: Trace | undefined;
  for (const input of inputs) {
    if (input instanceof Tracer && (found === undefined || input.trace.level > found.level))
      found = input.trace;
  }
  if (found === undefined) return recordings.length > 0 ? recordingOf(inputs) : undefined;
  if (!found.open) {
    throw new ArgumentError(
      `${name}: an operand was made inside ${found.name} and used after it had ended (return it from the function instead)`,
    );
  }
  return found;
}

function recordingOf(inputs: readonly Tensor[]): Trace | undefined {
  const { trace } = recordings[0];
  for (const input of inputs) if (isCaptured(input)) return trace;
  return undefined;
}

/** Runs `f`, a step of a transformation around a recording, outside of that recording. */
export function outside<T>(trace: Trace, f: () => T): T {
  if (recordings.length === 0 || recordings[0].trace.level <= trace.level) return f();
  const hidden = recordings;
  recordings = [];
  try {
    return f();
  } finally {
    recordings = hidden;
  }
}
