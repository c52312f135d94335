// Tracer: a tensor that a transformation follows. It stands for a value that is known now (gradients) or later (graphs).
import { ArgumentError } from '../core/errors.js';
import { lastBirth, type Storage, Tensor } from '../core/tensor.js';
import type { Op } from './op.js';

/** A transformation under way: what happens when an operation meets one of its tensors. */
export interface Trace {
  /** Nesting: of several, the one that began last decides. */
  readonly level: number;
  /** False once it is over: a tensor that escaped from it can be used no more. */
  readonly open: boolean;
  /** As messages name it: 'grad', 'jvp', 'compile'. */
  readonly name: string;
  /** Runs the operation on inputs of which at least one is of this trace, or captured by this recording. */
  apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[];
}

let epoch = 0;

/**
 * Epoch of a program: what runs again on purpose, to be forgotten in between, must not be taken for what ran before. Whoever
 * records operations notes the epoch beside each.
 */
export function recomputeEpoch(): number {
  return epoch;
}

/** What follows is computed anew. */
export function advanceEpoch(): void {
  epoch++;
}

/** A value was read while only shapes are known: the function cannot be traced as it is. */
export class UnknownValueError extends ArgumentError {}

/** A tensor without storage of its own. */
export abstract class Tracer extends Tensor {
  abstract readonly trace: Trace;
  /** Whether `dispose` frees anything. */
  readonly disposable: boolean = false;

  override get address(): number {
    return this.withoutMemory();
  }

  override get storage(): Storage {
    return this.withoutMemory();
  }

  /** What a function that is no operation is told when it asks for the memory. */
  protected withoutMemory(): never {
    throw new ArgumentError(
      `${this.trace.name}: a function that has no derivative was called on a tensor that is differentiated ` +
        '(pass it stopGradient(x), or give it derivatives with defineOp, customVjp or implicitRoot)',
    );
  }

  override watch(): void {
    // Nothing to free: what it holds belongs to the trace.
  }
}

/** A recording of a function under way, and the last storage that there was when it began. */
interface Recording {
  readonly trace: Trace;
  readonly since: number;
}

/** Recordings under way, the outermost first; hidden while a transformation around them runs. */
let recordings: Recording[] = [];

/** Runs `f` as the function that `trace` records: operations on tensors from outside of f are recorded, too. */
export function duringRecording<T>(trace: Trace, f: () => T): T {
  recordings.push({ trace, since: lastBirth() });
  try {
    return f();
  } finally {
    recordings.pop();
  }
}

/** Whether a function is being recorded, so that operations may be noted in the place of being run. */
export function isRecording(): boolean {
  return recordings.length > 0;
}

/** Whether a tensor with memory was there before the recording that is under way, so that its values may change between runs. */
export function isCaptured(x: Tensor): boolean {
  return recordings.length > 0 && x.storage.born <= recordings[0].since;
}

/** The same for a recording around this one. */
export function isCapturedAround(x: Tensor, trace: Trace): boolean {
  return isCaptured(x) && recordings[0].trace !== trace;
}

/** Whether the elements are known now and never change: no transformation follows the tensor, and no recording has captured it. */
export function isKnown(x: Tensor): boolean {
  return !(x instanceof Tracer) && !isCaptured(x);
}

/** The trace that an operation belongs to: the innermost of those of its inputs, or the recording that has captured one. */
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

/** Runs `f`, a step of a transformation around a recording, which has no part in it. */
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
